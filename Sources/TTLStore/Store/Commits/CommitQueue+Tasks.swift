/// The parts of the queue for tasks, which have no thread that could wait: a thread that leads for them, and the end of
/// their waits.
extension CommitQueue {
    static let taskThreadName = "TTLStore.commit"

    /// As `perform(_:)` for a closure of the program, which runs as a part of the calling task.
    ///
    /// The closure runs on the leader's thread, inside the open transaction. The task waits for the commit after it,
    /// without a thread.
    func performWithinTask<Success: Sendable>(
        _ operation: WriteOperation<Success>
    ) async throws(TTLStoreError) -> Success {
        let request = TaskWriteRequest(operation, TaskPiece())
        await request.piece.run { [self] in enqueue(request) }
        return try await request.outcome.value.get()
    }

    func callTaskThread() {
        let isThere = lock.withLock {
            if !hasTaskThread {
                hasTaskThread = threads.start(CommitQueue.taskThreadName) { [self] in leadForTasks(untilClosed: true) }
            }
            taskWork.signal()
            return hasTaskThread
        }
        if !isThere { leadInstead() }
    }

    /// Where the system gives no thread, the calling thread does its work. One caller at a time does so, and not again
    /// for each turn that it passes.
    private func leadInstead() {
        let isFirst = lock.withLock { () -> Bool in
            defer { hasSubstitute = true }
            return !hasSubstitute
        }
        guard isFirst else { return }
        threads.onBegin()
        leadForTasks(untilClosed: false)
        threads.onEnd()
    }

    private func leadForTasks(untilClosed: Bool) {
        lock.lock()
        while !order.isClosed {
            if order.takeForTasks() {
                noteTaken()
                lock.unlock()
                lead(own: nil)
                lock.lock()
            } else if untilClosed {
                taskWork.wait()
            } else {
                break
            }
        }
        if !untilClosed { hasSubstitute = false }
        lock.unlock()
    }
}

extension CommitQueue: TimedWaits {
    func endWaits(dueBy now: MonotonicTime) -> MonotonicTime? {
        let (expired, call, next) = lock.withLock {
            let expired = order.expire(dueBy: now, tasksOnly: true)
            noteCount()
            fail(expired.requests, CommitQueue.turnDidNotCome)
            return (expired.requests, expired.call, order.firstTaskDeadline)
        }
        answer(call)
        for request in expired { request.complete() }
        return next
    }
}
