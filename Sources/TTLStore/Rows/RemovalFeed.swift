import Synchronization

/// A consumer of removals.
protocol RemovalConsumer: AnyObject, Sendable {
    var demand: RemovalDemand { get }

    /// Keeps what fits. Called with the turn held, in the order of the commits, so it wakes nobody.
    /// - Returns: how many were dropped.
    func append(_ batch: RemovalBatch) -> Int

    /// Wakes whoever waits for removals. Called outside every lock.
    func wake()

    /// Nothing will be appended any more.
    func finish()
}

/// What a consumer wants, and what all of them want together.
struct RemovalDemand: Equatable {
    /// How many removals fit into the buffer; more need not be kept of any transaction.
    var limit: Int
    var values: Bool

    init(limit: Int, values: Bool) {
        self.limit = limit
        self.values = values
    }

    /// From its code; nil if nobody wants anything.
    init?(code: Int) {
        guard code != 0 else { return nil }
        self.init(limit: code >> 1, values: code & 1 == 1)
    }

    var code: Int { limit << 1 | (values ? 1 : 0) }

    static let limits = 1...1_000_000
    static let standardLimit = 10_000
    /// For how many bytes of values there is room in a buffer. One value always fits.
    static let valueBytes = 64 << 20
}

/// Hands what has left the store to the consumers.
final class RemovalFeed: @unchecked Sendable {
    // Sendable: the lock guards `consumers` and `isFinished`; the others are atomic.
    private let lock = Lock()
    private var consumers: [any RemovalConsumer] = []
    private var isFinished = false
    private let demandCode = Atomic<Int>(0)
    private let droppedCount = Atomic<Int>(0)

    /// What to read of the entries that leave; nil without a consumer. One atomic load.
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

    /// Called after `publish`, outside every lock and without the turn: what wakes up may be the program's own
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
