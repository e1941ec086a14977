import Synchronization

/// A consumer of removals.
protocol RemovalConsumer: AnyObject, Sendable {
    var demand: RemovalDemand { get }

    /// Keeps the removals that fit. Called with the turn held, in the order of the commits, so it must not wake a task.
    /// - Returns: how many removals were dropped.
    func append(_ batch: RemovalBatch) -> Int

    /// Wakes a task that waits for removals. Called outside every lock.
    func wake()

    /// Called when no more removals will follow.
    func finish()
}

/// What one consumer wants, or all consumers together.
struct RemovalDemand: Equatable {
    /// How many removals fit into the buffer; a transaction need not keep more.
    var limit: Int
    var values: Bool

    init(limit: Int, values: Bool) {
        self.limit = limit
        self.values = values
    }

    /// From its code; nil if there is no consumer.
    init?(code: Int) {
        guard code != 0 else { return nil }
        self.init(limit: code >> 1, values: code & 1 == 1)
    }

    var code: Int { limit << 1 | (values ? 1 : 0) }

    static let limits = 1...1_000_000
    static let standardLimit = 10_000
    /// How many bytes of values fit into a buffer. One value always fits.
    static let valueBytes = 64 << 20
}

/// Hands removals to the consumers.
final class RemovalFeed: @unchecked Sendable {
    // Sendable: the lock guards `consumers` and `isFinished`; the others are atomic.
    private let lock = Lock()
    private var consumers: [any RemovalConsumer] = []
    private var isFinished = false
    private let demandCode = Atomic<Int>(0)
    private let droppedCount = Atomic<Int>(0)

    /// What to read of leaving entries; nil without a consumer. One atomic load.
    ///
    /// Relaxed: an operation that begins after a consumer was added has been through the queue's lock since then.
    var demand: RemovalDemand? { RemovalDemand(code: demandCode.load(ordering: .relaxed)) }

    /// How many removals did not fit into a consumer's buffer.
    var dropped: Int { droppedCount.load(ordering: .relaxed) }

    /// - Returns: false if the store has closed.
    func add(_ consumer: any RemovalConsumer) -> Bool {
        lock.withLock {
            guard !isFinished else { return false }
            consumers.append(consumer)
            updateDemand()
            return true
        }
    }

    func remove(_ consumer: any RemovalConsumer) {
        lock.withLock {
            consumers.removeAll { $0 === consumer }
            updateDemand()
        }
    }

    /// The lock is held.
    private func updateDemand() {
        let demands = consumers.map(\.demand)
        let limit = demands.map(\.limit).max() ?? 0
        demandCode.store(
            RemovalDemand(limit: limit, values: demands.contains(where: \.values)).code, ordering: .relaxed)
    }

    /// Called after a commit, with the turn held and no lock.
    func publish(_ batch: RemovalBatch) {
        for consumer in lock.withLock({ consumers }) {
            let dropped = consumer.append(batch)
            if dropped > 0 { droppedCount.add(dropped, ordering: .relaxed) }
        }
    }

    /// Called after `publish`, outside every lock and without the turn: waking a task may run the program's own
    /// executor.
    func wake() { for consumer in lock.withLock({ consumers }) { consumer.wake() } }

    /// Called when the store has closed.
    func finish() {
        let finished = lock.withLock {
            isFinished = true
            defer { consumers = [] }
            demandCode.store(0, ordering: .relaxed)
            return consumers
        }
        for consumer in finished { consumer.finish() }
    }
}
