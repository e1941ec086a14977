import Synchronization

/// A change that waits to be committed, alone or together with others.
class WriteRequest: @unchecked Sendable {
    // Sendable: the commit queue hands it from the caller to the leader and back under its lock.
    let operation: String
    /// True for a request that shares no commit with others, and is rolled back if it fails.
    let isAlone: Bool
    /// Set when the request has to wait for its turn; a lone writer needs no clock.
    var deadline: MonotonicTime?
    private let done = Atomic<Bool>(false)

    init(_ operation: String, isAlone: Bool) {
        self.operation = operation
        self.isAlone = isAlone
    }

    /// Set under the queue's lock; may be read without it.
    var isDone: Bool { done.load(ordering: .acquiring) }

    func markDone() { done.store(true, ordering: .releasing) }

    func isExpired(at now: MonotonicTime) -> Bool { deadline.map { $0 <= now } ?? false }

    /// Runs the change inside a transaction, and keeps its result or its error.
    func run(_ writer: EntryWriter) { preconditionFailure("a subclass overrides this") }

    /// Replaces whatever `run` left.
    func fail(_ error: TTLStoreError) { preconditionFailure("a subclass overrides this") }

    var hasFailed: Bool { preconditionFailure("a subclass overrides this") }

    /// True for a caller that waits on a condition, false for one that is told by `complete()`.
    var isSynchronous: Bool { true }

    /// Called after the commit or the failure, outside all locks.
    func complete() {}
}

/// A request with its result.
class WriteRequestOf<Success: Sendable>: WriteRequest, @unchecked Sendable {
    private let body: @Sendable (EntryWriter, Timestamp) throws -> Success
    private(set) var result: Result<Success, TTLStoreError>?

    init(_ operation: WriteOperation<Success>) {
        body = operation.body
        super.init(operation.name, isAlone: operation.isAlone)
    }

    override func run(_ writer: EntryWriter) {
        do {
            result = .success(try body(writer, writer.clock.now))
        } catch {
            fail(TTLStoreError(any: error, in: operation))
        }
    }

    override var hasFailed: Bool {
        if case .failure = result { true } else { false }
    }

    override func fail(_ error: TTLStoreError) { result = .failure(error) }

    /// The queue marks no request done that has no result.
    func get() throws(TTLStoreError) -> Success { try result!.get() }
}

/// A request whose caller is a task.
final class AsyncWriteRequest<Success: Sendable>: WriteRequestOf<Success>, @unchecked Sendable {
    private let continuation: CheckedContinuation<Result<Success, TTLStoreError>, Never>

    init(
        _ operation: WriteOperation<Success>,
        _ continuation: CheckedContinuation<Result<Success, TTLStoreError>, Never>
    ) {
        self.continuation = continuation
        super.init(operation)
    }

    override var isSynchronous: Bool { false }

    override func complete() {
        if let result { continuation.resume(returning: result) }
    }
}
