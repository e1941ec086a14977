/// Notices what other connections do with the log, those of other processes and of other stores of this one: their
/// commits, and their copying of it. It belongs to the holder of the turn.
///
/// Every commit that writes raises `iChange` in the header of the wal-index by one, and no other write touches it but
/// recovery after a crash. Under the write lock the header stays as it is. So a number that has grown by more than the
/// store's own commits tells of others.
struct ForeignCommits {
    private let connection: Connection
    private let gauge: LogGauge?
    private var index: LogIndex?
    private var last: Look?
    /// When one was last noticed; nil if none was since the store's first transaction.
    private(set) var lastSeen: MonotonicTime?
    /// When it was last noticed that others copy the log, as SQLite does by itself in commits to a log of 1000 frames.
    private(set) var lastCopying: MonotonicTime?

    /// What there was at the begin of a transaction.
    fileprivate struct Look {
        var log: LogIndex.Held
        /// The store's own.
        var commits: Int
        var checkpoints: Int
    }

    init(_ connection: Connection, _ gauge: LogGauge?) {
        self.connection = connection
        self.gauge = gauge
    }

    /// Called at the begin of a transaction, with the write lock.
    mutating func look() {
        guard let gauge else { return }
        if index == nil { index = LogIndex(connection) }
        guard let index else { return lastSeen = .now }
        let look = Look(log: index.held, commits: gauge.commits, checkpoints: gauge.checkpointMarks)
        if let last {
            if look.hasForeignCommits(since: last) { lastSeen = .now }
            if look.hasForeignCopies(since: last) { lastCopying = .now }
        }
        last = look
    }
}

extension ForeignCommits.Look {
    fileprivate func hasForeignCommits(since last: Self) -> Bool {
        log.change != last.log.change &+ UInt32(truncatingIfNeeded: commits - last.commits)
    }

    /// Only if the store itself has copied nothing in between. False where that can't be told.
    fileprivate func hasForeignCopies(since last: Self) -> Bool {
        // Odd while a checkpoint runs.
        guard checkpoints == last.checkpoints, checkpoints.isMultiple(of: 2) else { return false }
        if log.salts == last.log.salts { return log.copied > last.log.copied }
        // A log that was not wholly copied has been begun anew.
        return log.copied > 0 || last.log.copied < last.log.frames
    }
}
