import Dispatch

/// Runs reads for tasks on Dispatch's threads, at most as many at a time as there are readers, so that neither the
/// cooperative pool nor more threads than needed ever block.
///
/// Each worker is a serial queue of its own, since those get a thread beyond the number of cores. Dispatch's global
/// queues do not, and on Linux their threads are those on which tasks run.
final class AsyncReads: @unchecked Sendable {
    // Sendable: the lock guards the mutable properties.
    private let limit: Int
    private let lock = Lock()
    /// In the order in which they came, those before `head` taken.
    private var waiting: [(@Sendable () -> Void)?] = []
    private var head = 0
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
        if startsWorker { DispatchQueue(label: "TTLStore.reads").async { [self] in drain() } }
    }

    private func drain() {
        while true {
            // One at a time: a short read never waits behind a long one while another worker is free.
            guard let work = lock.withLock({ takeFirst() }) else { return }
            work()
        }
    }

    /// Nil when nothing waits, and the worker that asked ends (the lock is held).
    private func takeFirst() -> (@Sendable () -> Void)? {
        guard head < waiting.count else {
            waiting.removeAll(keepingCapacity: true)
            head = 0
            active -= 1
            return nil
        }
        let work = waiting[head]
        waiting[head] = nil
        head += 1
        if head >= 256, head * 2 >= waiting.count {
            waiting.removeFirst(head)
            head = 0
        }
        return work
    }
}
