internal import CTTLSQLite

/// The wal-index of a file: memory that all processes with the open file share. SQLite keeps the length of the log
/// there, and how much of it is copied (https://www.sqlite.org/walformat.html, section 2).
///
/// Read through SQLite's own mapping: closing another descriptor of `-shm` would drop SQLite's locks.
struct LogIndex {
    private let memory: UnsafeMutableRawPointer

    struct State: Equatable {
        /// SQLite's `mxFrame`.
        let frames: UInt32
        /// How many frames are copied into the file: SQLite's `nBackfill`.
        let copied: UInt32
        /// They change whenever the log is begun anew.
        let salts: [UInt32]
    }

    /// - Parameter connection: one that has read from the file before. The mapping stays as long as the connection is
    ///   open.
    /// - Returns: nil where there is no shared memory.
    init?(_ connection: Connection) {
        var file: UnsafeMutablePointer<sqlite3_file>?
        var region: UnsafeMutableRawPointer?
        guard sqlite3_file_control(connection.handle, "main", SQLITE_FCNTL_FILE_POINTER, &file) == SQLITE_OK, let file,
            let methods = file.pointee.pMethods?.pointee, methods.iVersion >= 2, let map = methods.xShmMap,
            map(file, 0, 32768, 0, &region) == SQLITE_OK, let region
        else { return nil }
        memory = region
    }

    /// Nil while SQLite writes the header, or if the header has another format.
    func state() -> State? {
        // Reads the header after `copied`: before SQLite sets that back to 0, it writes the header.
        let copied = word(24)
        guard let header = header() else { return nil }
        return State(frames: header.frames, copied: copied, salts: header.salts)
    }

    /// Nil while SQLite writes the header, or if the header has another format. Reads both copies: SQLite writes the
    /// second one first.
    func header() -> LogHeader? {
        let header = LogHeader(ttl_load_header(memory))
        return header.isKnown && header == LogHeader(ttl_load_header(memory + 48)) ? header : nil
    }

    /// What a holder of the write lock may read word by word, since nobody else changes it meanwhile; but `copied` may
    /// grow.
    struct Held: Equatable {
        /// The header's `iChange`.
        var change: UInt32
        var frames: UInt32
        var copied: UInt32
        var salts: UInt64
    }

    /// For the holder of the write lock.
    var held: Held {
        Held(change: word(2), frames: word(4), copied: word(24), salts: UInt64(word(8)) << 32 | UInt64(word(9)))
    }

    /// Whether the first copy of the header equals the label. Some nanoseconds.
    func hasHeader(_ label: UnsafePointer<ttl_log_header>) -> Bool { ttl_header_is(memory, label) != 0 }

    private func word(_ index: Int) -> UInt32 { ttl_load_word(memory + 4 * index) }
}

extension Connection {
    /// False if the index does not belong to this connection's log, since one of the two files was replaced. True also
    /// where that can't be found out.
    ///
    /// The salts of a log are in its header and in the index (https://www.sqlite.org/walformat.html, sections 1.1 and
    /// 2.1); a writer that begins the log anew changes them in the index, then in the log, and then counts its frames.
    func hasLogOfIndex() throws(SQLiteError) -> Bool {
        guard let index = LogIndex(self) else { return true }
        for _ in 0..<Connection.looks {
            guard let state = index.state() else { continue }
            if state.frames == 0 { return true }
            let salts = try logSalts()
            if salts == state.salts { return true }
            // The comparison counts only if the log was not begun anew in between.
            if index.state()?.salts == state.salts { return false }
        }
        return true
    }

    /// Nil for a log without a header.
    private func logSalts() throws(SQLiteError) -> [UInt32]? {
        var file: UnsafeMutablePointer<sqlite3_file>?
        try check(sqlite3_file_control(handle, "main", SQLITE_FCNTL_JOURNAL_POINTER, &file))
        var words = [UInt32](repeating: 0, count: 8)
        guard let file, let read = file.pointee.pMethods?.pointee.xRead else { return nil }
        let code = words.withUnsafeMutableBytes { read(file, $0.baseAddress, 32, 0) }
        // SQLITE_IOERR_SHORT_READ, a macro that is not imported.
        if code == SQLITE_IOERR | (2 << 8) { return nil }
        guard code == SQLITE_OK else { throw SQLiteError(code: code, connection: nil) }
        return Array(words[4...5])
    }

    /// How often to look while another process writes the header, which takes some nanoseconds.
    private static let looks = 16

    /// Leaves `snapshot` in the middle of its rows, if it is certain that no connection resets the log until the
    /// statement is reset.
    ///
    /// That is certain if a part of the log is not copied once the read has begun. SQLite's source (`wal.c`, 3.40.1 to
    /// 3.49.2) leaves two cases, by the lock that `walTryBeginRead` has taken:
    /// - One of the read marks 1 to 4: the connection reads from the log. A reset (`walRestartHdr`, called by
    ///   `walRestartLog` and `walCheckpoint`) needs all of these locks.
    /// - Read mark 0: the log was copied when the read began, and the connection reads from the file. Others have
    ///   committed since. To copy their frames, `walCheckpoint` needs this lock, and a log that is not copied is not
    ///   reset.
    /// - Parameter snapshot: a query with a row, prepared on this connection. It has been reset if the answer is false.
    func keepsLog(with snapshot: Statement) throws(SQLiteError) -> Bool {
        guard let index = LogIndex(self), try snapshot.step() else { return false }
        for _ in 0..<Connection.looks {
            guard let state = index.state() else { continue }
            if state.copied < state.frames { return true }
            break
        }
        snapshot.reset()
        return false
    }
}
