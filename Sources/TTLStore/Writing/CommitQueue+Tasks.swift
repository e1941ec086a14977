/// What tasks need, which have no thread that could wait: a thread that leads for them, and an end of their waits.
extension CommitQueue {
    static let taskThreadName = "TTLStore.commit"

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
            fail(expired.requests, CommitQueue.turnTaken)
            return (expired.requests, expired.call, order.firstTaskDeadline)
        }
        answer(call)
        for request in expired { request.complete() }
        return next
    }
}
