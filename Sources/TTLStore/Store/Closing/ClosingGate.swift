/// The lock around a store's `ClosingState`, and the threads and tasks that wait until it is closed.
final class ClosingGate: @unchecked Sendable {
    // Sendable: the lock guards the state.
    private let lock = Lock()
    private let isClosed: Condition
    private var state = ClosingState()
    /// The tasks that wait.
    private var tasks: [CheckedContinuation<Void, Never>] = []
    /// What is to be closed by a thread that is inside, and which nothing else may keep any more.
    private var kept: AnyObject?

    init() { isClosed = Condition(for: lock) }

    func enter() { lock.withLock { state.enter(ThreadNumber.current) } }

    func leave(isOwn: Bool = false) -> ClosingState.Answer {
        lock.withLock { state.leave(ThreadNumber.current, isOwn: isOwn) }
    }

    func close() -> ClosingState.Answer { lock.withLock { state.close(ThreadNumber.current) } }

    /// For a task, whose thread may serve any other one.
    func closeForTask() -> ClosingState.Answer { lock.withLock { state.close(nil) } }

    /// Keeps `object` until the store is closed, if a thread that is inside has asked for that.
    /// - Returns: whether it has, and the store is not yet being closed.
    func isAsked(keeping object: AnyObject) -> Bool {
        lock.withLock {
            guard state.phase == .asked else { return false }
            kept = object
            return true
        }
    }

    /// Whether the code that runs on this thread has closed the store.
    var hasAsked: Bool { lock.withLock { state.hasAsked(ThreadNumber.current) } }

    func wait() { lock.withLock { while state.phase != .closed { isClosed.wait() } } }

    /// As `wait()`, without a thread.
    func waitSuspended() async {
        await withCheckedContinuation { continuation in
            let isOver = lock.withLock {
                if state.phase != .closed { tasks.append(continuation) }
                return state.phase == .closed
            }
            if isOver { continuation.resume() }
        }
    }

    func closed() {
        // Let go of outside the lock: it may be the owner of this gate.
        let (kept, tasks) = lock.withLock {
            state.closed()
            isClosed.broadcast()
            defer { (self.kept, self.tasks) = (nil, []) }
            return (self.kept, self.tasks)
        }
        for task in tasks { task.resume() }
        withExtendedLifetime(kept) {}
    }
}
