import Dispatch

/// A consumer that is called back, on a queue of its own.
final class RemovalHandler: RemovalConsumer, @unchecked Sendable {
    // Sendable: the lock guards the mutable properties. It is not held while the handler runs.
    let demand: RemovalDemand
    private let body: @Sendable ([TTLStore.Removal]) -> Void
    private let queue = DispatchQueue(label: "TTLStore.removals")
    private let lock = Lock()
    private var buffer: RemovalBuffer
    /// Whether the queue is about to call the handler, or is calling it.
    private var isScheduled = false

    init(_ demand: RemovalDemand, _ body: @escaping @Sendable ([TTLStore.Removal]) -> Void) {
        self.demand = demand
        self.body = body
        buffer = RemovalBuffer(demand)
    }

    func append(_ batch: RemovalBatch) -> Int { lock.withLock { buffer.append(batch) } }

    func wake() {
        let mustSchedule = lock.withLock {
            guard !isScheduled, !buffer.isEmpty else { return false }
            isScheduled = true
            return true
        }
        if mustSchedule { queue.async { [self] in callBack() } }
    }

    /// Buffered removals are still delivered.
    func finish() { wake() }

    private func callBack() {
        while let removals = takeAll() { body(removals) }
    }

    private func takeAll() -> [TTLStore.Removal]? {
        lock.withLock {
            isScheduled = !buffer.isEmpty
            return isScheduled ? buffer.takeAll() : nil
        }
    }
}
