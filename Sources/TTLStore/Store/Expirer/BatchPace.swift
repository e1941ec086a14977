/// How long the next batch of deletions may hold the write lock, and how many pages it may change. A value: what
/// happened goes in, a budget comes out.
///
/// As long as other processes write, a batch holds the lock for `shared`, which a waiting process hardly notices. While
/// nobody writes, each batch may hold it for twice as long as the one before, up to `longest`: a large batch changes
/// the same pages of an index only once. Afterwards the lock is free for `BusyTimeout.pause`, so a process that began
/// to wait during a long batch commits before the next one, which then is short again.
///
/// Where writers of the store wait, and are not many, batches last for `brief`, and the next one comes at once, after
/// those who wait in the same line. Such a row of batches ends, with the pause, when it has taken as long as a batch
/// beside other processes, the writers in between included. Writers at full speed wait for a whole batch, since brief
/// ones would write more pages for the same deletions, and leave the writers less; and so do all writers where a brief
/// batch can't be brief, as on a slow disk with a flush for each commit.
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
        /// How many changes the program has made so far.
        var ownWrites = 0
        /// How many frames the log may still grow by.
        var logRoom = Int.max
    }

    private struct Pause: Equatable {
        var began: MonotonicTime
        /// How many changes the program had made.
        var ownWrites: Int
    }

    /// Beside others. SQLite's busy timeout tries again after 1, 3, 8 and 18 ms, so a process that waits for the batch
    /// is in after 18 ms. Batches of 7 ms and pauses of 6 ms, which fit between its tries, were measured: they delete
    /// no faster, since shorter batches write the same pages more often, and on a busy machine others wait longer.
    static let shared: Milliseconds = 10
    /// While nobody else writes. A process that comes then waits for 128 ms at most, if the batch takes no longer than
    /// it should, and the pause is 26 ms. With a longer batch these would be 178 and 51 ms.
    static let longest: Milliseconds = 120
    /// Beside writers of the store. Shorter batches delete less: each commit writes pages of the indexes again that the
    /// one before has written.
    static let brief: Milliseconds = 2
    /// A brief batch that takes longer deletes too little for its time.
    private static let overlong: Milliseconds = 6
    /// From so many changes of the program in a millisecond on, its writers count as many.
    static let manyWrites: Int64 = 5
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
    /// When the present row of brief batches began.
    private var rowBegan: MonotonicTime?
    /// How many changes the program had made before the last batch.
    private var ownWrites = 0
    /// The last pause, until it is over.
    private var lastPause: Pause?
    /// Whether the program has made many changes in that pause.
    private var areWritesMany = false
    private var mayBeBrief = true
    /// Whether the last batch was a brief one, and when one last took too long.
    private var wasBrief = false
    private var lastOverlong: MonotonicTime?
    /// How long the lock is left to others after the last batch.
    private(set) var pause: Milliseconds = 0
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
        !sight.isLately(sight.lastForeignCommit, BatchPace.memory) && !isWantedLately(at: sight.now)
    }

    /// Whether a writer of the store has waited for a batch lately.
    private func isWantedLately(at time: MonotonicTime) -> Bool {
        lastWanted.map { time < $0 + BatchPace.memory } ?? false
    }

    /// Called with the write lock.
    mutating func begin(_ sight: Sight) -> Budget {
        if let fixed { return Budget(time: fixed) }
        isAlone = isAlone(in: sight)
        let isWantedLately = isWantedLately(at: sight.now)
        mayLogGrow =
            isAlone || !isWantedLately && !sight.isLately(sight.lastForeignCopying, BatchPace.copyingMemory)
        if !isAlone { allowed = BatchPace.shared }
        noteWrites(sight)
        mayBeBrief = !areWritesMany && !sight.isLately(lastOverlong, BatchPace.memory)
        wasBrief = isWantedLately && mayBeBrief
        var budget = Budget(
            time: wasBrief ? BatchPace.brief : allowed,
            yieldingTime: mayBeBrief ? BatchPace.brief : BatchPace.shared)
        if budget.time >= BatchPace.counted { budget.pages = min(max(sight.logRoom, 16), mostPages) }
        return budget
    }

    /// Between two batches of a row, few changes can be made, however many wait.
    private mutating func noteWrites(_ sight: Sight) {
        ownWrites = sight.ownWrites
        guard let pause = lastPause else { return }
        lastPause = nil
        let length = max(1, sight.now.milliseconds(since: pause.began))
        areWritesMany = Milliseconds(ownWrites - pause.ownWrites) / BatchPace.manyWrites >= length
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
        if wasBrief, held > BatchPace.overlong { lastOverlong = time }
        notePause(end, held: held, at: time)
    }

    private mutating func notePause(_ end: End, held: Milliseconds, at time: MonotonicTime) {
        let length = max(held, rowBegan.map { time.milliseconds(since: $0) } ?? 0)
        if end != .done, isWantedLately(at: time), mayBeBrief, length < BatchPace.shared {
            rowBegan = rowBegan ?? time + -held
            pause = 0
        } else {
            rowBegan = nil
            lastPause = Pause(began: time, ownWrites: ownWrites)
            // A checkpoint, for example, may have come in between, which is no reason for a longer pause.
            pause = BusyTimeout.pause(after: max(held, min(length, BatchPace.shared)))
        }
    }
}

extension BatchPace.Sight {
    fileprivate func isLately(_ time: MonotonicTime?, _ memory: Milliseconds) -> Bool {
        time.map { now < $0 + memory } ?? false
    }
}
