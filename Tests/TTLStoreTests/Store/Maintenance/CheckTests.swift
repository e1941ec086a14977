import CTTLSQLite
import Foundation
import TTLTestSupport
import Testing

@testable import TTLStore

private typealias Finding = TTLStore.CheckReport.Finding
private typealias Code = TTLStore.CheckReport.Code

extension TTLStore.CheckReport {
    /// The findings without those about the machine's SQLite.
    fileprivate var troubles: [Finding] { findings.filter { $0.severity != .note } }

    fileprivate func codes(_ severity: Severity) -> [Code] {
        findings.filter { $0.severity == severity }.map(\.code)
    }
}

@Suite("A check") struct CheckTests {
    private let folder: TemporaryFolder
    private let path: String

    init() throws {
        folder = try TemporaryFolder()
        path = folder("store.db")
    }

    /// A closed store with secrets in it.
    private func makeStore() throws {
        var configuration = TTLStore.Configuration()
        configuration.purging = .manual
        let store = try TTLStore(path: folder("store.db"), configuration: configuration)
        for number in 0..<300 {
            try store.set("secret-key:\(number)", "secret-value", expiring: .after(.seconds(3600)))
        }
        store.close()
    }

    private func check(
        _ access: TTLStore.Configuration.Access = .existing
    ) throws -> TTLStore.CheckReport {
        var configuration = TTLStore.Configuration()
        configuration.purging = .manual
        configuration.access = access
        let store = try TTLStore(path: path, configuration: configuration)
        defer { store.close() }
        let report = try store.check()
        for finding in report.findings {
            #expect(!finding.message.contains("secret") && !finding.message.contains("\n"), "\(finding)")
            #expect(!finding.message.isEmpty)
        }
        #expect(report.findings.map(\.severity) == report.findings.map(\.severity).sorted(by: >))
        return report
    }

    @Test("a check finds nothing in a healthy store", arguments: Setting.all)
    func healthy(setting: Setting) async throws {
        let store = try setting.open()
        for number in 0..<500 { try await store.set("key:\(number)", "value", expiring: .after(.seconds(1))) }
        store.clock.advance(by: .seconds(2))
        try await store.set("key", "value")
        let report = try await { () async throws -> TTLStore.CheckReport in
            switch setting.form {
            case .synchronous: try { try store.store.check() }()
            case .suspending: try await store.store.check()
            }
        }()
        #expect(report.troubles == [])
        #expect(report.isHealthy && report.isComplete)
        #expect(report.schemaVersion == 2)
        #expect(report.sqliteVersion == (try await store.statistics().sqliteVersion))
        await store.close()
    }

    @Test("a check finds nothing in a store that was made and edited in the shell, or analysed")
    func shellStore() throws {
        try makeStore()
        try shell(path, "INSERT INTO live (key, value, ttl) VALUES ('k', 'v', 60); ANALYZE; REINDEX; VACUUM;")
        #expect(try check().troubles == [])
        try shell(path, "CREATE INDEX entries_by_age ON entries (updated_at);")
        #expect(try check().troubles == [])
    }

    @Test("a check works on a read-only store, and while another process holds the lock")
    func readOnly() throws {
        try makeStore()
        #expect(try check(.readOnly).troubles == [])
        let holder = try otherProcess("hold", path)
        #expect(holder.readLine() == "held")
        #expect(try check(.readOnly).troubles == [])
        #expect(holder.ask("") == "released")
    }

    @Test("a check changes nothing and leaves no descriptor")
    func changesNothing() throws {
        try makeStore()
        _ = try check(.existing)
        let before = try FolderContents(folder)
        _ = try check(.existing)
        #expect(try FolderContents(folder) == before)
        #expect(Census.descriptors(below: folder.path) == 0)
    }

    @Test("a check reports the pages that it has read")
    func progress() throws {
        let large = try LargeStore()
        var seen: [TTLStore.Progress] = []
        _ = try large.store.check { seen.append($0) }
        #expect(seen.count >= 2)
        #expect(seen.map(\.completed) == seen.map(\.completed).sorted())
        #expect(seen.allSatisfy { $0.total == nil })
    }

    @Test("a check finds rows that break a constraint, and says how many")
    func constraints() throws {
        try makeStore()
        try shell(
            path,
            """
            PRAGMA ignore_check_constraints = ON;
            UPDATE entries SET expires_at = 5 WHERE key IN ('secret-key:1', 'secret-key:2');
            """)
        let report = try check()
        #expect(report.codes(.error) == [.constraintBroken])
        #expect(!report.codes(.note).contains(.constraintsUnchecked))
        // SQLite passes over them there.
        #expect(try check(.readOnly).codes(.note).contains(.constraintsUnchecked))
        #expect(report.findings[0].message == "CHECK constraint failed in entries (2 times)")
        #expect(!report.isHealthy && report.isComplete)
    }

    @Test("a check finds an index that doesn't list the rows of its table")
    func index() throws {
        try makeStore()
        let writable = ".dbconfig defensive off\nPRAGMA writable_schema = ON;\n"
        try shell(
            path,
            writable + """
                CREATE TABLE kept AS SELECT * FROM sqlite_schema WHERE name = 'entries_by_expiry';
                DELETE FROM sqlite_schema WHERE name = 'entries_by_expiry';
                """)
        try shell(
            path, "INSERT INTO entries (key, value, expires_at) VALUES ('secret-a', 'secret-b', 1900000000000);")
        try shell(
            path,
            writable
                + """
                INSERT INTO sqlite_schema SELECT * FROM kept;
                DROP TABLE kept;
                """)
        let report = try check()
        #expect(report.codes(.error).allSatisfy { $0 == .indexMismatch } && !report.isHealthy, "\(report.findings)")
        #expect(
            report.findings[0].message
                == "a row is missing from index entries_by_expiry; REINDEX in the sqlite3 shell makes it anew")
        #expect(report.isComplete)
    }

    @Test("a check finds damaged pages, lists a bounded number of messages, and is no error itself")
    func damage() throws {
        try makeBacklog(path, dead: 0, kept: 20_000)
        let pages = FileSystem.size(of: path) / 4096
        for page in stride(from: 20, to: pages, by: 2) {
            try RefusedFile.overwrite(path, at: UInt64(page) * 4096, Array(repeating: 0xEE, count: 300))
        }
        let report = try check()
        #expect(!report.isHealthy)
        #expect(report.codes(.error).contains(.damaged))
        #expect(!report.isComplete)
        #expect((1...110).contains(report.findings.count))
        #expect(Census.descriptors(below: folder.path) == 0)
    }

    @Test("a check finds added, changed and removed parts of the schema")
    func schema() throws {
        try makeStore()
        try shell(
            path,
            """
            CREATE TABLE notes (text UNIQUE);
            CREATE TRIGGER watch AFTER INSERT ON entries BEGIN SELECT 1; END;
            DROP INDEX entries_by_tag;
            DROP VIEW expired;
            CREATE VIEW expired AS SELECT 1;
            CREATE TABLE "odd\n\u{1B}[31mname" (x);
            """)
        let report = try check()
        #expect(report.codes(.error) == [.objectMissing, .objectChanged])
        #expect(report.codes(.warning) == [.objectAdded, .objectAdded, .objectAdded])
        #expect(
            report.troubles.map(\.message) == [
                "the index \"entries_by_tag\" is missing", "the view \"expired\" was changed",
                "the table \"notes\" is not the library's", "the table \"odd??[31mname\" is not the library's",
                "the trigger \"watch\" is not the library's",
            ])
    }

    @Test("a check finds modes and identifying numbers of an open file that are not the library's")
    func modes() throws {
        try makeStore()
        try shell(path, "PRAGMA journal_mode = DELETE; PRAGMA auto_vacuum = NONE; VACUUM;")
        let report = try check(.readOnly)
        #expect(report.codes(.warning) == [.wrongMode, .wrongMode])
        #expect(report.isHealthy)
        var configuration = TTLStore.Configuration()
        configuration.purging = .manual
        let store = try TTLStore(path: path, configuration: configuration)
        #expect(try store.check().codes(.warning) == [.wrongMode])
        try shell(path, "PRAGMA application_id = 7; PRAGMA user_version = 9;")
        #expect(try store.check().codes(.error).prefix(2) == [.wrongIdentity, .wrongIdentity])
        store.close()
    }

    @Test("a check finds permissions that are too wide, on the file, its log, its shared memory and its folder")
    func permissions() throws {
        try makeStore()
        chmod(path, 0o644)
        #expect(try check().troubles.map(\.message).first == "the file can be read by others (mode 0644)")
        chmod(path, 0o600)
        chmod(folder.path, 0o755)
        #expect(try check().troubles == [])
        chmod(folder.path, 0o777)
        #expect(try check().troubles.map(\.message) == ["the folder can be written by others (mode 0777)"])
        chmod(folder.path, 0o700)
        let store = try TTLStore(path: path)
        try store.set("key", "value")
        chmod(path + "-wal", 0o620)
        chmod(path + "-shm", 0o666)
        let report = try store.check()
        #expect(report.codes(.warning) == [.permissions, .permissions])
        #expect(
            report.troubles.map(\.message) == [
                "the log (-wal) can be written by others (mode 0620)",
                "the shared memory (-shm) can be read and written by others (mode 0666)",
            ])
        #expect(report.isHealthy)
        link(path, folder("other.db"))
        #expect(try store.check().codes(.warning).last == .severalNames)
        store.close()
    }

    @Test("a check knows which versions of SQLite have the WAL-reset bug")
    func bug() {
        for version: Int32 in [3_007_000, 3_040_001, 3_044_005, 3_045_000, 3_050_006, 3_051_000, 3_051_002] {
            #expect(WALResetBug.isPresent(in: version), "\(version)")
        }
        for version: Int32 in [3_006_023, 3_044_006, 3_044_009, 3_050_007, 3_050_009, 3_051_003, 3_052_000] {
            #expect(!WALResetBug.isPresent(in: version), "\(version)")
        }
    }

    @Test("a check reports the WAL-reset bug only for the SQLite in use")
    func bugInUse() throws {
        try makeStore()
        let report = try check()
        #expect(report.codes(.note) == (WALResetBug.isPresent(in: sqlite3_libversion_number()) ? [.walResetBug] : []))
        #expect(report.sqliteVersion == String(cString: sqlite3_libversion()))
        #expect(report.isHealthy)
    }

    @Test("a check's report can be encoded and decoded")
    func coding() throws {
        try makeStore()
        try shell(path, "CREATE TABLE notes (text);")
        let report = try check()
        let data = try JSONEncoder().encode(report)
        #expect(try JSONDecoder().decode(TTLStore.CheckReport.self, from: data) == report)
        #expect(String(decoding: data, as: UTF8.self).contains("\"code\":\"objectAdded\""))
    }
}
