extension Engine {
    /// How the closure of a transaction ended.
    private struct Ended<Success: Sendable>: Sendable {
        let result: Result<Success, any Error>
        /// Whether the closure has called `close()`, which takes effect when its transaction is over.
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
                // Nothing was thrown, so the closure has returned.
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

    /// The error of the closure; an error of the transaction is reported like that of any write.
    private func own(_ failure: TTLStoreError, or error: any Error) -> any Error {
        guard let error = error as? TTLStoreError, error.sqliteCode == failure.sqliteCode, error.code == failure.code
        else { return error }
        return noted(error)
    }

    /// Never throws, so that an error of the closure reaches the caller unchanged; `TransactionChanges.mustRollBack`
    /// rolls back a transaction that must not be kept.
    private func transactionOperation<Success>(
        _ name: String, _ body: @escaping @Sendable (TTLStore.Transaction) throws -> Success
    ) -> WriteOperation<Ended<Success>> {
        WriteOperation(name, sharesCommit: false) { [self] writer, now in
            let transaction = TTLStore.Transaction(writer, now: now, configuration: configuration, stop: stop)
            var result = Result { try closures.run(on: file.identity) { try body(transaction) } }
            transaction.end()
            // An error of the file, or the closing of the store, has ended the transaction, even if the closure has
            // caught it.
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
