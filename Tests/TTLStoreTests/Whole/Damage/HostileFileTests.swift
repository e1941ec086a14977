import Foundation
import TTLTestSupport
import Testing

@testable import TTLStore

@Suite("A hostile file") struct HostileFileTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private static let settings = 1...3

    /// The outcomes of every operation on the file, in a process of its own.
    private func outcomes(_ path: String, _ seed: Int) throws -> String {
        let lines = Collected<String>()
        let child = try otherProcess("hostile", path, String(seed))
        let ending = child.followed(silentFor: 120) { lines.append($0) }
        #expect(ending == .ended, "settings \(seed)")
        return lines.all.joined(separator: "\n")
    }

    @Test(
        "a hostile schema is refused with a reason, and the file's bytes stay as they are",
        arguments: HostileFile.tables)
    func refused(file: HostileFile) throws {
        guard case .refused(let code) = file.expectation else { return }
        try file.make(folder("store.db"))
        let before = try FolderContents(folder)
        for seed in HostileFileTests.settings {
            let outcome = try outcomes(folder("store.db"), seed)
            #expect(outcome.hasPrefix("refused \(code) "), "\(outcome)")
            #expect(file.message.isEmpty || outcome.contains(file.message), "\(outcome)")
            #expect(try FolderContents(folder).withoutTracesOfReading == before.withoutTracesOfReading)
        }
    }

    @Test("tables, views and triggers beside the store's own have no effect", arguments: HostileFile.surroundings)
    func surroundings(file: HostileFile) throws {
        for seed in HostileFileTests.settings {
            let (path, plain) = (folder("store\(seed).db"), folder("plain\(seed).db"))
            try file.make(path)
            try HostileFile.makeStore(plain)
            #expect(try outcomes(path, seed) == outcomes(plain, seed))
            #expect(try shell(path, "PRAGMA integrity_check;") == "ok")
        }
    }

    @Test("hostile content causes nothing worse than an error", arguments: HostileFile.contents)
    func contents(file: HostileFile) throws {
        for seed in HostileFileTests.settings {
            let path = folder("store\(seed).db")
            try file.make(path)
            let outcome = try outcomes(path, seed)
            #expect(outcome.hasPrefix("ended") || outcome.hasPrefix("refused "), "\(outcome)")
        }
    }

    @Test("a view that replaces a table of an open store is an error, and the store closes")
    func replacedWhileOpen() throws {
        try HostileFile.makeStore(folder("store.db"))
        let store = try TTLStore(path: folder("store.db"))
        #expect(try store.get("kept:1") == "value")
        try shell(folder("store.db"), HostileFile.shortView)
        let error = expectFailure(.database) { try store.get("kept:1") }
        #expect(error?.message.contains("view") == true, "\(String(describing: error))")
        try shell(folder("store.db"), "DROP VIEW entries; CREATE TABLE entries (id);" + HostileFile.endlessView)
        expectFailure(.database) { try store.get("kept:1") }
        expectFailure(.database) { try store.set("kept:1", "new") }
        expectFailure(.database) { try store.keys() }
        expectFailure(.database) { try store.purgeExpired() }
        store.close()
    }

    @Test("a table that was altered by hand and still fits is opened, and a check reports it")
    func altered() throws {
        try HostileFile.makeStore(folder("store.db"))
        try shell(folder("store.db"), "ALTER TABLE entries ADD COLUMN note TEXT;")
        let store = try TTLStore(path: folder("store.db"))
        #expect(try store.get("kept:1") == "value")
        #expect(try store.check().findings.contains { $0.code == .objectChanged })
        store.close()
    }

    @Test("work that a hostile file makes endless ends when its time is over")
    func timeLimit() throws {
        let connection = try Connection(
            path: "", access: .memory, busyPolicy: BusyPolicy(stop: StopFlag(), timeout: 0))
        var code: Int32?
        connection.limitingTime(to: 20) {
            do {
                _ = try connection.integer(
                    "WITH RECURSIVE c (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c) SELECT max(n) FROM c")
            } catch { code = (error as? SQLiteError)?.code }
        }
        #expect(code == 9)
        // Nothing of it is left.
        #expect(try connection.integer("SELECT 7") == 7)
        connection.close()
    }

    #if compiler(>=6.3)
    @Test("a connection with open statements of a virtual table is closed")
    func virtualTable() async throws {
        await #expect(processExitsWith: .success) {
            let connection = try Connection(
                path: "", access: .memory, busyPolicy: BusyPolicy(stop: StopFlag(), timeout: 0))
            try connection.execute("CREATE VIRTUAL TABLE t USING fts5 (a); INSERT INTO t VALUES ('x'), ('x y');")
            let found = try Statement("SELECT a FROM t WHERE t MATCH 'x'", on: connection)
            guard try found.step() else { exit(2) }
            connection.close()
            withExtendedLifetime(found) {}
        }
    }
    #endif
}
