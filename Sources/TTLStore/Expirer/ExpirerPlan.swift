/// What the expirer does next, given the time and what has happened. Pure: no thread, no clock, no file.
///
/// Two clocks come in. The wall clock decides what is due; it may jump. Every wait is measured on the steady one.
struct ExpirerPlan: Sendable {
    /// One reading of both clocks, in milliseconds.
    struct Moment: Equatable, Sendable {
        var wall: Timestamp
        var steady: Milliseconds
    }

    enum Action: Equatable, Sendable {
        /// Read from the file what expires next and what housekeeping there is.
        case look
        /// Delete one batch of expired entries.
        case purge
        /// Copy the log into the file; when little happens, also cut its file off.
        case checkpoint(truncating: Bool)
        /// Give some free pages back.
        case shrink
        /// Nothing before that many milliseconds have passed, unless something happens. Always positive.
        case sleep(Milliseconds)
    }

    struct Settings: Equatable, Sendable {
        /// Expiries this close together are purged together, so there are at most ten wake-ups a second.
        var coalescing: Milliseconds = 100
        /// How often the file is looked at when nothing happens: other processes write to it as well.
        var housekeeping: Milliseconds = 60_000
        /// The first look. A process that ends before it never wakes the thread; it does its share on close.
        var firstLook: Milliseconds = 100
        /// The log's length, in frames of one page each, at which it is copied into the file.
        var checkpointFrames = 5000
        /// When a checkpoint that others kept from finishing is tried again.
        var checkpointRetry: Milliseconds = 100
        /// The back-off after the first error; doubled with each further one, up to `housekeeping`.
        var backOff: Milliseconds = 100
    }

    let settings: Settings
    /// What expires next, as far as is known.
    private(set) var nextExpiry: Timestamp?
    private var lookAt: Milliseconds
    /// After an error: nothing before that.
    private var notBefore: Milliseconds = .min
    /// The pause after a batch: nothing that holds the write lock for long.
    private var lockNotBefore: Milliseconds = .min
    private var purgeNotBefore: Milliseconds = .min
    private var checkpointNotBefore: Milliseconds = .min
    private var logFrames = 0
    private var isLogTruncated = true
    private var pages = FilePages()
    /// False after a step that gave nothing back, as in a file that was vacuumed without `auto_vacuum`.
    private var mayShrink = true
    private var isIdleCheckpointDue = false
    private var failures = 0

    init(settings: Settings = Settings(), openedAt now: Moment) {
        self.settings = settings
        lookAt = now.steady + settings.firstLook
    }

    func next(_ now: Moment) -> Action {
        if now.steady < notBefore { return .sleep(notBefore - now.steady) }
        // Copying the log leaves the write lock to others, so it also fills their share of the time.
        if wantsCheckpoint, now.steady >= checkpointNotBefore {
            return .checkpoint(truncating: logFrames < settings.checkpointFrames)
        }
        if now.steady < lockNotBefore { return .sleep(lockNotBefore - now.steady) }
        if now.steady >= lookAt { return .look }
        if isDue(now.wall), now.steady >= purgeNotBefore { return .purge }
        if mayShrink, pages.free > ExpirerPlan.spareLimit(pages), !isDue(now.wall) { return .shrink }
        return .sleep(max(1, min(lookAt - now.steady, untilPurge(now), untilCheckpoint(now))))
    }

    /// The free pages to keep for the next entries: an eighth of the file saves a busy store from shrinking and growing
    /// in turn.
    static func spareLimit(_ pages: FilePages) -> Int { max(64, (pages.total - pages.free) / 8) }

    var isLogLong: Bool { logFrames >= settings.checkpointFrames }

    private var wantsCheckpoint: Bool { isLogLong || (isIdleCheckpointDue && !isLogTruncated) }

    private func isDue(_ wall: Timestamp) -> Bool { nextExpiry.map { $0 <= wall } ?? false }

    private func untilPurge(_ now: Moment) -> Milliseconds {
        guard let nextExpiry else { return .max }
        // A wall clock set back far makes the wait long, not negative; `lookAt` bounds it.
        let untilDue = nextExpiry > now.wall ? nextExpiry - now.wall : 0
        return max(untilDue, purgeNotBefore == .min ? 0 : purgeNotBefore - now.steady)
    }

    private func untilCheckpoint(_ now: Moment) -> Milliseconds {
        wantsCheckpoint ? checkpointNotBefore - now.steady : .max
    }

    // MARK: What happened

    /// An entry was written that expires at that time.
    mutating func armed(_ expiry: Timestamp) { nextExpiry = min(nextExpiry ?? expiry, expiry) }

    /// The file's state was read.
    mutating func looked(nextExpiry: Timestamp?, pages: FilePages, at now: Moment) {
        self.nextExpiry = nextExpiry
        self.pages = pages
        mayShrink = true
        isIdleCheckpointDue = true
        lookAt = now.steady + settings.housekeeping
        failures = 0
    }

    /// A batch was deleted in a transaction that held the write lock for `held` milliseconds.
    /// - Parameter isBacklog: whether entries are left that were due when the batch began. Those that have become due
    ///   since then come together, or a steady stream of them would end every batch with another one to do.
    mutating func purged(
        nextExpiry: Timestamp?, pages: FilePages, isBacklog: Bool, held: Milliseconds, at now: Moment
    ) {
        self.nextExpiry = nextExpiry
        self.pages = pages
        failures = 0
        if isBacklog {
            // Others get the lock for as long as it was held: SQLite's plain busy timeout sleeps up to 25 ms between
            // two tries, and shorter pauses would starve it.
            lockNotBefore = now.steady + max(1, held)
        } else {
            purgeNotBefore = now.steady + settings.coalescing
        }
    }

    /// Another process holds the lease on the purge for that long.
    mutating func purgeLeftToAnother(for rest: Milliseconds, at now: Moment) {
        purgeNotBefore = now.steady + max(1, rest)
        failures = 0
    }

    /// After a commit the log has that many frames.
    mutating func logGrew(to frames: Int) {
        logFrames = frames
        if frames > 0 { isLogTruncated = false }
    }

    /// The log was copied; completely, unless somebody still reads it or copies it as well.
    mutating func checkpointed(isComplete: Bool, truncating: Bool, at now: Moment) {
        failures = 0
        isIdleCheckpointDue = false
        if isComplete {
            logFrames = 0
            isLogTruncated = truncating
        } else {
            checkpointNotBefore = now.steady + settings.checkpointRetry
        }
    }

    mutating func shrunk(pages: FilePages, held: Milliseconds, at now: Moment) {
        mayShrink = pages.total < self.pages.total
        self.pages = pages
        failures = 0
        lockNotBefore = now.steady + max(1, held)
    }

    mutating func failed(at now: Moment) {
        let wait = settings.backOff << Int64(min(failures, 16))
        failures += 1
        notBefore = now.steady + min(wait, settings.housekeeping)
    }
}
