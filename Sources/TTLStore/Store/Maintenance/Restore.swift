internal import CTTLSQLite
internal import TTLStoreMigrations

/// Replaces the contents of a store by those of a backup, in one commit.
///
/// No file is replaced, so SQLite can't confuse a log of the old contents with the new ones. The store is opened,
/// whatever lies beside it, and SQLite's backup API writes the pages into its log. Other users of the store see an
/// ordinary commit.
///
/// The backup is first copied into a scratch file, where it is checked and prepared. So a damaged backup is found
/// before the store is changed, and the write lock is held only while pages are written.
struct Restore {
    let run: MaintenanceRun
    let source: String
    let path: String
    let configuration: TTLStore.Configuration

    /// One mebibyte, as in a backup.
    private static let pagesPerStep: Int32 = 256
    /// The gap between the numbers of leases in either file and the next number: more leases than can be acquired
    /// between the look at the store and the commit.
    private static let leaseGap: Int64 = 1 << 32
    /// How long SQLite waits for the lock before the restore asks whether the task was cancelled.
    private static let patience: Milliseconds = 50

    func perform() throws {
        do { try performUnexplained() } catch { throw run.reason(error) }
    }

    private func performUnexplained() throws {
        try configuration.validate()
        guard configuration.access != .readOnly else {
            throw error(.readOnlyStore, "the access is read-only")
        }
        try run.withConnection(openScratch) { scratch in
            try readBackup(into: scratch)
            let (file, target) = try StoreFile.open(.path(path), configuration: configuration, stop: StopFlag())
            let close: (Connection) -> Void = { target in
                // An interrupted restore closes like any store, which copies the log and removes it.
                target.forgetInterrupt()
                file.close(last: target)
            }
            try run.withConnection({ () throws(SQLiteError) in target }, closing: close) { target in
                if RunningClosures.holdFile(file.identity) { throw RunningClosure.reentrant(run.operation) }
                try prepare(scratch, for: target)
                try write(scratch, to: target, file)
            }
        }
    }

    private func error(_ code: TTLStoreError.Code, _ message: String) -> TTLStoreError {
        TTLStoreError(code, message, in: run.operation)
    }

    // MARK: The backup

    /// Opens a file without a name in SQLite's temporary folder, which is gone once it is closed.
    private func openScratch() throws(SQLiteError) -> Connection {
        let scratch = try Connection(
            path: "", access: .readWrite, busyPolicy: BusyPolicy(stop: StopFlag(), timeout: 0))
        // For the largest values that a store can hold, whatever the setting of this one.
        var largest = configuration
        largest.maximumValueSize = TTLStore.Configuration.valueSizes.upperBound
        scratch.limit(length: largest.longestRow)
        try scratch.set(SQLITE_DBCONFIG_DEFENSIVE, on: true)
        try scratch.set(SQLITE_DBCONFIG_TRUSTED_SCHEMA, on: false)
        try scratch.set(SQLITE_DBCONFIG_ENABLE_TRIGGER, on: false)
        try scratch.execute("PRAGMA synchronous = OFF; PRAGMA cache_size = \(StoreFile.cacheSize);")
        return scratch
    }

    private func readBackup(into scratch: Connection) throws {
        var reading = TTLStore.Configuration()
        reading.access = .readOnly
        reading.busyTimeout = configuration.busyTimeout
        let file = try StoreFile(.path(source), configuration: reading, stop: StopFlag())
        if let own = file.identity, case .file(own, _) = FileSystem.kind(of: path) {
            throw error(.invalidArgument, "the backup is the store itself")
        }
        let backup = try file.openFirst()
        try run.withConnection({ () throws(SQLiteError) in backup }, closing: file.close(last:)) { backup in
            try backup.execute("BEGIN")
            defer { try? backup.execute("ROLLBACK") }
            _ = try backup.integer("SELECT count(*) FROM sqlite_schema")
            try copy(backup, to: scratch)
        }
        var check = FileCheck(run: run, connection: scratch, file: file)
        let report = try check.perform()
        guard report.isHealthy else {
            throw error(.corrupt, "the backup is damaged: open it and check it")
        }
        // A backup of an older schema comes back in the schema that the store has by now.
        if report.schemaVersion < Migration.latest {
            try Migrator(connection: scratch, timeout: 0, clock: configuration.clock).upgrade()
        }
    }

    // MARK: The store

    /// Leases belong to processes that run now, so none comes from the backup, and no number is given twice.
    private func prepare(_ scratch: Connection, for target: Connection) throws {
        let last = "SELECT seq FROM sqlite_sequence WHERE name = 'leases'"
        // A store that is too damaged for this look can still be restored.
        let known = max(try scratch.integer(last) ?? 0, (try? target.integer(last)) ?? 0, 0)
        let (next, overflow) = known.addingReportingOverflow(Restore.leaseGap)
        // Without a remaining number, no lease could be acquired and no backlog deleted.
        guard !overflow else {
            throw error(.corrupt, "the numbers of leases are used up, in the backup or in the store")
        }
        try scratch.execute(
            """
            BEGIN;
            DELETE FROM leases;
            DELETE FROM sqlite_sequence WHERE name = 'leases';
            INSERT INTO sqlite_sequence (name, seq) VALUES ('leases', \(next));
            COMMIT;
            """)
        // Made by the library's own SQL: the text in a file may hold any statement.
        let hasIndex = try? target.integer("SELECT 1 FROM sqlite_schema WHERE name = 'entries_by_age'")
        if hasIndex == 1 { try scratch.execute(EntryWriter.indexOfAges) }
        // SQLite can't change the size of pages when it copies them into a file with a log.
        let (size, own) = (try scratch.integer("PRAGMA page_size") ?? 0, try target.integer("PRAGMA page_size") ?? 0)
        guard size == own else {
            throw error(
                .invalidArgument,
                "the backup's pages have \(size) bytes, the store's \(own): PRAGMA page_size and VACUUM change a copy")
        }
    }

    private func write(_ scratch: Connection, to target: Connection, _ file: StoreFile) throws {
        // The restore survives a loss of power, whatever the store's setting.
        try target.execute("PRAGMA synchronous = FULL")
        try copy(scratch, to: target, file)
    }

    // MARK: Pages

    /// Copies in one transaction of the target, which takes the write lock with the first pages. The last step commits
    /// it, so nothing may end the operation afterwards.
    /// - Parameter file: the file of the target, if that is a store. Then its names are checked before each step, and
    ///   progress is reported.
    private func copy(_ origin: Connection, to target: Connection, _ file: StoreFile? = nil) throws {
        let deadline = MonotonicTime.now + configuration.busyTimeoutMilliseconds
        let pages = try PageCopy(from: origin, to: target)
        var isDone = false
        while !isDone {
            try file?.checkIdentity(in: run.operation)
            target.busyPolicy.timeout = min(max(0, deadline.milliseconds(since: .now)), Restore.patience)
            do throws(SQLiteError) { isDone = try pages.copy(pages: Restore.pagesPerStep) } catch {
                guard error.primaryCode == SQLITE_BUSY, MonotonicTime.now < deadline else { throw error }
            }
            if file == nil {
                try run.proceed()
            } else if isDone {
                run.reportEnd(pages.progress)
            } else {
                try run.report(pages.progress)
            }
        }
        try pages.finish()
    }
}
