import Dispatch
import Synchronization

/// A closure of the program may keep the turn for as long as it likes; those who wait behind it give up when their time
/// is over, as they would behind another process. The lock is held in all of these.
extension CommitQueue {
    static func heldByClosure(_ operation: String) -> TTLStoreError {
        TTLStoreError(.busy, "a transaction of this process is still running", in: operation)
    }

    /// Fails a request, unless a leader has taken it.
    func giveUp(_ request: WriteRequest) {
        guard let group = groups.first(where: { $0.requests.contains { $0 === request } }) else { return }
        group.requests.removeAll { $0 === request }
        abandon([request])
    }

    /// Looks after the requests of tasks, which have no thread that could.
    func giveUpLater() {
        let wait = DispatchTimeInterval.milliseconds(Int(file.configuration.busyTimeoutMilliseconds) + 1)
        DispatchQueue.global().asyncAfter(deadline: .now() + wait) { [weak self] in
            self?.giveUpExpired().forEach { $0.complete() }
        }
    }

    private func giveUpExpired() -> [WriteRequest] {
        lock.withLock {
            guard isLedAlone else { return [] }
            let isExpired = { (request: WriteRequest) in !request.isSynchronous && request.isExpired }
            let expired = groups.flatMap { $0.requests.filter(isExpired) }
            for group in groups { group.requests.removeAll(where: isExpired) }
            abandon(expired)
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
