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
        if version < Migration.latest { try upgrade() }
    }

    /// Runs the missing migrations in one transaction.
    func upgrade() throws {
        try connection.execute("BEGIN IMMEDIATE")
        do {
            // Under the write lock: another process may have finished in the meantime.
            let version = try connection.integer("PRAGMA user_version") ?? 0
            try Migrator.checkNames(connection, version: version)
            for migration in Migration.all where migration.number > version {
                try connection.execute(migration.body)
            }
            try connection.execute("COMMIT")
        } catch {
            try? connection.execute("ROLLBACK")
            throw error
        }
    }

    /// People may add tables and views of their own. One with a name that a missing migration needs stays as it is, and
    /// its owner has to rename it.
    static func checkNames(_ connection: Connection, version: Int64) throws {
        for migration in Migration.all where migration.number > version {
            func names(isTrigger: Bool) -> String {
                migration.objects.filter { $0.isTrigger == isTrigger }.map { "'\($0.name)'" }.joined(separator: ", ")
            }
            // SQLite, too, compares names without regard to case.
            let statement = try Statement(
                """
                SELECT type, name FROM sqlite_schema
                WHERE CASE WHEN type = 'trigger' THEN name COLLATE NOCASE IN (\(names(isTrigger: true)))
                    ELSE name COLLATE NOCASE IN (\(names(isTrigger: false))) END
                """, on: connection)
            guard try statement.step() else { continue }
            func text(_ column: Int32) -> String {
                PrintableName.shown(statement.withBytes(column) { String(decoding: $0, as: UTF8.self) })
            }
            throw TTLStoreError(
                .cannotOpen,
                """
                the file has a \(text(0)) "\(text(1))" that is not the library's, and schema version \
                \(migration.number) needs that name; give it another name in the sqlite3 shell
                """, in: "open")
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
        if let first = Migration.all.first { try connection.execute(first.prologue) }
        for migration in Migration.all where migration.number <= version {
            try connection.execute(migration.body)
        }
        return connection
    }
}
