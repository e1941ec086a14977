import CTTLSQLite

/// What an SQLite call returned. The message is SQLite's own; it names tables, columns and constraints, but no values.
struct SQLiteError: Error {
    /// The extended result code, https://www.sqlite.org/rescode.html
    var code: Int32
    var message: String

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

    init(code: Int32, connection: OpaquePointer?) {
        self.code = code
        // errmsg speaks of the connection's latest call; another thread never uses this connection meanwhile.
        let text = connection == nil ? sqlite3_errstr(code) : sqlite3_errmsg(connection)
        message = text.map { String(cString: $0) } ?? "error \(code)"
    }
}
