/// How long the next batch of deletions may hold the write lock, and how many pages it may change. A value: what
/// happened goes in, a budget comes out.
///
/// As long as others write, a batch holds the lock for `shared`, which a waiting process hardly notices. Otherwise each
/// batch may hold it for twice as long as the one before, up to `longest`: a large batch changes the same pages of an
/// index only once. Between two batches the lock is free for `BusyTimeout.pause`, so a process that began to wait
/// during a long batch commits before the next one, which then is short again.
struct BatchPace: Equatable, Sendable {
    struct Budget: Equatable, Sendable {
        /// How long the lock may be held, the commit included.
        var time: Milliseconds
        /// From when on the batch ends if a writer of the store waits.
        var yieldingTime: Milliseconds = 0
        /// How many pages the batch may read into the cache; all of them count as changed.
        var pages = Int.max
    }

    /// What the next batch meets.
    struct Sight: Equatable, Sendable {
        var now: MonotonicTime
        /// When a commit of another process was last noticed.
        var lastForeignCommit: MonotonicTime?
        /// When it was last noticed that another process copies the log.
        var lastForeignCopying: MonotonicTime?
        /// How many frames the log may still grow by.
        var logRoom = Int.max
    }

    /// Beside others. SQLite's busy timeout tries again after 1, 3, 8 and 18 ms, so a process that waits for the batch
    /// is in after 18 ms. Batches of 7 ms and pauses of 6 ms, which fit between its tries, were measured: they delete
    /// no faster, since shorter batches write the same pages more often, and on a busy machine others wait longer.
    static let shared: Milliseconds = 10
    /// While nobody else writes. A process that comes then waits for 128 ms at most, if the batch takes no longer than
    /// it should, and the pause is 26 ms. With a longer batch these would be 178 and 51 ms.
    static let longest: Milliseconds = 120
    /// For how long others count after they wrote.
    static let memory: Milliseconds = 1000
    /// For how long others count as copying the log themselves after they did.
    static let copyingMemory: Milliseconds = 60_000
    /// From here on the cache is emptied before a batch, and its pages are counted.
    private static let counted: Milliseconds = 25

    /// What the next batch may take if nobody else is noticed.
    private var allowed = BatchPace.shared
    /// When a writer of the store last waited for a batch.
    private var lastWanted: MonotonicTime?
    /// Whether nobody else has written lately, as far as the last batch could see.
    private(set) var isAlone = false
    /// Whether the log may grow long before it is copied: if no writer of the store waits for that, and no other
    /// process would copy it in its own commits.
    private(set) var mayLogGrow = false
    /// For tests, and for a store that is closing: the time of every batch.
    private let fixed: Milliseconds?
    /// The most pages that a batch changes, for the cache has to hold them.
    private let mostPages: Int

    init(fixed: Milliseconds? = nil, mostPages: Int = 7000) {
        self.fixed = fixed
        self.mostPages = mostPages
    }

    /// Whether nobody else has written lately.
    func isAlone(in sight: Sight) -> Bool {
        !sight.isLately(sight.lastForeignCommit, BatchPace.memory) && !sight.isLately(lastWanted, BatchPace.memory)
    }

    /// Called with the write lock.
    mutating func begin(_ sight: Sight) -> Budget {
        if let fixed { return Budget(time: fixed) }
        isAlone = isAlone(in: sight)
        mayLogGrow =
            isAlone
            || !sight.isLately(lastWanted, BatchPace.memory)
                && !sight.isLately(sight.lastForeignCopying, BatchPace.copyingMemory)
        if !isAlone { allowed = BatchPace.shared }
        guard allowed >= BatchPace.counted else { return Budget(time: allowed, yieldingTime: BatchPace.shared) }
        return Budget(
            time: allowed, yieldingTime: BatchPace.shared, pages: min(max(sight.logRoom, 16), mostPages))
    }

    /// Why a batch has ended.
    enum End: Equatable, Sendable {
        /// Nothing is left to delete.
        case done
        case usedUp
        /// A writer of the store waits.
        case wanted
    }

    mutating func ended(_ end: End, held: Milliseconds, at time: MonotonicTime) {
        switch end {
        case .done: allowed = BatchPace.shared
        // The next commits should be short as well for a writer that comes again.
        case .wanted:
            lastWanted = time
            isAlone = false
            mayLogGrow = false
        // A slow disk makes commits longer than their part of the time.
        case .usedUp where 2 * held > 3 * allowed: allowed = max(BatchPace.shared, allowed / 2)
        case .usedUp: allowed = min(2 * allowed, BatchPace.longest)
        }
    }
}

extension BatchPace.Sight {
    fileprivate func isLately(_ time: MonotonicTime?, _ memory: Milliseconds) -> Bool {
        time.map { now < $0 + memory } ?? false
    }
}
