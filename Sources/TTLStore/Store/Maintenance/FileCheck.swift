internal import CTTLSQLite
internal import TTLStoreMigrations

/// Looks for damage in a file, on a connection that changes nothing.
struct FileCheck {
    let run: MaintenanceRun
    let connection: Connection
    let file: StoreFile
    var report = TTLStore.CheckReport()

    init(run: MaintenanceRun, connection: Connection, file: StoreFile) {
        self.run = run
        self.connection = connection
        self.file = file
    }

    /// The report on a file whose first page is damaged.
    static var unreadable: TTLStore.CheckReport {
        var report = TTLStore.CheckReport()
        report.sqliteVersion = String(cString: sqlite3_libversion())
        report.isComplete = false
        report.findings = [.init(severity: .error, code: .damaged, message: "the file is damaged, and can't be read")]
        return report
    }

    mutating func perform() throws -> TTLStore.CheckReport {
        report.sqliteVersion = String(cString: sqlite3_libversion())
        if WALResetBug.isPresent(in: sqlite3_libversion_number()) {
            find(.note, .walResetBug, WALResetBug.explanation)
        }
        try checkFiles()
        try run.watch(connection) {
            // All parts see one state of the file.
            try connection.execute("BEGIN")
            defer { try? connection.execute("ROLLBACK") }
            try unlessDamaged { try $0.checkIdentity() }
            try unlessDamaged { try $0.checkSchema() }
            try unlessDamaged { try $0.checkIntegrity() }
        }
        // What looks like damage may be a failed read of the disk.
        if !report.isHealthy, connection.hasFailedToRead { throw SQLiteError.failedRead }
        // Swift's sort is stable: findings of one severity stay in the order of the parts.
        report.findings.sort { $0.severity > $1.severity }
        return report
    }

    /// Damage that ends one part is a finding, and the next part is tried.
    private mutating func unlessDamaged(_ part: (inout FileCheck) throws -> Void) throws {
        do { try part(&self) } catch let error as SQLiteError {
            switch connection.toldApart(error).primaryCode {
            case SQLITE_CORRUPT, SQLITE_NOTADB:
                find(.error, .damaged, "the file is damaged, and a part of it can't be read")
            case SQLITE_ERROR:
                find(.error, .damaged, "a part of the schema can't be used")
            default: throw connection.toldApart(error)
            }
            report.isComplete = false
        }
    }

    mutating func find(
        _ severity: TTLStore.CheckReport.Severity, _ code: TTLStore.CheckReport.Code, _ message: String
    ) {
        report.findings.append(TTLStore.CheckReport.Finding(severity: severity, code: code, message: message))
    }

    // MARK: What kind of file it is

    private mutating func checkIdentity() throws {
        let version = try connection.integer("PRAGMA user_version") ?? 0
        report.schemaVersion = Int(version)
        if try connection.integer("PRAGMA application_id") != Migration.applicationID {
            find(.error, .wrongIdentity, "application_id is not \(Migration.applicationID)")
        }
        if !(1...Migration.latest).contains(version) {
            find(.error, .wrongIdentity, "user_version is \(version), and not from 1 to \(Migration.latest)")
        }
        guard file.location != .memory else { return }
        // An immutable file has no journal.
        if !file.isImmutable, try connection.text("PRAGMA journal_mode") != "wal" {
            find(.warning, .wrongMode, "the journal mode is not WAL; opening the store for writing sets it")
        }
        if try connection.integer("PRAGMA auto_vacuum") != 2 {
            find(.warning, .wrongMode, "the vacuum mode is not incremental, so the file does not shrink")
        }
    }
}

/// https://www.sqlite.org/wal.html#walresetbug
enum WALResetBug {
    /// From 3.7.0 to 3.51.2, except for the two older branches in which it was fixed.
    static func isPresent(in version: Int32) -> Bool {
        switch version {
        case 3_044_006..<3_045_000, 3_050_007..<3_051_000: false
        default: (3_007_000..<3_051_003).contains(version)
        }
    }

    static let explanation = """
        this SQLite has the WAL-reset bug; this library is safe with it, other programs that write to the file may \
        not be; it is fixed in 3.51.3, 3.50.7 and 3.44.6
        """
}
