/// How long the next batch of deletions may hold the write lock, and how many pages it may change. A value: what
/// happened goes in, a budget comes out.
///
/// As long as other processes commit, a batch holds the lock for `shared`, which a waiting process hardly notices.
/// Otherwise each batch may hold it for twice as long as the one before, up to `longest`: a large batch changes the
/// same pages of an index only once. Between two batches the lock is free for `BusyTimeout.pause`, so a process that
/// began to wait during a long batch commits before the next one, which then is short again.
struct BatchPace: Equatable, Sendable {
    struct Budget: Equatable, Sendable {
        /// How long the lock may be held, the commit included.
        var time: Milliseconds
        /// How many pages the batch may read into the cache; all of them count as changed.
        var pages = Int.max
    }

    /// What the next batch meets.
    struct Sight: Equatable, Sendable {
        var now: MonotonicTime
        /// When a commit of another process was last noticed.
        var lastForeignCommit: MonotonicTime?
        /// How many frames the log may still grow by.
        var logRoom = Int.max
    }

    /// Beside other processes. SQLite's busy timeout tries again after 1, 3, 8 and 18 ms, so a process that waits for
    /// the batch is in after 18 ms. Batches of 7 ms and pauses of 6 ms, which fit between its tries, were measured:
    /// they delete no faster, since shorter batches write the same pages more often, and on a busy machine others wait
    /// longer.
    static let shared: Milliseconds = 10
    /// While no other process commits. One that comes then waits for 128 ms at most, if the batch takes no longer than
    /// it should, and the pause is 26 ms. With a longer batch these would be 178 and 51 ms.
    static let longest: Milliseconds = 120
    /// For how long another process counts after its commit.
    static let memory: Milliseconds = 1000
    /// From here on the cache is emptied before a batch, and its pages are counted.
    private static let counted: Milliseconds = 25
    /// The most pages that a batch changes, for the cache has to hold them: 28 MiB.
    static let mostPages = 7000

    /// What the next batch may take if no other process is noticed.
    private var allowed = BatchPace.shared
    /// For tests, and for a store that is closing: the time of every batch.
    private let fixed: Milliseconds?

    init(fixed: Milliseconds? = nil) { self.fixed = fixed }

    /// Whether no other process has committed lately, as far as the last batch could see.
    private(set) var isAlone = false

    /// Called with the write lock.
    mutating func begin(_ sight: Sight) -> Budget {
        if let fixed { return Budget(time: fixed) }
        isAlone = sight.lastForeignCommit.map { sight.now >= $0 + BatchPace.memory } ?? true
        if !isAlone { allowed = BatchPace.shared }
        guard allowed >= BatchPace.counted else { return Budget(time: allowed) }
        return Budget(time: allowed, pages: min(max(sight.logRoom, 100), BatchPace.mostPages))
    }

    /// A batch has used up its time.
    mutating func usedUp() { allowed = min(2 * allowed, BatchPace.longest) }
}
