internal import CTTLSQLite

/// Rewrites the file by SQLite's `VACUUM` (https://www.sqlite.org/lang_vacuum.html). Page size, vacuum mode and row ids
/// stay as they are: the ids are a column of the table.
struct Vacuum {
    let run: MaintenanceRun
    let connection: Connection
    let file: StoreFile

    /// How long SQLite waits for another process's lock before the vacuum asks whether the task was cancelled.
    private static let patience: Milliseconds = 50

    /// - Returns: by how many bytes the file is smaller.
    func perform() throws -> Int {
        try file.checkIdentity(in: run.operation)
        let before = try FilePages(connection)
        try run.watch(connection) {
            // Every other connection keeps temporary data in memory; here it is as large as the file.
            if file.location != .memory { try connection.execute("PRAGMA temp_store = FILE") }
            try rewrite()
        }
        let pageSize = try connection.count("PRAGMA page_size") ?? 0
        return (before.total - (try FilePages(connection)).total) * pageSize
    }

    /// Tries again while the write lock is taken. SQLite takes the lock before it does anything else, so a failed try
    /// costs nothing.
    private func rewrite() throws {
        let timeout = file.configuration.busyTimeoutMilliseconds
        let deadline = MonotonicTime.now + timeout
        while true {
            try run.proceed()
            let left = max(0, deadline.milliseconds(since: .now))
            connection.busyPolicy.timeout = min(left, Vacuum.patience)
            do throws(SQLiteError) {
                return try connection.execute("VACUUM")
            } catch {
                guard error.primaryCode == SQLITE_BUSY, MonotonicTime.now < deadline else {
                    throw TTLStoreError(error, in: run.operation).naming(file.lockHolder(after: error))
                }
            }
        }
    }
}
