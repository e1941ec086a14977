import Foundation
import TTLStoreMigrations
import TTLTestSupport
import Testing

@testable import TTLStore

@Suite("A file of schema 1") struct UpgradeTests {
    private let folder: TemporaryFolder
    private let path: String

    init() throws {
        folder = try TemporaryFolder()
        path = folder("store.db")
    }

    private func open(_ access: TTLStore.Configuration.Access = .existing) throws -> TTLStore {
        var configuration = TTLStore.Configuration()
        configuration.purging = .manual
        configuration.access = access
        return try TTLStore(path: path, configuration: configuration)
    }

    private func schema(_ path: String) throws -> String {
        try shell(path, "SELECT type, name, sql FROM sqlite_schema ORDER BY type, name; PRAGMA user_version;")
    }

    private func troubles(_ store: TTLStore) throws -> [TTLStore.CheckReport.Finding] {
        try store.check().findings.filter { $0.severity != .note }
    }

    @Test("opening for writing upgrades the file in place, and keeps each row", arguments: ["WAL", "DELETE"])
    func inPlace(mode: String) throws {
        try FirstSchema.make(path, "PRAGMA journal_mode = \(mode);")
        let (before, inode) = (try FirstSchema.contents(path), FileSystem.kind(of: path))
        #expect(try FirstSchema.state(path) == "1 0")
        let store = try open()
        #expect(try store.count() == 100)
        #expect(try store.get("key:42") == "value of 42")
        #expect(try store.statistics().schemaVersion == 2)
        #expect(try troubles(store) == [])
        store.close()
        #expect(try FirstSchema.state(path) == "2 3")
        #expect(try FirstSchema.contents(path) == before)
        if case .file(let old, _) = inode, case .file(let new, _) = FileSystem.kind(of: path) { #expect(old == new) }
        try TTLStore(path: folder("new.db")).close()
        #expect(try schema(path) == schema(folder("new.db")))
        try expectIntact(path)
    }

    @Test("a store that only reads works with the file as it is, and changes nothing")
    func readOnly() throws {
        try FirstSchema.make(path, "PRAGMA journal_mode = WAL;")
        let before = try FolderContents(folder)
        let store = try open(.readOnly)
        #expect(try store.get("key:42") == "value of 42")
        #expect(try store.count(.tag("tag")) == 50)
        #expect(try store.statistics().schemaVersion == 1)
        let report = try store.check()
        #expect(report.schemaVersion == 1 && report.findings.allSatisfy { $0.severity == .note })
        try store.backup(to: folder("backup.db"))
        store.close()
        #expect(try FirstSchema.state(folder("backup.db")) == "1 0")
        try FileManager.default.removeItem(atPath: folder("backup.db"))
        #expect(try FolderContents(folder).withoutTracesOfReading == before.withoutTracesOfReading)
    }

    @Test("what people have added to the file stays")
    func additions() throws {
        try FirstSchema.make(
            path,
            """
            CREATE TABLE sessions_delete (x); INSERT INTO sessions_delete VALUES ('mine');
            CREATE VIEW my_sessions AS SELECT key FROM live; ALTER TABLE entries ADD COLUMN note TEXT;
            CREATE TRIGGER sessions AFTER DELETE ON sessions_delete BEGIN SELECT 1; END;
            """)
        let store = try open()
        try store.set("key:1", "new")
        let findings = try troubles(store).map(\.code)
        #expect(findings == [.objectChanged, .objectAdded, .objectAdded, .objectAdded])
        store.close()
        #expect(try FirstSchema.state(path) == "2 5")
        #expect(try shell(path, "SELECT x FROM sessions_delete; SELECT count(*) FROM my_sessions;") == "mine\n100")
    }

    private static let taken = [
        ("table", "sessions", "CREATE TABLE sessions (x)"), ("table", "Sessions", "CREATE TABLE Sessions (x)"),
        ("view", "sessions", "CREATE VIEW sessions AS SELECT 1 AS handle"),
        ("index", "sessions", "CREATE INDEX sessions ON entries (created_at)"),
        (
            "trigger", "SESSIONS_DELETE",
            "CREATE TRIGGER SESSIONS_DELETE AFTER DELETE ON leases BEGIN SELECT 1; END"
        ),
    ]

    @Test(
        "an object of somebody's own with a name that schema 2 needs ends the opening, and nothing changes",
        arguments: taken, ["WAL", "DELETE"])
    func takenName(object: (type: String, name: String, sql: String), mode: String) throws {
        try FirstSchema.make(path, object.sql + "; PRAGMA journal_mode = \(mode);")
        let before = try FolderContents(folder)
        for _ in 1...2 {
            let error = expectFailure(.cannotOpen) { try open() }
            #expect(error?.operation == "open")
            #expect(error?.message.contains("\(object.type) \"\(object.name)\"") == true, "\(error?.message ?? "")")
            #expect(error?.message.contains("in the sqlite3 shell") == true)
        }
        #expect(try FolderContents(folder) == before)
        let reader = try open(.readOnly)
        #expect(try reader.count() == 100)
        reader.close()
        let drop = object.type == "table" ? "ALTER TABLE sessions RENAME TO mine" : "DROP \(object.type) \(object.name)"
        try shell(path, drop + ";")
        let store = try open()
        #expect(try store.count() == 100)
        store.close()
        #expect(try FirstSchema.state(path) == "2 3")
    }

    @Test("a name that is taken between the look at the file and the upgrade ends the opening as well")
    func takenMeanwhile() throws {
        try FirstSchema.make(path, "CREATE TABLE sessions (x);")
        let connection = try Connection(
            path: path, access: .readWrite, busyPolicy: BusyPolicy(stop: StopFlag(), timeout: 0))
        expectFailure(.cannotOpen) { try Migrator(connection: connection, timeout: 0).migrate(from: 1) }
        #expect(!connection.isInTransaction)
        connection.close()
        #expect(try FirstSchema.state(path) == "1 1")
    }

    @Test("a log that ends anywhere in the upgrade leaves schema 1 or 2, and nothing between")
    func cutOffLog() throws {
        try FirstSchema.make(path, "PRAGMA journal_mode = WAL;")
        let contents = try FirstSchema.contents(path)
        let main = try Data(contentsOf: URL(fileURLWithPath: path))
        let store = try open()
        // Copied by another process: closing a descriptor of the file would drop this one's locks.
        #expect(try ChildProcess.run("/bin/cp", [path + "-wal", folder("log")]).status == 0)
        store.close()
        let log = try Data(contentsOf: URL(fileURLWithPath: folder("log")))
        var states: Set<String> = []
        for length in Array(stride(from: 32, through: log.count, by: 4096 + 24)) + [0, 100, log.count - 1] {
            let path = folder("cut\(length).db")
            try RefusedFile.make(path, main)
            try RefusedFile.make(path + "-wal", log.prefix(length))
            states.insert(try FirstSchema.state(path))
            #expect(try FirstSchema.contents(path) == contents)
            let store = try TTLStore(path: path)
            try store.set("k", "v")
            store.close()
            #expect(try FirstSchema.state(path) == "2 3", "\(length) of \(log.count) bytes")
        }
        #expect(states == ["1 0", "2 3"])
    }

    @Test("an upgrade that finds no room for a page leaves the file as it was")
    func noRoom() throws {
        try FirstSchema.make(path)
        let before = try FirstSchema.contents(path)
        let pages = try #require(Int(shell(path, "PRAGMA page_count;")))
        var failures = 0
        for more in 0...10 {
            let connection = try Connection(
                path: path, access: .readWrite, busyPolicy: BusyPolicy(stop: StopFlag(), timeout: 0))
            defer { connection.close() }
            try connection.execute("PRAGMA max_page_count = \(pages + more)")
            do { try Migrator(connection: connection, timeout: 0).migrate(from: 1) } catch {
                failures += 1
                #expect((error as? SQLiteError)?.primaryCode == 13, "\(error)")
                #expect(!connection.isInTransaction)
                #expect(try FirstSchema.state(path) == "1 0")
            }
        }
        #expect(failures > 0)
        #expect(try FirstSchema.contents(path) == before)
        #expect(try FirstSchema.state(path) == "2 3")
    }

    @Test(
        "an upgrade on a full disk throws diskFull, leaves the file as it was, and works once there is room",
        .enabled(if: SmallDisk.isPermitted, "a small tmpfs can't be mounted here"))
    func fullDisk() throws {
        let disk = try SmallDisk()
        let (path, filler) = (disk.path + "/store.db", disk.path + "/filler")
        try FirstSchema.make(path, "PRAGMA journal_mode = WAL;")
        let before = try FirstSchema.contents(path)
        var failures = 0
        for room in 0..<24 {
            // As much as there is but for some pages: the log and its index need them.
            _ = try ChildProcess.run("/bin/dd", ["if=/dev/zero", "of=" + filler, "bs=4096", "count=1000"])
            let size = FileSystem.size(of: filler) - Int64(room * 4096)
            try RefusedFile.truncate(filler, to: UInt64(size))
            guard let error = (Result { try TTLStore(path: path).close() }).failure else { break }
            failures += 1
            #expect(TTLStoreError.Code.diskFull ~= error, "\(room) pages: \(error)")
            try FileManager.default.removeItem(atPath: filler)
            #expect(try FirstSchema.state(path) == "1 0", "\(room) pages")
        }
        #expect(failures > 8, "the index alone takes eight pages")
        try? FileManager.default.removeItem(atPath: filler)
        try TTLStore(path: path).close()
        #expect(try FirstSchema.state(path) == "2 3")
        #expect(try FirstSchema.contents(path) == before)
    }

    @Test("a backup of schema 1 is restored in the schema of the store")
    func restored() throws {
        let backup = folder("backup.db")
        try FirstSchema.make(backup)
        let before = try FolderContents(folder)
        try TTLStore.restore(from: backup, to: path)
        let store = try open()
        #expect(try store.count() == 100)
        #expect(try troubles(store) == [])
        store.close()
        #expect(try FirstSchema.state(path) == "2 3")
        for suffix in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + suffix) }
        #expect(try FolderContents(folder) == before)

        try shell(backup, "CREATE TABLE sessions (x);")
        try TTLStore(path: path).close()
        let error = expectFailure(.cannotOpen) { try TTLStore.restore(from: backup, to: path) }
        #expect(error?.operation == "restore" && error?.message.contains("table \"sessions\"") == true)
        #expect(try open().count() == 0)
    }

    @Test("a file of schema 2 is taken back to schema 1 by the line in the article")
    func takenBack() throws {
        try TTLStore(path: path).close()
        try shell(path, FirstSchema.downgrade)
        let article = packageFolder.appendingPathComponent("Sources/TTLStore/TTLStore.docc/TheFileFormat.md")
        #expect(try String(contentsOf: article, encoding: .utf8).contains(FirstSchema.downgrade))
        #expect(try FirstSchema.state(path) == "1 0")
        try FirstSchema.make(folder("first.db"))
        #expect(try schema(path) == schema(folder("first.db")))
        try open().close()
        #expect(try FirstSchema.state(path) == "2 3")
    }
}

extension Result {
    fileprivate var failure: Failure? {
        guard case .failure(let error) = self else { return nil }
        return error
    }
}
