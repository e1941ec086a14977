import Dispatch
import Synchronization

/// A closure of the program may keep the turn for as long as it likes; those who wait behind it give up when their time
/// is over, as they would behind another process. The lock is held in all of these.
extension CommitQueue {
    static func heldByClosure(_ operation: String) -> TTLStoreError {
        TTLStoreError(.busy, "a transaction or a vacuum of this process is still running", in: operation)
    }

    /// Fails a request, unless a leader has taken it.
    func giveUp(_ request: WriteRequest) {
        guard let group = groups.first(where: { $0.requests.contains { $0 === request } }) else { return }
        abandon(group.take { $0 === request })
    }

    /// Looks after the requests of tasks, which have no thread that could, when the first of them has waited for too
    /// long.
    func giveUpLater() {
        let due = groups.flatMap { $0.requests.filter { !$0.isSynchronous }.compactMap(\.deadline) }
        guard !isGivingUpLater, let first = due.min() else { return }
        isGivingUpLater = true
        let wait = DispatchTimeInterval.milliseconds(Int(clamping: max(0, first.milliseconds(since: .now)) + 1))
        deadlines.asyncAfter(deadline: .now() + wait) { [weak self] in
            self?.giveUpExpired().forEach { $0.complete() }
        }
    }

    private func giveUpExpired() -> [WriteRequest] {
        lock.withLock {
            isGivingUpLater = false
            guard isLedAlone else { return [] }
            let now = MonotonicTime.now
            let expired = groups.flatMap { group in
                group.take { !$0.isSynchronous && $0.isExpired(at: now) }
            }
            abandon(expired)
            giveUpLater()
            return expired
        }
    }

    private func abandon(_ requests: [WriteRequest]) {
        groups.removeAll { $0.requests.isEmpty }
        waiting.subtract(requests.count, ordering: .relaxed)
        for request in requests {
            request.fail(CommitQueue.heldByClosure(request.operation))
            request.markDone()
        }
    }
}
