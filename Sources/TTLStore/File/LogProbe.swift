internal import CTTLSQLite

/// Finds out, before anything is read by SQL, whether another program has the database open with a log that doesn't
/// lie beside it. SQLite would make a second log then.
///
/// A program that has a database with a write-ahead log open has a log and an index beside the name by which it opened
/// the database. SQLite makes the log before the index; the last connection to close removes the index before the log,
/// under an EXCLUSIVE lock. So where one of them is missing, no program has the database open, or one is opening it at
/// this moment, or the files were deleted, or the database was opened by another name.
struct LogProbe {
    let place: FilePlace
    let connection: Connection
    let busyTimeout: Milliseconds

    /// A moment in which the file may be opened.
    struct Finding {
        /// Log and index as they lay there; nil where no other program has the file open.
        let names: LogNames?
        /// Whether no other store opens the file before RESERVED is given back.
        let hasTurn: Bool
    }

    private enum Answer {
        case found(Finding)
        /// Others have the file open, and log or index are missing.
        case others
        /// Another store is opening the file.
        case opening
        /// No program may read: a process closes the file, or keeps it for itself.
        case locked
    }

    /// How long another opener may take to make its log: a few milliseconds, more on a busy machine.
    private var patience: Milliseconds { min(max(busyTimeout, 250), 1000) }

    /// Returns with a SHARED lock, which is the first thing that SQLite takes itself: so nobody opens the file by
    /// another name between this look and the first read, and nobody who closes it takes log and index away.
    ///
    /// As a rule it returns with the RESERVED lock as well: of several stores one at a time lets SQLite open log and
    /// index, compares them with what has been found (`FileWatch.confirm()`), and gives RESERVED back.
    /// - Throws: `logElsewhere`; `SQLITE_BUSY` where another process keeps the file locked.
    func run() throws -> Finding {
        let begun = MonotonicTime.now
        // Since when others have had the file open without a log beside it, and since when the file has been locked.
        var (othersSince, lockedSince): (MonotonicTime?, MonotonicTime?)
        while true {
            let waited = MonotonicTime.now.milliseconds(since: begun)
            let answer = try ask(insistsOnTurn: waited < patience)
            switch answer {
            case .found(let finding): return finding
            case .others:
                // These have come after the process that locked the file. An opener that asks locks it for a moment.
                if let since = lockedSince, MonotonicTime.now.milliseconds(since: since) >= 50 { othersSince = nil }
                lockedSince = nil
                let since = othersSince ?? .now
                othersSince = since
                if MonotonicTime.now.milliseconds(since: since) >= patience { throw LogProbe.logElsewhere }
            case .locked where waited >= max(patience, busyTimeout):
                throw SQLiteError(code: SQLITE_BUSY, connection: nil)
            case .opening, .locked: lockedSince = lockedSince ?? .now
            }
            // At random, so that two who ask at the same time don't do so again and again.
            sleepThread(microseconds: UInt32.random(in: 200...2000))
        }
    }

    /// Log and index, if both lie there. What can't be looked at is SQLite's to report.
    static func namesBeside(_ place: FilePlace) -> LogNames? {
        let (index, log) = (place.kind("-shm"), place.kind("-wal"))
        guard index != .missing, log != .missing else { return nil }
        return LogNames(log: log.identity, index: index.identity)
    }

    private func ask(insistsOnTurn: Bool) throws(SQLiteError) -> Answer {
        guard try connection.lockFile(.shared) else { return .locked }
        // What fails here is let go of by closing the connection.
        let hasTurn = try takeTurn()
        guard hasTurn || !insistsOnTurn else {
            try connection.unlockFile(keeping: nil)
            return .opening
        }
        if let names = LogProbe.namesBeside(place) { return .found(Finding(names: names, hasTurn: hasTurn)) }
        guard try connection.lockFile(.exclusive) else {
            try connection.unlockFile(keeping: nil)
            return .others
        }
        // RESERVED can't be kept on the way down. Another opener has it for a moment at most.
        try connection.unlockFile(keeping: .shared)
        for _ in 0..<20 {
            if try takeTurn() { return .found(Finding(names: nil, hasTurn: true)) }
            sleepThread(microseconds: 100)
        }
        return .found(Finding(names: nil, hasTurn: false))
    }

    /// Not beside a journal: SQLite would take that for the one of a writer at work, by this lock.
    private func takeTurn() throws(SQLiteError) -> Bool {
        if place.kind("-journal") != .missing { return true }
        return try connection.lockFile(.reserved)
    }

    static let logElsewhere = TTLStoreError(
        .logElsewhere,
        """
        the file is open elsewhere with a log that does not lie beside this path: the log was deleted, or the file was \
        opened by another name (a hard link or a bind mount); close it there before you open it here
        """, in: "open")
}
