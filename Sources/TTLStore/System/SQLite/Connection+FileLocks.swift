internal import CTTLSQLite

/// SQLite's own locks on the database file (https://www.sqlite.org/lockingv3.html), taken by SQLite's own methods.
///
/// A connection that reads a file with a write-ahead log keeps a SHARED lock on the file until it is closed
/// (`pager_unlock` in SQLite's `pager.c`), and closing takes the EXCLUSIVE one to find out whether the connection is
/// the last (`sqlite3WalClose` in `wal.c`). So a connection that gets EXCLUSIVE is the only one that has the file open.
extension Connection {
    enum FileLock {
        case shared
        /// As a rule no connection takes it on a file with a write-ahead log.
        case reserved
        case exclusive

        fileprivate var level: Int32 {
            switch self {
            case .shared: SQLITE_LOCK_SHARED
            case .reserved: SQLITE_LOCK_RESERVED
            case .exclusive: SQLITE_LOCK_EXCLUSIVE
            }
        }
    }

    /// SQLite's handle of the open file.
    private var file: UnsafeMutablePointer<sqlite3_file>? {
        var file: UnsafeMutablePointer<sqlite3_file>?
        return sqlite3_file_control(handle, "main", SQLITE_FCNTL_FILE_POINTER, &file) == SQLITE_OK ? file : nil
    }

    /// Doesn't wait. The caller of EXCLUSIVE holds SHARED. If EXCLUSIVE is refused, PENDING may be left, which keeps
    /// others from getting SHARED.
    /// - Returns: whether the lock is held.
    /// - Throws: `SQLITE_PERM` where the file system has no locks.
    func lockFile(_ lock: FileLock) throws(SQLiteError) -> Bool {
        guard let file, let take = file.pointee.pMethods?.pointee.xLock else { return false }
        FileSystem.lastError = 0
        let code = take(file, lock.level)
        if code == SQLITE_OK { return true }
        guard code & 0xff == SQLITE_BUSY else { throw SQLiteError(code: code, connection: nil) }
        // SQLite reports that as a lock of another process.
        if FileSystem.lastError == FileSystem.hasNoLocks { throw SQLiteError(code: SQLITE_PERM, connection: nil) }
        return false
    }

    /// - Parameter lock: the lock to keep; nil for none.
    /// - Throws: where the system fails. Then a higher lock may stay until the connection is closed.
    func unlockFile(keeping lock: FileLock?) throws(SQLiteError) {
        guard let file, let give = file.pointee.pMethods?.pointee.xUnlock else { return }
        let code = give(file, lock?.level ?? SQLITE_LOCK_NONE)
        guard code == SQLITE_OK else { throw SQLiteError(code: code, connection: nil) }
    }
}
