extension Engine {
    /// How the closure of a transaction ended.
    private struct Ended<Success: Sendable>: Sendable {
        let result: Result<Success, any Error>
        /// Whether the closure has closed the store, which is done when its transaction is over.
        let hasClosed: Bool
    }

    /// Runs a closure of the program in a transaction, on the calling thread.
    func transaction<Success>(
        _ name: String, _ body: (TTLStore.Transaction) throws -> Success
    ) throws -> Success {
        try inside {
            try withoutActuallyEscaping(body) { body in
                // Neither leaves this thread, which leads its request itself, since that shares no commit.
                nonisolated(unsafe) let body = body
                nonisolated(unsafe) var success: Success?
                let ended = try write(transactionOperation(name) { transaction in success = try body(transaction) })
                try ended.result.get()
                // The closure has returned, since nothing was thrown.
                return success!
            }
        }
    }

    func transaction<Success: Sendable>(
        _ name: String, _ body: @escaping @Sendable (TTLStore.Transaction) throws -> Success
    ) async throws -> Success {
        let ended = try await writeWithinTask(transactionOperation(name, body))
        if ended.hasClosed { await closeSuspending() }
        return try ended.result.get()
    }

    /// The closure's error; one that the transaction has thrown is told as other writes tell it.
    private func own(_ failure: TTLStoreError, or error: any Error) -> any Error {
        guard let error = error as? TTLStoreError, error.sqliteCode == failure.sqliteCode, error.code == failure.code
        else { return error }
        return noted(error)
    }

    /// Throws nothing itself, so that an error of the closure's own is handed on as it is: a transaction that must not
    /// be kept is rolled back by `TransactionChanges.mustRollBack`.
    private func transactionOperation<Success>(
        _ name: String, _ body: @escaping @Sendable (TTLStore.Transaction) throws -> Success
    ) -> WriteOperation<Ended<Success>> {
        WriteOperation(name, sharesCommit: false) { [self] writer, now in
            let transaction = TTLStore.Transaction(writer, now: now, configuration: configuration, stop: stop)
            var result = Result { try closures.run(on: file.identity) { try body(transaction) } }
            transaction.end()
            // Whatever the closure makes of it: an error of the file, or the closing of the store, has ended it.
            if let failure = transaction.failure {
                switch result {
                case .success: result = .failure(noted(failure).renamed(name))
                case .failure(let error): result = .failure(own(failure, or: error))
                }
            }
            if case .failure = result { writer.changes.mustRollBack = true }
            return Ended(result: result, hasClosed: stop.isSet && gate.hasAsked)
        }
    }
}
