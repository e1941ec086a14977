/// The expirer's next action, given the time and the past events. Pure: no thread, no clock, no file.
///
/// It uses two clocks. The wall clock decides which entries are due; it may jump. Every wait is measured on the steady
/// clock.
struct ExpirerPlan: Sendable {
    /// One reading of both clocks, in milliseconds.
    struct Moment: Equatable, Sendable {
        var wall: Timestamp
        var steady: Milliseconds
    }

    enum Action: Equatable, Sendable {
        /// Read the next expiry and the need for housekeeping from the file.
        case survey
        /// Delete one batch of expired entries.
        case purge
        /// Read the entries of the next batch ahead, for the consumers of removals. Takes no lock.
        case foresee
        /// Delete one batch of entries beyond the limits.
        case evict
        /// Copy the log into the file; when little happens, also cut its file off.
        case checkpoint(truncating: Bool)
        /// Give some free pages back.
        case shrink
        /// Sleep for that many milliseconds, unless something happens. Always positive.
        case sleep(Milliseconds)
    }

    struct Settings: Equatable, Sendable {
        /// Expiries this close together are purged together, so there are at most ten wake-ups a second.
        var coalescing: Milliseconds = 100
        /// How often the file is surveyed when nothing happens: other processes write to it as well.
        var housekeeping: Milliseconds = 60_000
        /// The first survey. A process that ends before it never wakes the thread; it does its share on close.
        var firstSurvey: Milliseconds = 100
        /// The log's length, in frames of one page each, at which it is copied into the file.
        var checkpointFrames = 1000
        /// The same during a purge that neither hurts. Its batches write the pages of the key's index again and again,
        /// and a checkpoint copies each of them once. But other processes may copy a log of more than 1000 frames
        /// themselves, which is SQLite's default, and wait for the disk in their commits; and the store's own writers
        /// would wait for the checkpoint of a long log.
        var purgeCheckpointFrames = 3000
        /// How long others have the write lock to themselves after a checkpoint. SQLite's busy timeout makes a writer
        /// sleep for 18 ms at a time, so it may have missed every free moment before.
        var checkpointPause: Milliseconds = 10
        /// When a checkpoint is tried again that others kept from finishing. The time doubles with each further one in
        /// a row, up to `longestCheckpointRetry`: each try holds up writers, and a reader may stay for long.
        var checkpointRetry: Milliseconds = 50
        var longestCheckpointRetry: Milliseconds = 5000
        /// The back-off after the first error; doubled with each further one, up to `housekeeping`.
        var backOff: Milliseconds = 100
    }

    let settings: Settings
    /// The next known expiry.
    private(set) var nextExpiry: Timestamp?
    /// Each kind of work backs off on its own: if the log can't be copied, a purge may still free space.
    private var survey: Schedule
    private var purge: Schedule
    private var evict: Schedule
    private var checkpoint: Schedule
    private var shrink: Schedule
    /// The end of the pause after a batch, in which no work holds the write lock for long.
    private var lockNotBefore: Milliseconds
    /// Whether the last work was a checkpoint.
    private var hasCheckpointed = false
    /// Whether the store is larger than its limits allow.
    private(set) var isOverLimit = false
    /// Whether the last batch has left due entries, and nobody is hurt by a long log.
    private var mayLogGrow = false
    /// Whether a consumer follows the removals, so that the next batch of a backlog is read ahead.
    private var wantsForesight = false
    private var logFrames = 0
    private var isLogTruncated = true
    private var pages = FilePages()
    /// False after a step that gave no page back, as in a file that was vacuumed without `auto_vacuum`.
    private var mayShrink = true
    private var isIdleCheckpointDue = false
    /// The number of incomplete checkpoints in a row.
    private var incompleteCheckpoints = 0

    /// When a kind of work may be done next, and how often it has failed since it last succeeded.
    private struct Schedule {
        var notBefore: Milliseconds
        var failures = 0

        mutating func succeeded(nextAt time: Milliseconds) {
            notBefore = time
            failures = 0
        }

        mutating func failed(at now: Moment, _ settings: Settings) {
            let wait = settings.backOff << Int64(min(failures, 16))
            failures += 1
            notBefore = now.steady + min(wait, settings.housekeeping)
        }
    }

    init(settings: Settings = Settings(), openedAt now: Moment) {
        self.settings = settings
        survey = Schedule(notBefore: now.steady + settings.firstSurvey)
        purge = Schedule(notBefore: now.steady)
        evict = purge
        checkpoint = purge
        shrink = purge
        lockNotBefore = now.steady
    }

    /// The thread's jobs in the order of precedence. Copying the log and reading ahead leave the write lock to others,
    /// so these jobs fill the others' share of the time. After a checkpoint, jobs that hold the lock come first:
    /// otherwise a log that others make long again at once would keep them away for ever.
    private var jobs: [Job] {
        hasCheckpointed ? ExpirerPlan.locking + [.checkpoint] : [.checkpoint] + ExpirerPlan.locking
    }

    private static let locking: [Job] = [.foresee, .survey, .purge, .evict, .shrink]

    private enum Job {
        case checkpoint
        case foresee
        case survey
        case purge
        case evict
        case shrink
    }

    /// The first job that is ready; otherwise a sleep until the next job is ready, which may be long after a pause.
    func next(_ now: Moment) -> Action {
        var wait = Milliseconds.max
        for job in jobs {
            guard let time = readyAt(job, now) else { continue }
            if time <= now.steady { return action(job) }
            wait = min(wait, time - now.steady)
        }
        return .sleep(max(1, wait))
    }

    /// When a job may be done, on the steady clock; nil if there is no need for it.
    private func readyAt(_ job: Job, _ now: Moment) -> Milliseconds? {
        switch job {
        case .checkpoint: wantsCheckpoint ? checkpoint.notBefore : nil
        case .foresee: wantsForesight ? now.steady : nil
        case .survey: max(survey.notBefore, lockNotBefore)
        case .purge: untilDue(now.wall).map { max(now.steady + $0, purge.notBefore, lockNotBefore) }
        case .evict: wantsEviction ? max(evict.notBefore, lockNotBefore) : nil
        case .shrink: wantsShrink(now) ? max(shrink.notBefore, lockNotBefore) : nil
        }
    }

    private func action(_ job: Job) -> Action {
        switch job {
        case .checkpoint: .checkpoint(truncating: !isLogLong)
        case .foresee: .foresee
        case .survey: .survey
        case .purge: .purge
        case .evict: .evict
        case .shrink: .shrink
        }
    }

    /// Nil where no entry expires, or its purge waits for the log. A wall clock set back far makes the wait long, not
    /// negative; the next survey bounds it.
    private func untilDue(_ wall: Timestamp) -> Milliseconds? {
        guard let nextExpiry, !isLogOverlong else { return nil }
        guard nextExpiry > wall else { return 0 }
        return min(TimeConversion.milliseconds(from: wall, to: nextExpiry), settings.housekeeping)
    }

    var isLogLong: Bool { logFrames >= longLog }

    private var longLog: Int { mayLogGrow ? settings.purgeCheckpointFrames : settings.checkpointFrames }

    /// Whether the purge has to wait for the log to be copied, since deleting a backlog makes the log longer. It does
    /// not wait for a reader that keeps the log long, nor where the log can't be copied, since a purge may free the
    /// space for it.
    private var isLogOverlong: Bool {
        logFrames >= 3 * longLog / 2 && checkpoint.failures == 0 && incompleteCheckpoints < 5
    }

    private var wantsEviction: Bool { isOverLimit && !isLogOverlong }

    private var wantsCheckpoint: Bool { isLogLong || (isIdleCheckpointDue && !isLogTruncated) }

    private func isDue(_ wall: Timestamp) -> Bool { nextExpiry.map { $0 <= wall } ?? false }

    private func wantsShrink(_ now: Moment) -> Bool {
        mayShrink && pages.free > pages.spareLimit && !isDue(now.wall)
    }

    // MARK: What happened

    /// An entry with that expiry was written.
    mutating func armed(_ expiry: Timestamp) { nextExpiry = min(nextExpiry ?? expiry, expiry) }

    /// The file's state was read.
    mutating func surveyed(nextExpiry: Timestamp?, pages: FilePages, isOverLimit: Bool = false, at now: Moment) {
        hasCheckpointed = false
        self.nextExpiry = nextExpiry
        self.pages = pages
        self.isOverLimit = isOverLimit
        mayShrink = true
        isIdleCheckpointDue = true
        survey.succeeded(nextAt: now.steady + settings.housekeeping)
    }

    /// A batch was deleted.
    /// - Parameters:
    ///   - isBacklog: whether entries are left that were due when the file was last read. Entries that have become due
    ///     since then are collected: otherwise a steady stream of them would make every batch call for another one.
    ///   - isWatched: whether a consumer follows the removals.
    ///   - mayLogGrow: whether nobody is hurt by a long log.
    ///   - pause: for how long others have the write lock, if entries are left.
    mutating func purged(
        nextExpiry: Timestamp?, pages: FilePages, isBacklog: Bool, isWatched: Bool = false, mayLogGrow: Bool = false,
        pause: Milliseconds, at now: Moment
    ) {
        hasCheckpointed = false
        self.mayLogGrow = isBacklog && mayLogGrow
        wantsForesight = isBacklog && isWatched
        self.nextExpiry = nextExpiry
        self.pages = pages
        purge.succeeded(nextAt: now.steady + (isBacklog ? 0 : settings.coalescing))
        if isBacklog {
            lockNotBefore = now.steady + pause
        }
    }

    /// The entries of the next batch were read, or can't be.
    mutating func foresaw() { wantsForesight = false }

    /// Another process holds the claim on the purge for that long.
    mutating func purgeLeftToAnother(for rest: Milliseconds, at now: Moment) {
        hasCheckpointed = false
        mayLogGrow = false
        wantsForesight = false
        purge.succeeded(nextAt: now.steady + max(1, rest))
    }

    /// A write has taken the store beyond its limits.
    mutating func outgrew() { isOverLimit = true }

    /// A batch was evicted, and others have the write lock for `pause` milliseconds.
    mutating func evicted(count: Int, pages: FilePages, isOverLimit: Bool, pause: Milliseconds, at now: Moment) {
        hasCheckpointed = false
        self.pages = pages
        self.isOverLimit = isOverLimit
        // Only entries can be evicted, so there may be nothing to do although the file is too large.
        guard count > 0 || !isOverLimit else { return evict.failed(at: now, settings) }
        evict.succeeded(nextAt: now.steady + (isOverLimit ? 0 : settings.coalescing))
        if isOverLimit { lockNotBefore = now.steady + pause }
    }

    /// After a commit the log has that many frames.
    mutating func logGrew(to frames: Int) {
        logFrames = frames
        if frames > 0 { isLogTruncated = false }
    }

    /// The log was copied: completely, unless a reader still uses it or another process copies it as well.
    mutating func checkpointed(isComplete: Bool, truncating: Bool, at now: Moment) {
        let retry = min(
            settings.checkpointRetry << Int64(min(incompleteCheckpoints, 16)), settings.longestCheckpointRetry)
        checkpoint.succeeded(nextAt: now.steady + (isComplete ? 0 : retry))
        // One pause, however many checkpoints follow one another.
        if !hasCheckpointed { lockNotBefore = max(lockNotBefore, now.steady + settings.checkpointPause) }
        hasCheckpointed = true
        isIdleCheckpointDue = false
        incompleteCheckpoints = isComplete ? 0 : incompleteCheckpoints + 1
        if isComplete {
            logFrames = 0
            isLogTruncated = truncating
        }
    }

    mutating func shrunk(pages: FilePages, held: Milliseconds, at now: Moment) {
        hasCheckpointed = false
        mayShrink = pages.total < self.pages.total
        self.pages = pages
        shrink.succeeded(nextAt: now.steady)
        lockNotBefore = now.steady + BusyTimeout.pause(after: held)
    }

    /// The disk is full. The log holds several versions of a page, so its contents take less space in the file than in
    /// the log.
    mutating func spaceRanOut() {
        isIdleCheckpointDue = true
        isLogTruncated = false
    }

    /// A piece of work failed.
    mutating func failed(_ action: Action, at now: Moment) {
        if case .checkpoint = action {} else { hasCheckpointed = false }
        switch action {
        case .survey: survey.failed(at: now, settings)
        case .purge:
            mayLogGrow = false
            purge.failed(at: now, settings)
        case .foresee: foresaw()
        case .evict: evict.failed(at: now, settings)
        case .checkpoint: checkpoint.failed(at: now, settings)
        case .shrink: shrink.failed(at: now, settings)
        case .sleep: break
        }
    }
}
