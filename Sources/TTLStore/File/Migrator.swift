internal import CTTLSQLite
internal import TTLStoreMigrations

/// Brings a file to the latest schema. Where several processes do so at the same time, one does the work.
struct Migrator {
    let connection: Connection
    let timeout: Milliseconds
    var clock = WallClock.system

    /// - Parameter version: the schema's, as it was read when the file was recognised. It only grows.
    func migrate(from version: Int64) throws {
        if version < Migration.latest { try Migrator.checkClock(clock) }
        if version == 0, try connection.integer("PRAGMA page_count") == 0, let first = Migration.all.first {
            try connection.execute(first.prologue)
        }
        // A file that was in another journal mode has no log before the first read.
        if try useWAL() { _ = try connection.integer("PRAGMA schema_version") }
        guard version < Migration.latest else { return }
        try connection.execute("BEGIN IMMEDIATE")
        do {
            // Under the write lock: another process may have finished in the meantime.
            let version = try connection.integer("PRAGMA user_version") ?? 0
            for migration in Migration.all where migration.number > version {
                try connection.execute(migration.body)
            }
            try connection.execute("COMMIT")
        } catch {
            try? connection.execute("ROLLBACK")
            throw error
        }
    }

    /// A file records when it was made, by the system's clock as SQLite reads it.
    static func checkClock(_ clock: WallClock) throws(TTLStoreError) {
        for clock in [clock, .system] { _ = try clock.storableNow(in: "open") }
    }

    /// Switching an existing file to WAL fails while any other connection uses it. SQLite then reports `SQLITE_BUSY` at
    /// once, without the busy handler, so this method tries again. It reads the mode back, since the call may decline.
    /// - Returns: whether the file was in another mode.
    private func useWAL() throws -> Bool {
        let deadline = MonotonicTime.now + timeout
        while true {
            do {
                if try connection.text("PRAGMA journal_mode") == "wal" { return false }
                let mode = try connection.text("PRAGMA journal_mode = WAL")
                if mode == "wal" || mode == "memory" { return true }
                throw TTLStoreError(.cannotOpen, "the file system does not support write-ahead logging", in: "open")
            } catch let error as SQLiteError where error.primaryCode == SQLITE_BUSY && MonotonicTime.now < deadline {
                sleepThread(microseconds: 1000)
            }
        }
    }

    /// An empty database in memory, after the migrations.
    static func emptyStore(version: Int64) throws(SQLiteError) -> Connection {
        let connection = try Connection(
            path: "", access: .memory, busyPolicy: BusyPolicy(stop: StopFlag(), timeout: 0))
        for migration in Migration.all where migration.number <= version {
            try connection.execute(migration.prologue)
            try connection.execute(migration.body)
        }
        return connection
    }
}
