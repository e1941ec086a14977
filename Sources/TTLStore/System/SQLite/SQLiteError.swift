import CTTLSQLite

/// The error of an SQLite call. The message is SQLite's own; it names tables, columns and constraints, but no values.
struct SQLiteError: Error {
    /// The extended result code, https://www.sqlite.org/rescode.html
    var code: Int32
    var message: String
    /// The `errno` of the failed system call; 0 where it is not known.
    var systemError: Int32 = 0
    /// False where `systemError` may be the number of an earlier failure.
    var isSystemErrorCertain = false

    var primaryCode: Int32 { code & 0xff }

    /// `SQLITE_IOERR_CORRUPTFS`, a macro that is not imported.
    static let failedRead = SQLiteError(code: SQLITE_IOERR | (33 << 8), connection: nil)

    /// `SQLITE_READONLY_DBMOVED`, as before.
    static let replacedFile = SQLiteError(code: SQLITE_READONLY | (4 << 8), connection: nil)

    /// `SQLITE_CORRUPT_INDEX`, a macro that is not imported.
    static let damagedIndex = SQLiteError(code: SQLITE_CORRUPT | (3 << 8), connection: nil)

    init(code: Int32, message: String) {
        self.code = code
        self.message = message
    }

    /// Must be made at once, before another call on the thread changes `errno`.
    init(code: Int32, connection: OpaquePointer?) {
        let latest = FileSystem.lastError
        self.code = code
        // errmsg speaks of the connection's latest call; another thread never uses this connection meanwhile.
        let text = connection == nil ? sqlite3_errstr(code) : sqlite3_errmsg(connection)
        message = text.map { String(cString: $0) } ?? "error \(code)"
        if let connection {
            (systemError, isSystemErrorCertain) = SQLiteError.systemError(code, connection, latest)
        }
    }

    /// `sqlite3_system_errno` alone is not enough: in older versions (3.40) a failed COMMIT does not set it, and it is
    /// zero or from an earlier failure. The thread's own `errno` is right if the file has kept the same number;
    /// otherwise SQLite may have met another failure in the rollback, or have closed its journal.
    /// - Returns: the number, and whether it certainly belongs to this failure.
    private static func systemError(_ code: Int32, _ connection: OpaquePointer, _ latest: Int32) -> (Int32, Bool) {
        guard [SQLITE_CANTOPEN, SQLITE_IOERR].contains(code & 0xff) else { return (0, false) }
        let told = sqlite3_system_errno(connection)
        let kept = [SQLITE_FCNTL_JOURNAL_POINTER, SQLITE_FCNTL_FILE_POINTER].map {
            Connection.lastSystemError(connection, $0)
        }
        return code & 0xff == SQLITE_IOERR && kept.contains(latest)
            ? (latest, true) : (told != 0 ? told : latest, false)
    }
}
