internal import CTTLSQLite

/// Finds out, before anything is read by SQL, whether another program has the database open with a log that doesn't
/// lie beside it. SQLite would make a second log then.
///
/// Who has a database with a write-ahead log open has a log and an index beside the name by which it was opened: SQLite
/// makes the log before the index, and the last to close removes the index before the log, under an EXCLUSIVE lock.
/// Where one of them is missing, either nobody has the database open, or it is being opened at this moment, or they
/// were deleted, or the database was opened by another name.
struct LogProbe {
    let place: FilePlace
    let connection: Connection
    let busyTimeout: Milliseconds

    private enum Answer {
        case alone
        /// Others have the file open.
        case others
        /// Nobody may read: a process closes the file, or keeps it for itself.
        case locked
    }

    /// How long another opener may take to make its log: a matter of a few milliseconds, and some more on a busy
    /// machine.
    private var patience: Milliseconds { min(max(busyTimeout, 250), 1000) }

    /// Returns with a SHARED lock, which is the first thing that SQLite takes itself, where there is no log: so nobody
    /// opens the file by another name between this look and the first read.
    /// - Throws: `logElsewhere`; `SQLITE_BUSY` where another process keeps the file locked.
    func run() throws {
        guard !LogProbe.isLogBeside(place) else { return }
        let begun = MonotonicTime.now
        while true {
            let answer = try ask()
            if answer == .alone || LogProbe.isLogBeside(place) { return }
            let waited = MonotonicTime.now.milliseconds(since: begun)
            if answer == .others, waited >= patience { throw LogProbe.logElsewhere }
            if answer == .locked, waited >= max(patience, busyTimeout) {
                throw SQLiteError(code: SQLITE_BUSY, connection: nil)
            }
            // At random, so that two who ask at the same time don't do so again and again.
            sleepThread(microseconds: UInt32.random(in: 200...2000))
        }
    }

    static func isLogBeside(_ place: FilePlace) -> Bool {
        // What can't be looked at is SQLite's to report.
        place.kind("-shm") != .missing && place.kind("-wal") != .missing
    }

    private func ask() throws(SQLiteError) -> Answer {
        guard try connection.lockFile(.shared) else { return .locked }
        // What fails here is let go of by closing the connection.
        let hasFileAlone = try connection.lockFile(.exclusive)
        try connection.unlockFile(keeping: hasFileAlone ? .shared : nil)
        return hasFileAlone ? .alone : .others
    }

    static let logElsewhere = TTLStoreError(
        .logElsewhere,
        """
        the file is open elsewhere with a log that does not lie beside this path: the log was deleted, or the file was \
        opened by another name (a hard link or a bind mount); close it there before you open it here
        """, in: "open")
}
