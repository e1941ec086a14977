extension Engine {
    /// Runs a closure of the program in a transaction, on the calling thread.
    func transaction<Success>(
        _ name: String, _ body: (TTLStore.Transaction) throws -> Success
    ) throws -> Success {
        defer { if closures.takeWish() { close() } }
        return try withoutActuallyEscaping(body) { body in
            // Neither leaves this thread: a synchronous request that is alone is led by the thread that brought it.
            nonisolated(unsafe) let body = body
            nonisolated(unsafe) var success: Success?
            let result = try write(transactionOperation(name) { transaction in success = try body(transaction) })
            try result.get()
            // The closure has returned, since nothing was thrown.
            return success!
        }
    }

    func transaction<Success: Sendable>(
        _ name: String, _ body: @escaping @Sendable (TTLStore.Transaction) throws -> Success
    ) async throws -> Success {
        let result: Result<Result<Success, any Error>, TTLStoreError>
        do throws(TTLStoreError) {
            result = .success(try await write(transactionOperation(name, body)))
        } catch { result = .failure(error) }
        if closures.takeWish() { await closeSuspending() }
        return try result.get().get()
    }

    func closeSuspending() async {
        _ = try? await AsyncReads(limit: 1).run { [self] () throws(TTLStoreError) in close() }
    }

    private func transactionOperation<Success>(
        _ name: String, _ body: @escaping @Sendable (TTLStore.Transaction) throws -> Success
    ) -> WriteOperation<Result<Success, any Error>> {
        WriteOperation(name, alone: true) { [self] writer, now in
            let transaction = TTLStore.Transaction(writer, now: now, configuration: configuration, stop: stop)
            let result = Result { try closures.run { try body(transaction) } }
            transaction.end()
            if case .failure = result {
                writer.mustRollBack = true
            } else if let failure = transaction.failure {
                throw failure.renamed(name)
            }
            return result
        }
    }
}
