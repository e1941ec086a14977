import Foundation
import TTLStoreMigrations
import TTLTestSupport
import Testing

@testable import TTLStore

@Suite("The second migration in the sqlite3 shell") struct ShellMigrationTests {
    private let folder: TemporaryFolder
    private let path: String
    private let second: String

    init() throws {
        folder = try TemporaryFolder()
        path = folder("store.db")
        second = try #require(Migration.all.last).sql
    }

    @Test("it upgrades a file beside an open store, which goes on")
    func upgrade() throws {
        try FirstSchema.make(path, "PRAGMA journal_mode = WAL;")
        var configuration = TTLStore.Configuration()
        configuration.access = .readOnly
        let store = try TTLStore(path: path, configuration: configuration)
        #expect(try store.get("key:1") == "value of 1")
        #expect(try shell(path, second) == "")
        #expect(try FirstSchema.state(path) == "2 3")
        #expect(try store.get("key:2") == "value of 2")
        #expect(try store.check().isHealthy)
        store.close()
    }

    private static let others = [
        ("a file of schema 2", "CHECK constraint failed: the file has schema 1"),
        ("a foreign database", "CHECK constraint failed: the file is a TTLStore"),
        ("a foreign database with tables of these names", "CHECK constraint failed: the file is a TTLStore"),
        ("a new file", "CHECK constraint failed: the file is a TTLStore"),
        ("a file with a table of this name", "already"),
    ]

    @Test("on any other file it stops with the reason, and changes nothing", arguments: others)
    func otherFile(kind: String, reason: String) throws {
        switch kind {
        case "a file of schema 2": try TTLStore(path: path).close()
        case "a foreign database": try shell(path, "CREATE TABLE t (x);")
        case "a foreign database with tables of these names":
            try shell(path, "CREATE TABLE entries (key, value); CREATE TABLE migrations (number, name);")
        case "a file with a table of this name": try FirstSchema.make(path, "CREATE TABLE sessions (x);")
        default: try shell(path, "VACUUM;")
        }
        let before = try FolderContents(folder)
        let outcome = try ChildProcess.sqlite3(path, second)
        #expect(outcome.status != 0)
        #expect(outcome.errors.contains(reason), "\(outcome.errors)")
        #expect(try FolderContents(folder) == before)
    }

    @Test("it waits for another process's lock")
    func locked() throws {
        try FirstSchema.make(path, "PRAGMA journal_mode = WAL;")
        let holder = try otherProcess("hold", path)
        #expect(holder.readLine() == "held")
        let upgrade = try ChildProcess("/usr/bin/env", ["sqlite3", "-batch", path])
        upgrade.send(second)
        upgrade.closeInput()
        #expect(try FirstSchema.state(path) == "1 0")
        #expect(upgrade.isRunning)
        #expect(holder.ask("") == "released")
        #expect(upgrade.wait() == 0, "\(upgrade.readErrors())")
        #expect(try FirstSchema.state(path) == "2 3")
    }

    @Test("both migrations in one go make a store")
    func both() throws {
        #expect(try shell(path, Migration.all.map(\.sql).joined()) == "")
        let store = try TTLStore(path: path)
        #expect(try store.check().findings.allSatisfy { $0.severity < .error })
        store.close()
        #expect(try FirstSchema.state(path) == "2 3")
    }
}
