/// What tasks need, which have no thread that could wait: a thread that leads for them, and an end of their waits.
extension CommitQueue {
    static let taskThreadName = "TTLStore.commit"

    /// As `perform(_:)`; the change, which is a closure of the program's, runs as a part of the calling task.
    ///
    /// The closure has the thread of whoever leads, with its transaction open. The task waits for the commit after it,
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

    /// Where the system gives no thread, whoever calls it does its work; one does, and not again for each turn that it
    /// passes.
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
