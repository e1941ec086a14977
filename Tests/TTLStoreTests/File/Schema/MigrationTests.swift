import Foundation
import TTLStoreMigrations
import TTLTestSupport
import Testing

@testable import TTLStore

@Suite("Migrations") struct MigrationTests {
    /// The folder `Migrations/` of the package.
    private static let folder = packageFolder.appendingPathComponent("Migrations").path

    private func name(_ migration: Migration) -> String {
        let number = String(migration.number)
        return "M" + String(repeating: "0", count: 4 - number.count) + number + "_" + migration.name + ".sql"
    }

    /// The structure of a file, down to the statements of its schema.
    private func description(_ path: String) throws -> String {
        try shell(
            path,
            """
            PRAGMA page_size; PRAGMA auto_vacuum; PRAGMA application_id; PRAGMA user_version; PRAGMA encoding;
            PRAGMA integrity_check; SELECT number, name FROM migrations; SELECT type, name, sql FROM sqlite_schema;
            """)
    }

    private var manual: TTLStore.Configuration {
        var configuration = TTLStore.Configuration()
        configuration.purging = .manual
        return configuration
    }

    @Test("the list of migrations is that of the folder, and each is embedded as it is there")
    func listed() throws {
        let files = try FileManager.default.contentsOfDirectory(atPath: MigrationTests.folder)
        #expect(files.filter { $0.hasSuffix(".sql") }.sorted() == Migration.all.map(name))
        for (index, migration) in Migration.all.enumerated() {
            #expect(migration.number == Int64(index + 1))
            let text = try String(contentsOfFile: MigrationTests.folder + "/" + name(migration), encoding: .utf8)
            #expect(migration.sql == text)
            #expect(!migration.body.isEmpty && !migration.body.contains("BEGIN IMMEDIATE;"))
            #expect(migration.body.contains("PRAGMA user_version = \(migration.number);"))
            #expect(migration.objects.count == migration.body.components(separatedBy: "\nCREATE ").count - 1)
        }
        #expect(Migration.latest == Int64(Migration.all.count))
        let manifest = try String(contentsOfFile: MigrationTests.folder + "/../Package.swift", encoding: .utf8)
        for migration in Migration.all { #expect(manifest.contains("embedInCode(\"\(name(migration))\")")) }
    }

    @Test("the migrations run in the shell make a file that equals the library's, and that it opens as its own")
    func inShell() throws {
        let folder = try TemporaryFolder()
        for migration in Migration.all { try shell(folder("shell.db"), migration.sql) }
        try shell(folder("shell.db"), "INSERT INTO live (key, value) VALUES ('k', 'from the shell');")
        let own = try TTLStore(path: folder("own.db"), configuration: manual)
        own.close()
        #expect(try description(folder("shell.db")) == description(folder("own.db")))
        let store = try TTLStore(path: folder("shell.db"), configuration: manual)
        #expect(try store.get("k") == "from the shell")
        try store.set("k", "v")
        store.close()
        #expect(try description(folder("shell.db")) == description(folder("own.db")))
        #expect(try shell(folder("shell.db"), "PRAGMA journal_mode; PRAGMA auto_vacuum;") == "wal\n2")
    }

    @Test("a file as it is before the first transaction becomes a whole store")
    func onlyTheHeader() throws {
        let folder = try TemporaryFolder()
        let migration = try #require(Migration.all.first)
        try shell(folder("header.db"), migration.prologue + "\nPRAGMA journal_mode = WAL;")
        #expect(FileManager.default.fileExists(atPath: folder("header.db")))
        let store = try TTLStore(path: folder("header.db"), configuration: manual)
        try store.set("k", "v")
        store.close()
        let own = try TTLStore(path: folder("own.db"), configuration: manual)
        own.close()
        #expect(try description(folder("header.db")) == description(folder("own.db")))
    }

    @Test("a log that ends anywhere in the first transaction holds the whole schema or none of it")
    func cutOffLog() throws {
        let folder = try TemporaryFolder()
        let own = try TTLStore(path: folder("own.db"), configuration: manual)
        let copied = try ChildProcess.run("/bin/cp", ["-r", folder.path, folder.path + "-copy"])
        #expect(copied.status == 0)
        defer { try? FileManager.default.removeItem(atPath: folder.path + "-copy") }
        own.close()
        let expected = try description(folder("own.db"))
        let main = try Data(contentsOf: URL(fileURLWithPath: folder.path + "-copy/own.db"))
        let log = try Data(contentsOf: URL(fileURLWithPath: folder.path + "-copy/own.db-wal"))
        #expect(log.count > 10 * 4096)
        let frame = 4096 + 24
        for length in Array(stride(from: 32, through: log.count, by: frame)) + [0, 31, 100, frame, log.count - 1] {
            let path = folder("cut\(length).db")
            try RefusedFile.make(path, main)
            try RefusedFile.make(path + "-wal", log.prefix(length))
            let store = try TTLStore(path: path, configuration: manual)
            try store.set("k", "v")
            store.close()
            #expect(try description(path) == expected, "\(length) of \(log.count) bytes")
        }
    }

    @Test("a migration that fails in the middle leaves nothing of itself", arguments: 1...20)
    func fails(pages: Int) throws {
        let folder = try TemporaryFolder()
        try RefusedFile.make(folder("store.db"), [])
        let connection = try Connection(
            path: folder("store.db"), access: .readWrite, busyPolicy: BusyPolicy(stop: StopFlag(), timeout: 0))
        try connection.execute("PRAGMA max_page_count = \(pages)")
        let migrator = Migrator(connection: connection, timeout: 0)
        do {
            try migrator.migrate(from: 0)
            #expect(pages > 5)
        } catch {
            #expect((error as? SQLiteError)?.primaryCode == 13, "\(error)")
            #expect(try connection.integer("SELECT count(*) FROM sqlite_schema") == 0)
            #expect(try connection.integer("PRAGMA user_version") == 0)
            #expect(!connection.isInTransaction)
        }
        connection.close()
        let store = try TTLStore(path: folder("store.db"), configuration: manual)
        try store.set("k", "v")
        store.close()
        #expect(try shell(folder("store.db"), "PRAGMA integrity_check; SELECT count(*) FROM migrations;") == "ok\n2")
    }

    @Test("opening a store again migrates nothing")
    func once() throws {
        let folder = try TemporaryFolder()
        var before = ""
        for round in 1...3 {
            let store = try TTLStore(path: folder("store.db"), configuration: manual)
            store.close()
            let dump = try shell(folder("store.db"), ".dump")
            if round > 1 { #expect(dump == before) }
            before = dump
        }
    }
}
