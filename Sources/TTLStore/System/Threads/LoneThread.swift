/// A thread for one piece of blocking work: opening, closing or restoring, when a store has no threads of its own.
enum LoneThread {
    /// Suspends until `body` has run.
    static func run<Success: Sendable>(
        _ name: String, _ body: @escaping @Sendable () throws(TTLStoreError) -> Success
    ) async throws(TTLStoreError) -> Success {
        let outcome = GivenResult<Result<Success, TTLStoreError>>()
        let work: @Sendable () -> Void = { outcome.give(Result { () throws(TTLStoreError) in try body() }) }
        do throws(ThreadError) {
            try OwnedThread(name: name, body: work).detach()
        } catch {
            // Where the system gives no thread, the caller's thread does the work.
            work()
        }
        return try await outcome.value.get()
    }

    /// As `run`, for work that calls closures of the program: `body` runs as a part of the task.
    static func runWithinTask(_ name: String, _ body: @escaping @Sendable () throws -> Void) async throws {
        let piece = TaskPiece()
        let outcome = PieceOutcome(Result<Void, any Error>.success(()))
        await piece.run {
            let work: @Sendable () -> Void = { piece.perform { outcome.result = Result { try body() } } }
            do throws(ThreadError) { try OwnedThread(name: name, body: work).detach() } catch { work() }
        }
        try outcome.result.get()
    }
}
