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
        // Where the system gives no thread, whoever called it does its work.
        if !isThere { leadForTasks(untilClosed: false) }
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
