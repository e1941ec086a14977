internal import CTTLSQLite

/// How the last connection of a store closes.
extension StoreFile {
    /// How long the last connection waits for others to close, where the log has lost its name.
    private static let partingPatience: Milliseconds = 250
    /// For how long it is tried to tell an opener from one who closes.
    private static let openingPatience: Milliseconds = 50

    /// Closes the last connection. SQLite then copies the log into the database and removes it, if no other connection
    /// has the file open.
    ///
    /// Where log or index have lost their names, another program may have made new ones and written to them. A copy
    /// would overwrite its changes, and SQLite would remove its log, so there is no copy then. A copy is still safe if
    /// no other program has the database open, and the log's name leads nowhere or to a log that was never written to:
    /// no opener can remove a log as long as this connection is open. It then keeps the writes that were acknowledged
    /// before the name was lost. Of several connections to the old log, the last one to close copies it.
    func close(last connection: Connection) {
        var hasFileAlone = false
        defer {
            connection.close()
            folder?.close(isUnused: hasFileAlone)
        }
        guard let watch else { return }
        watch.leave()
        guard configuration.access != .readOnly else { return }
        hasFileAlone = decideOnCopy(connection, watch)
    }

    /// Decides whether SQLite copies the log as the connection closes.
    /// - Returns: whether no other connection has the file open.
    func decideOnCopy(_ connection: Connection, _ watch: FileWatch) -> Bool {
        // The lock first: from then on no program can open the database, and the names can't change in meaning.
        var hasFileAlone = (try? connection.lockFile(.shared) && connection.lockFile(.exclusive)) ?? false
        var standing = watch.standing()
        if standing != .intact, !hasFileAlone {
            hasFileAlone = waitUntilAlone(connection, watch)
            standing = watch.standing()
        }
        let isCopied = standing == .intact || (standing == .nameless && hasFileAlone)
        try? connection.set(SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, on: !isCopied)
        return hasFileAlone
    }

    /// Others may be closing as well, or asking whether anybody has the file open (`LogProbe`). SHARED is kept all the
    /// time: without it an opener could take the file for nobody's, and make a log over which this one would be laid.
    /// Of several who close, who gets RESERVED copies for all of them, since they share log and index; the others
    /// close. Who opens the file takes RESERVED as well, for a moment.
    private func waitUntilAlone(_ connection: Connection, _ watch: FileWatch) -> Bool {
        let deadline = MonotonicTime.now + StoreFile.partingPatience
        do throws(SQLiteError) {
            // A refused EXCLUSIVE may have left PENDING, which would make RESERVED look held.
            try connection.unlockFile(keeping: .shared)
            let patience = MonotonicTime.now + StoreFile.openingPatience
            while try !connection.lockFile(.reserved) {
                guard MonotonicTime.now < patience else { return false }
                sleepThread(microseconds: 300)
            }
            // Before, a name may have led to what an opener had made by mistake.
            if watch.standing() == .changed { return false }
            while MonotonicTime.now < deadline {
                if try connection.lockFile(.exclusive) { return true }
                sleepThread(microseconds: 1000)
            }
        } catch {}
        return false
    }
}
