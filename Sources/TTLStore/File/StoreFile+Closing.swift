internal import CTTLSQLite

/// How the last connection of a store closes.
extension StoreFile {
    /// How long the last but one may take to close, where the log has no name any more.
    private static let partingPatience: Milliseconds = 50
    /// For how long it is tried to tell an opener from one who closes.
    private static let openingPatience: Milliseconds = 10

    /// Closes it. SQLite then copies the log into the database and removes it, if nobody else has the file open.
    ///
    /// Not where log or index have lost their names: others may have made new ones, and written to them; the copy would
    /// be laid over theirs, and theirs removed. But where nobody else has the database open, and the log's name leads
    /// nowhere, nobody has made another log: an opener can't remove it as long as this connection is open. Or it leads
    /// to one to which nothing was ever written. Then the copy keeps what was acknowledged before the name was lost.
    /// Of several who have the old log open the last to close does that.
    func close(last connection: Connection) {
        var hasFileAlone = false
        defer {
            connection.close()
            folder?.close(isUnused: hasFileAlone)
        }
        guard let watch else { return }
        watch.leave()
        guard configuration.access != .readOnly else { return }
        // The lock first: from then on nobody can open the database, and the names say all that there is.
        hasFileAlone = (try? connection.lockFile(.shared) && connection.lockFile(.exclusive)) ?? false
        var standing = watch.standing()
        if standing == .intact { return }
        if standing == .nameless, !hasFileAlone {
            hasFileAlone = waitUntilAlone(connection)
            standing = watch.standing()
        }
        if standing == .nameless, hasFileAlone { return }
        try? connection.set(SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, on: true)
    }

    /// Others may be closing as well, or asking whether anybody has the file open (`LogProbe`). SHARED is kept all the
    /// time: without it an opener could take the file for nobody's, and make a log over which this one would be laid.
    /// Of several who close, who gets RESERVED copies for all of them, since they share log and index; the others
    /// close. Who opens the file takes RESERVED as well, for a moment.
    private func waitUntilAlone(_ connection: Connection) -> Bool {
        let deadline = MonotonicTime.now + StoreFile.partingPatience
        do throws(SQLiteError) {
            // A refused EXCLUSIVE may have left PENDING, by which RESERVED would seem to be held.
            try connection.unlockFile(keeping: .shared)
            let patience = MonotonicTime.now + StoreFile.openingPatience
            while try !connection.lockFile(.reserved) {
                guard MonotonicTime.now < patience else { return false }
                sleepThread(microseconds: 300)
            }
            while MonotonicTime.now < deadline {
                if try connection.lockFile(.exclusive) { return true }
                sleepThread(microseconds: 1000)
            }
        } catch {}
        return false
    }
}
