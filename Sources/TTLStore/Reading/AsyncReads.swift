import Dispatch

/// Runs reads for tasks on Dispatch's threads, at most as many at a time as there are readers, so that neither the
/// cooperative pool nor more threads than needed ever block.
final class AsyncReads: @unchecked Sendable {
    // Sendable: the lock guards the mutable properties.
    private let limit: Int
    private let lock = Lock()
    private var waiting: [@Sendable () -> Void] = []
    private var active = 0

    init(limit: Int) { self.limit = limit }

    func run<Success: Sendable>(
        _ body: @escaping @Sendable () throws(TTLStoreError) -> Success
    ) async throws(TTLStoreError) -> Success {
        let result: Result<Success, TTLStoreError> = await withCheckedContinuation { continuation in
            submit {
                let result: Result<Success, TTLStoreError>
                do throws(TTLStoreError) { result = .success(try body()) } catch { result = .failure(error) }
                continuation.resume(returning: result)
            }
        }
        return try result.get()
    }

    private func submit(_ work: @escaping @Sendable () -> Void) {
        let startsWorker = lock.withLock {
            waiting.append(work)
            guard active < limit else { return false }
            active += 1
            return true
        }
        if startsWorker { DispatchQueue.global().async { [self] in drain() } }
    }

    private func drain() {
        while true {
            let batch: [@Sendable () -> Void] = lock.withLock {
                if waiting.isEmpty { active -= 1 }
                defer { waiting.removeAll(keepingCapacity: true) }
                return waiting
            }
            if batch.isEmpty { return }
            for work in batch { work() }
        }
    }
}
