internal import CTTLSQLite

/// SQLite's online backup from one connection to another (https://www.sqlite.org/c3ref/backup_finish.html).
final class PageCopy {
    private var handle: OpaquePointer?
    private let target: Connection

    init(from source: Connection, to target: Connection) throws(SQLiteError) {
        self.target = target
        handle = sqlite3_backup_init(target.handle, "main", source.handle, "main")
        guard handle != nil else {
            throw SQLiteError(code: sqlite3_extended_errcode(target.handle), connection: target.handle)
        }
    }

    deinit { sqlite3_backup_finish(handle) }

    /// - Returns: true when all pages are copied.
    func copy(pages: Int32) throws(SQLiteError) -> Bool {
        let code = sqlite3_backup_step(handle, pages)
        guard code == SQLITE_OK || code == SQLITE_DONE else {
            throw SQLiteError(code: code, connection: target.handle)
        }
        return code == SQLITE_DONE
    }

    var progress: TTLStore.Progress {
        let total = Int(sqlite3_backup_pagecount(handle))
        return TTLStore.Progress(completed: total - Int(sqlite3_backup_remaining(handle)), total: total)
    }

    /// Ends the copy. Nothing may be copied afterwards.
    func finish() throws(SQLiteError) {
        let code = sqlite3_backup_finish(handle)
        handle = nil
        guard code == SQLITE_OK else { throw SQLiteError(code: code, connection: target.handle) }
    }
}
