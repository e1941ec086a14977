/// Deletions in one transaction that holds the write lock for about a budget of time, its commit included. Purge and
/// eviction share it; the thread, a purge by hand and a closing store run them.
struct TimedBatch {
    /// How long a closing store holds the write lock for one.
    static let lastBudget: Milliseconds = 10

    var pace: BatchPace
    /// How long the last batch has held the write lock, rounded up.
    private(set) var held: Milliseconds = 0
    private var width = StatementWidth()
    /// The part of its time that a batch needs for its commit, by the batches so far.
    private var commitShare = 0.3

    init(pace: BatchPace = BatchPace()) { self.pace = pace }

    /// One batch, while it runs.
    struct Slot {
        fileprivate let held = MonotonicTime.now
        fileprivate var begun = MonotonicTime.now
        /// For the statements, in nanoseconds.
        fileprivate var time: Int64
        fileprivate var pages: PageBudget?
        fileprivate let isWanted: () -> Bool
        fileprivate var width: StatementWidth
        fileprivate var hasUsedUpTime = false

        /// Starts the batch's time anew.
        mutating func beginAgain() { begun = .now }

        /// Whether there is time for another statement, and nobody waits for the turn.
        mutating func mayGoOn() -> Bool {
            hasUsedUpTime = MonotonicTime.now.nanoseconds - begun.nanoseconds > time || pages?.isUsedUp ?? false
            return !hasUsedUpTime && !isWanted()
        }

        /// Runs one statement, which gets the number of rows that it may take.
        mutating func statement<Success, Failure>(
            _ body: (Int) throws(Failure) -> Success
        ) throws(Failure) -> Success {
            let begun = MonotonicTime.now
            let success = try body(width.rows)
            width.adapt(begun: begun)
            return success
        }
    }

    /// Runs `body` in a transaction.
    mutating func run<Success>(
        _ operation: String, in store: some BatchStore, _ body: (EntryWriter, inout Slot) throws -> Success
    ) throws(TTLStoreError) -> Success {
        var pace = pace
        var slot = Slot(time: 0, isWanted: { store.isWanted }, width: width)
        var deleted = MonotonicTime.now
        let success = try store.withTransaction(operation) { writer in
            slot = Slot(time: 0, isWanted: { store.isWanted }, width: width)
            let budget = pace.begin(store.sight)
            slot.time = Int64(Double(budget.time) * 1_000_000 * (1 - commitShare))
            if budget.pages < .max { slot.pages = try PageBudget(budget.pages, writer.connection) }
            let success = try body(writer, &slot)
            try slot.pages?.giveCacheBack()
            deleted = .now
            return success
        }
        let ended = MonotonicTime.now
        if slot.hasUsedUpTime { pace.usedUp() }
        self.pace = pace
        width = slot.width
        held = ended.milliseconds(since: slot.held)
        note(commit: ended.nanoseconds - deleted.nanoseconds, of: ended.nanoseconds - slot.held.nanoseconds)
        return success
    }

    /// A long commit leaves less time to the next batch, which then has a short one. So both are averaged.
    private mutating func note(commit: Int64, of held: Int64) {
        guard held > 0 else { return }
        commitShare = min(0.8, (commitShare + Double(commit) / Double(held)) / 2)
    }
}

/// The pages that a batch may change. With an empty cache at the begin, every page that it changes is first read.
private struct PageBudget {
    private let connection: Connection
    private let end: Int
    /// The size of the cache before, unless it was large.
    private let cacheSize: Int64?

    init(_ count: Int, _ connection: Connection) throws(SQLiteError) {
        self.connection = connection
        connection.releaseMemory()
        end = connection.pagesRead + count
        let size = try connection.integer("PRAGMA cache_size")
        cacheSize = size == Int64(StoreFile.largeCacheSize) ? nil : size
        // Changed pages that the cache has no room for would be written to the log more than once.
        if cacheSize != nil { try connection.execute("PRAGMA cache_size = \(StoreFile.largeCacheSize)") }
    }

    func giveCacheBack() throws(SQLiteError) {
        if let cacheSize { try connection.execute("PRAGMA cache_size = \(cacheSize)") }
    }

    var isUsedUp: Bool { connection.pagesRead >= end }
}
