import CTTLSQLite

/// A prepared statement. Parameters are numbered from 1, columns from 0, as in SQLite.
final class Statement {
    private let handle: OpaquePointer
    private let connection: Connection

    /// - Parameter persistent: true for a statement that is kept and run many times.
    init(_ sql: String, on connection: Connection, persistent: Bool = false) throws(SQLiteError) {
        handle = try connection.prepare(sql, flags: persistent ? UInt32(SQLITE_PREPARE_PERSISTENT) : 0)
        self.connection = connection
    }

    // A closed connection has finalised its statements.
    deinit { connection.finalize(handle) }

    // MARK: Running

    /// Runs to the next row; false if there is none. After false, or an error, the statement has been reset.
    func step() throws(SQLiteError) -> Bool {
        let code = sqlite3_step(handle)
        if code == SQLITE_ROW { return true }
        // With prepared v3 statements, reset repeats the error that step reported.
        let error = code == SQLITE_DONE ? nil : SQLiteError(code: code, connection: connection.handle)
        sqlite3_reset(handle)
        if let error { throw error }
        return false
    }

    /// Runs a statement that returns no rows.
    func run() throws(SQLiteError) {
        while try step() {}
    }

    /// Ends a statement that was not stepped to its end, and its read transaction.
    func reset() { sqlite3_reset(handle) }

    /// The integer in the first column of the first row, or nil; ends the statement.
    func firstInteger() throws(SQLiteError) -> Int64? {
        guard try step() else { return nil }
        defer { reset() }
        return integer(0)
    }

    /// As `firstInteger()`, held within what an `Int` of the machine can hold.
    func firstCount() throws(SQLiteError) -> Int? { try firstInteger().map { Int(clamping: $0) } }

    /// Sets every parameter to NULL, and so forgets pointers to bound bytes.
    func clearBindings() { sqlite3_clear_bindings(handle) }

    // MARK: Parameters

    func bind(_ index: Int32, _ value: Int64) { expectOK(sqlite3_bind_int64(handle, index, value)) }

    func bind(_ index: Int32, _ value: Int64?) {
        if let value { bind(index, value) } else { bindNull(index) }
    }

    func bindNull(_ index: Int32) { expectOK(sqlite3_bind_null(handle, index)) }

    /// Copies the bytes.
    /// - Parameter isText: false for a BLOB.
    func bind(_ index: Int32, copying bytes: [UInt8], asText isText: Bool = true) throws(SQLiteError) {
        let code = bytes.withUnsafeBytes { buffer in
            // An empty buffer may have no address, and SQLite reads a null pointer as NULL.
            guard let start = buffer.baseAddress, !buffer.isEmpty else {
                return isText
                    ? ttl_sqlite3_bind_text_copy(handle, index, "", 0) : sqlite3_bind_zeroblob(handle, index, 0)
            }
            return isText
                ? ttl_sqlite3_bind_text_copy(
                    handle, index, start.assumingMemoryBound(to: CChar.self), Int32(buffer.count))
                : ttl_sqlite3_bind_blob_copy(handle, index, start, Int32(buffer.count))
        }
        try connection.check(code)
    }

    /// Binds text without copying it: the pointer must stay valid until the statement is reset, and the parameter be
    /// bound again before the statement is next run.
    func bindBorrowed(_ index: Int32, text: UnsafeBufferPointer<UInt8>) throws(SQLiteError) {
        let code =
            text.count == 0
            ? ttl_sqlite3_bind_text_copy(handle, index, "", 0)
            : UnsafeRawBufferPointer(text).withMemoryRebound(to: CChar.self) {
                sqlite3_bind_text(handle, index, $0.baseAddress, Int32($0.count), nil)
            }
        try connection.check(code)
    }

    /// As `bindBorrowed(_:text:)`, for a BLOB.
    func bindBorrowed(_ index: Int32, blob: UnsafeBufferPointer<UInt8>) throws(SQLiteError) {
        let code =
            blob.count == 0
            ? sqlite3_bind_zeroblob(handle, index, 0)
            : sqlite3_bind_blob(handle, index, blob.baseAddress, Int32(blob.count), nil)
        try connection.check(code)
    }

    /// Binding a number or NULL fails only for a wrong index or a statement that was not reset: a mistake of the
    /// library.
    private func expectOK(_ code: Int32) {
        assert(code == SQLITE_OK, "bind returned \(code)")
    }

    // MARK: Columns

    enum ColumnType {
        case integer, real, text, blob, null
    }

    func type(_ column: Int32) -> ColumnType {
        switch sqlite3_column_type(handle, column) {
        case SQLITE_INTEGER: .integer
        case SQLITE_FLOAT: .real
        case SQLITE_TEXT: .text
        case SQLITE_BLOB: .blob
        default: .null
        }
    }

    /// Any 64 bits: a file may hold what its schema forbids. For times there is `time(_:)`, for numbers of rows, bytes
    /// and pages `count(_:)`.
    func integer(_ column: Int32) -> Int64 { sqlite3_column_int64(handle, column) }

    /// A number of things, clamped to the range of `Int`.
    func count(_ column: Int32) -> Int { Int(clamping: integer(column)) }

    /// The bytes of a TEXT or BLOB column, with their length: text may hold NUL. Valid only inside `body`.
    func withBytes<Result>(_ column: Int32, _ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
        // The pointer first, then the count: the first call may convert the value.
        let pointer = sqlite3_column_blob(handle, column)
        let count = Int(sqlite3_column_bytes(handle, column))
        guard let pointer, count > 0 else { return body(UnsafeBufferPointer(start: nil, count: 0)) }
        return body(UnsafeBufferPointer(start: pointer.assumingMemoryBound(to: UInt8.self), count: count))
    }
}
