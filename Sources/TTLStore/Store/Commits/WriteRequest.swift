import Synchronization

/// A caller that waits for the turn, together with its work.
class WriteRequest: TurnRequest, @unchecked Sendable {
    // Sendable: the commit queue hands it from the caller to the leader and back under its lock.
    let operation: String
    let mayShareCommit: Bool
    /// Set when the request has to wait for its turn; a lone writer needs no clock.
    final var deadline = MonotonicTime(nanoseconds: .max)
    private let done = Atomic<Bool>(false)

    init(_ operation: String, mayShareCommit: Bool) {
        self.operation = operation
        self.mayShareCommit = mayShareCommit
    }

    /// Set under the queue's lock; may be read without it.
    final var isDone: Bool { done.load(ordering: .acquiring) }

    final func markDone() {
        letGo()
        done.store(true, ordering: .releasing)
    }

    /// Releases the objects to which its work refers. The caller of a closure that does not escape returns once the
    /// request is done, while other threads may still refer to it.
    func letGo() {}

    var goesFirst: Bool { false }

    /// True for a batch, a checkpoint or maintenance, false for changes of the program.
    var isOwnTurn: Bool { false }

    /// True for a caller that waits on a condition, false for a caller that learns of the end by `complete()`.
    var hasThread: Bool { true }

    /// Runs the change inside a transaction, and keeps its result or its error.
    func run(_ writer: EntryWriter) { preconditionFailure("a subclass overrides this") }

    /// Replaces the result of `run`.
    func fail(_ error: TTLStoreError) { preconditionFailure("a subclass overrides this") }

    var hasFailed: Bool { preconditionFailure("a subclass overrides this") }

    /// Called after the commit or the failure, outside all locks.
    func complete() {}
}

/// A change with its result.
class WriteRequestOf<Success: Sendable>: WriteRequest, @unchecked Sendable {
    private var body: (@Sendable (EntryWriter, Timestamp) throws -> Success)?
    private(set) final var result: Result<Success, TTLStoreError>?

    init(_ operation: WriteOperation<Success>) {
        body = operation.body
        super.init(operation.name, mayShareCommit: operation.mayShareCommit)
    }

    override final func run(_ writer: EntryWriter) {
        guard let body else { return }
        do {
            result = .success(try body(writer, writer.clock.now))
        } catch {
            fail(TTLStoreError(any: error, in: operation))
        }
    }

    override final var hasFailed: Bool {
        if case .failure = result { true } else { false }
    }

    override final func fail(_ error: TTLStoreError) { result = .failure(error) }

    override final func letGo() { body = nil }

    /// The queue marks a request as done only if it has a result.
    final func get() throws(TTLStoreError) -> Success { try result!.get() }
}

/// A change whose caller is a task.
final class AsyncWriteRequest<Success: Sendable>: WriteRequestOf<Success>, @unchecked Sendable {
    let outcome = GivenResult<Result<Success, TTLStoreError>>()

    override var hasThread: Bool { false }

    override func complete() { outcome.give(result!) }
}

/// A change whose body runs as a piece of the task that waits for it.
final class TaskWriteRequest<Success: Sendable>: WriteRequestOf<Success>, @unchecked Sendable {
    let piece: TaskPiece
    let outcome = GivenResult<Result<Success, TTLStoreError>>()

    init(_ operation: WriteOperation<Success>, _ piece: TaskPiece) {
        self.piece = piece
        super.init(
            WriteOperation(operation.name, sharesCommit: operation.mayShareCommit) { writer, now in
                var result = Result<Success, any Error>.failure(TTLStoreError.closed(operation.name))
                piece.perform { result = Result { try operation.body(writer, now) } }
                return try result.get()
            })
    }

    override var hasThread: Bool { false }

    override func complete() {
        // For a piece whose turn has not come.
        piece.skip()
        outcome.give(result!)
    }
}

/// The request of a thread that takes the turn itself, and uses the connection freely.
final class OwnTurn: WriteRequest, @unchecked Sendable {
    // Sendable: see WriteRequest.
    override var goesFirst: Bool { isFirst }
    override var isOwnTurn: Bool { true }
    private let isFirst: Bool
    private(set) var failure: TTLStoreError?

    init(_ operation: String, first goesFirst: Bool) {
        isFirst = goesFirst
        super.init(operation, mayShareCommit: false)
    }

    override func fail(_ error: TTLStoreError) { failure = error }
}
