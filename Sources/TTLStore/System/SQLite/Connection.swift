import CTTLSQLite
import Synchronization

/// One SQLite connection, used by one thread at a time.
///
/// Opened without SQLite's own mutexes (`SQLITE_OPEN_NOMUTEX`): a lock of the library gives it to one user at a time.
/// `beginUse()` and `endUse()` check that in debug builds, since the thread sanitizer can't see into libsqlite3.
final class Connection: @unchecked Sendable {
    // Sendable: handed from thread to thread by CommitQueue's turn, ReaderPool or the expirer, always under a lock.
    // `interrupt()` alone is called while another thread uses the connection, which SQLite allows.
    let handle: OpaquePointer
    let busyPolicy: BusyPolicy
    private let isInUse = Atomic<Bool>(false)
    private(set) var isClosed = false
    /// The statements that were prepared here and are not yet finalised. SQLite's own list has more: the modules of
    /// virtual tables prepare statements as well, and finalise them themselves.
    private var statements: Set<OpaquePointer> = []
    /// SQLite finds the files through it as long as the connection is open.
    private let folder: OpenFolder?

    enum Access {
        case readWrite
        case readOnly
        /// Read-only, and the caller knows that no process writes: SQLite then takes no locks and needs no `-shm` file.
        case immutable
        case memory
    }

    /// Opens an existing file.
    /// - Parameter folder: if given, the file of that name in the folder is opened, wherever `path` leads by now.
    init(
        path: String, in folder: OpenFolder? = nil, access: Access, busyPolicy: BusyPolicy
    ) throws(SQLiteError) {
        var flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE | SQLITE_OPEN_PRIVATECACHE
        let path = folder?.path(of: FileSystem.name(of: path)) ?? path
        var name = path
        self.folder = folder
        switch access {
        case .readWrite: flags |= SQLITE_OPEN_READWRITE
        case .readOnly: flags |= SQLITE_OPEN_READONLY
        case .immutable:
            flags |= SQLITE_OPEN_READONLY | SQLITE_OPEN_URI
            name = "file:" + Connection.escapedForURI(path) + "?immutable=1"
        case .memory:
            flags |= SQLITE_OPEN_READWRITE | SQLITE_OPEN_MEMORY
            name = ":memory:"
        }
        StandardDescriptors.fill()
        var opened: OpaquePointer?
        let code = sqlite3_open_v2(name, &opened, flags, folder == nil ? nil : OpenFolder.fileSystem)
        guard code == SQLITE_OK, let opened else {
            let error = SQLiteError(code: code, connection: opened)
            sqlite3_close(opened)
            throw error
        }
        folder?.noteConnection()
        // Where a file can't be opened for writing, SQLite opens it for reading and reports success.
        guard access != .readWrite || sqlite3_db_readonly(opened, "main") == 0 else {
            sqlite3_close(opened)
            throw SQLiteError(code: SQLITE_READONLY, connection: nil)
        }
        handle = opened
        self.busyPolicy = busyPolicy
        sqlite3_busy_handler(handle, handleBusy, Unmanaged.passUnretained(busyPolicy).toOpaque())
    }

    deinit { close() }

    /// Finalises the remaining statements, and closes the file handle. No statement may be used afterwards.
    func close() {
        guard !isClosed else { return }
        isClosed = true
        for statement in statements { sqlite3_finalize(statement) }
        statements = []
        let code = sqlite3_close(handle)
        assert(code == SQLITE_OK, "close returned \(code)")
    }

    func prepare(_ sql: String, flags: UInt32) throws(SQLiteError) -> OpaquePointer {
        var prepared: OpaquePointer?
        try check(sqlite3_prepare_v3(handle, sql, -1, flags, &prepared, nil))
        guard let prepared else { throw SQLiteError(code: SQLITE_MISUSE, message: "an empty statement") }
        statements.insert(prepared)
        return prepared
    }

    /// Finalises a statement; does nothing once the connection is closed.
    func finalize(_ statement: OpaquePointer) {
        guard !isClosed else { return }
        statements.remove(statement)
        sqlite3_finalize(statement)
    }

    /// Runs one or more statements that return no rows of interest.
    func execute(_ sql: String) throws(SQLiteError) {
        try check(sqlite3_exec(handle, sql, nil, nil, nil))
    }

    /// The integer in the first column of the first row, or nil.
    func integer(_ sql: String) throws(SQLiteError) -> Int64? { try Statement(sql, on: self).firstInteger() }

    /// As `integer(_:)`, clamped to the range of `Int`.
    func count(_ sql: String) throws(SQLiteError) -> Int? { try Statement(sql, on: self).firstCount() }

    func text(_ sql: String) throws(SQLiteError) -> String? {
        let statement = try Statement(sql, on: self)
        return try statement.step() ? statement.withBytes(0) { String(decoding: $0, as: UTF8.self) } : nil
    }

    func check(_ code: Int32) throws(SQLiteError) {
        guard code == SQLITE_OK else { throw SQLiteError(code: code, connection: handle) }
    }

    func set(_ option: Int32, on: Bool) throws(SQLiteError) {
        try check(ttl_sqlite3_db_config_flag(handle, option, on ? 1 : 0))
    }

    /// - Parameter length: the most bytes of a value that is read or written: a longer one is `SQLITE_TOOBIG`.
    func limit(length: Int) {
        sqlite3_limit(handle, SQLITE_LIMIT_LENGTH, Int32(clamping: length))
        // The library compares no patterns. A long pattern in the expression of an index can take for ever.
        sqlite3_limit(handle, SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 100)
    }

    /// Waits until the writes to the file, or to its log, are on the disk. Takes no lock.
    /// - Parameter pointer: `SQLITE_FCNTL_FILE_POINTER` for the file, `SQLITE_FCNTL_JOURNAL_POINTER` for the log.
    /// - Throws: the error that the disk reports. It reports an error only once, so the error must not be swallowed:
    ///   SQLite's own, later call would succeed.
    func flush(_ pointer: Int32) throws(SQLiteError) {
        var file: UnsafeMutablePointer<sqlite3_file>?
        try check(sqlite3_file_control(handle, "main", pointer, &file))
        guard let file, let sync = file.pointee.pMethods?.pointee.xSync else { return }
        try check(sync(file, SQLITE_SYNC_NORMAL))
    }

    /// Whether the name by which SQLite has opened the file no longer leads to it. One `stat`.
    var hasMoved: Bool {
        var answer: Int32 = 0
        return sqlite3_file_control(handle, "main", SQLITE_FCNTL_HAS_MOVED, &answer) == SQLITE_OK && answer != 0
    }

    /// Whether the system has ever failed to read the file or its log through this connection.
    var hasFailedToRead: Bool {
        [SQLITE_FCNTL_FILE_POINTER, SQLITE_FCNTL_JOURNAL_POINTER].contains {
            Connection.lastSystemError(handle, $0) != 0
        }
    }

    /// The `errno` of the call that failed last on the file or its log; 0 if none has. Never while SQLite works.
    static func lastSystemError(_ handle: OpaquePointer, _ pointer: Int32) -> Int32 {
        var file: UnsafeMutablePointer<sqlite3_file>?
        var number: Int32 = 0
        guard sqlite3_file_control(handle, "main", pointer, &file) == SQLITE_OK, let file,
            let control = file.pointee.pMethods?.pointee.xFileControl,
            control(file, SQLITE_FCNTL_LAST_ERRNO, &number) == SQLITE_OK
        else { return 0 }
        return number
    }

    /// Tells a damaged file from a failed read. SQLite reports both as damage, since it ascribes a failed read to a
    /// damaged file system (https://www.sqlite.org/rescode.html#ioerr_corruptfs). Only a connection that was opened for
    /// one purpose can tell the two apart.
    func toldApart(_ error: SQLiteError) -> SQLiteError {
        let isDamage = [SQLITE_CORRUPT, SQLITE_NOTADB].contains(error.primaryCode)
        return isDamage && hasFailedToRead ? .failedRead : error
    }

    /// Rows changed by the statement that ended last.
    var changes: Int { Int(sqlite3_changes64(handle)) }

    /// False once SQLite has rolled a transaction back by itself, e.g. on a full disk.
    var isInTransaction: Bool { sqlite3_get_autocommit(handle) == 0 }

    /// Ends the running statement, and a running checkpoint, with `SQLITE_INTERRUPT`. Callable from any thread.
    func interrupt() { sqlite3_interrupt(handle) }

    /// Forgets an interrupt that met no statement. It would otherwise end the checkpoint with which SQLite closes the
    /// last connection.
    func forgetInterrupt() { _ = try? integer("SELECT 1") }

    /// Gives page-cache memory back to the allocator.
    func releaseMemory() { sqlite3_db_release_memory(handle) }

    /// How many pages were read into the cache since the connection was opened.
    var pagesRead: Int {
        var (count, highest): (Int32, Int32) = (0, 0)
        sqlite3_db_status(handle, SQLITE_DBSTATUS_CACHE_MISS, &count, &highest, 0)
        return Int(count)
    }

    func beginUse() {
        assert(!isInUse.exchange(true, ordering: .acquiringAndReleasing), "two threads use one connection")
    }

    func endUse() {
        assert(isInUse.exchange(false, ordering: .acquiringAndReleasing), "a connection was given back twice")
    }

    private static func escapedForURI(_ path: String) -> String {
        var escaped = ""
        for byte in path.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "/"), UInt8(ascii: "."), UInt8(ascii: "-"),
                UInt8(ascii: "_"):
                escaped.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                escaped += "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
            }
        }
        return escaped
    }
}
