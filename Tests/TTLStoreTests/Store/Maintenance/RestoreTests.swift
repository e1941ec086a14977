import Foundation
import TTLTestSupport
import Testing

@testable import TTLStore

@Suite("A restore") struct RestoreTests {
    let folder: TemporaryFolder
    private let path: String
    private let backup: String

    init() throws {
        folder = try TemporaryFolder()
        path = folder("store.db")
        backup = folder("backup.db")
    }

    private func open(_ path: String, _ adjust: (inout TTLStore.Configuration) -> Void = { _ in }) throws -> TTLStore {
        var configuration = TTLStore.Configuration()
        configuration.purging = .manual
        adjust(&configuration)
        return try TTLStore(path: path, configuration: configuration)
    }

    /// A store that was backed up with 100 entries, and has changed since.
    private func makeStore() throws -> TTLStore {
        let store = try open(path)
        for number in 0..<100 {
            try store.set("key:\(number)", "old", expiring: .after(.seconds(3600)), tag: "tag")
        }
        // So that the backup is not written in one step.
        try store.set("large", TTLStore.Value.bytes(Array(repeating: 1, count: 3 << 20)))
        try store.backup(to: backup)
        for number in 0..<100 { try store.set("key:\(number)", "new") }
        for number in 0..<1000 { try store.set("more:\(number)", String(repeating: "x", count: 500)) }
        return store
    }

    @Test("a restore gives back entries with expiries, revisions and tags, also to stores that are open")
    func content() throws {
        let store = try makeStore()
        let other = try open(path, { $0.access = .readOnly })
        #expect(try other.get("key:0") == "new")
        let seen = Counter()
        try TTLStore.restore(from: backup, to: path) { progress in
            // One commit: before it nothing shows.
            guard let total = progress.total, progress.completed < total else { return }
            let value = try other.get("key:0")
            #expect(value == "new")
            seen.add()
        }
        #expect(seen.value > 0)
        let copy = try open(backup)
        for store in [store, other] {
            #expect(try store.entries().elements.map(\.revision) == copy.entries().elements.map(\.revision))
            #expect(try store.count(.prefix("key:")) == 100)
            let entry = try #require(try store.entry("key:42"))
            #expect(entry.value == .text("old") && entry.tag == "tag" && entry.expiresAt != nil)
        }
        try store.set("later", "v")
        #expect(try other.get("later") == "v")
        for store in [store, other, copy] { store.close() }
        try expectIntact(path)
    }

    @Test("a restore beside an old log is not undone by it")
    func staleLog() throws {
        try makeStore().close()
        // A writer that is killed leaves its log.
        try shell(path, ".dbconfig no_ckpt_on_close on\nUPDATE live SET value = 'newest' WHERE key = 'key:0';")
        #expect(FileSystem.size(of: path + "-wal") > 0)
        try TTLStore.restore(from: backup, to: path)
        let store = try open(path)
        #expect(try store.get("key:0") == "old")
        #expect(try store.count(.prefix("key:")) == 100)
        store.close()
        try expectIntact(path)
    }

    @Test("a copy by hand beside an old log is undone by SQLite without an error")
    func copyByHand() throws {
        try makeStore().close()
        try shell(path, ".dbconfig no_ckpt_on_close on\nUPDATE live SET value = 'newest' WHERE key = 'key:0';")
        try FileManager.default.removeItem(atPath: path)
        try FileManager.default.copyItem(atPath: backup, toPath: path)
        let store = try? open(path)
        #expect((try? store?.get("key:0")) != "old")
    }

    @Test("a restore leaves no lease, and fencing tokens go on growing")
    func leases() throws {
        let store = try makeStore()
        let held = try #require(try store.acquireLease("job", for: .seconds(60)))
        try TTLStore.restore(from: backup, to: path)
        #expect(try store.lease(named: "job") == nil)
        #expect(try store.renew(held, for: .seconds(60)) == nil)
        let next = try #require(try store.acquireLease("job", for: .seconds(60)))
        #expect(next.token > held.token)
        store.close()
    }

    @Test("a restore makes a missing store, and repairs one whose pages are damaged")
    func missingAndDamaged() throws {
        try makeStore().close()
        try TTLStore.restore(from: backup, to: folder("new/store.db"))
        let new = try open(folder("new/store.db"))
        #expect(try new.count(.prefix("key:")) == 100)
        new.close()
        // All but the first pages, which say what kind of file it is.
        let file = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
        let size = try file.seekToEnd()
        try file.seek(toOffset: 16 * 4096)
        try file.write(contentsOf: Data(repeating: 0x55, count: Int(size) - 16 * 4096))
        try file.close()
        try TTLStore.restore(from: backup, to: path)
        let store = try open(path)
        #expect(try store.check().isHealthy)
        #expect(try store.count(.prefix("key:")) == 100)
        store.close()
    }

    @Test("a restore to a store with a limit keeps its index of ages")
    func limitedStore() throws {
        try makeStore().close()
        let store = try open(path, { $0.maximumEntries = 5000 })
        try TTLStore.restore(from: backup, to: path)
        #expect(try store.count(.prefix("key:")) == 100)
        #expect(try store.check().findings.allSatisfy { $0.severity == .note })
        store.close()
        #expect(try shell(path, "SELECT count(*) FROM sqlite_schema WHERE name = 'entries_by_age';") == "1")
    }

    @Test("a restore executes no SQL from the store's file")
    func preparedStore() throws {
        try makeStore().close()
        try open(path, { $0.maximumEntries = 5000 }).close()
        try shell(folder("victim.db"), "CREATE TABLE t (x); INSERT INTO t VALUES (1);")
        try shell(
            path,
            HostileFile.writable + """
                UPDATE sqlite_schema SET sql = sql || '; ATTACH ''\(folder("victim.db"))'' AS v; DELETE FROM v.t;'
                WHERE name = 'entries_by_age';
                """)
        try TTLStore.restore(from: backup, to: path)
        #expect(try shell(folder("victim.db"), "SELECT count(*) FROM t;") == "1")
        let store = try open(path, { $0.maximumEntries = 5000 })
        #expect(try store.count(.prefix("key:")) == 100)
        #expect(try store.check().findings.allSatisfy { $0.severity == .note })
        store.close()
    }

    @Test("an error of progress after the commit does not end a restore")
    func thrownAtTheEnd() throws {
        struct TooLate: Error {}
        let store = try makeStore()
        let thrown = Counter()
        try TTLStore.restore(from: backup, to: path) { progress in
            guard let total = progress.total, progress.completed == total else { return }
            thrown.add()
            throw TooLate()
        }
        #expect(thrown.value == 1)
        #expect(try store.get("key:0") == "old")
        store.close()
    }

    @Test("a restore ends if the log is deleted meanwhile, and the store is as it was")
    func deletedLog() throws {
        let store = try makeStore()
        store.close()
        var isDeleted = false
        expectFailure(.fileReplaced) {
            try TTLStore.restore(from: backup, to: path) { progress in
                guard progress.total != nil, !isDeleted else { return }
                isDeleted = true
                for suffix in ["-wal", "-shm"] { #expect(unlink(path + suffix) == 0) }
            }
        }
        #expect(isDeleted)
        let again = try open(path)
        #expect(try again.get("key:0") == "new" && again.count() == 1101)
        again.close()
        try expectIntact(path)
    }

    @Test("a restore closes both files before it returns", .enabled(if: Census.isAvailable))
    func descriptors() throws {
        try makeStore().close()
        try TTLStore.restore(from: backup, to: path)
        #expect(Census.descriptors(below: folder.path) == 0)
        #expect(FileSystem.kind(of: path + "-wal") == .missing)
    }

    @Test("a restore refuses a backup in which the numbers of leases are used up")
    func usedUpLeases() throws {
        let store = try makeStore()
        try shell(backup, "INSERT INTO sqlite_sequence (name, seq) VALUES ('leases', 9223372036854775807);")
        expectFailure(.corrupt) { try TTLStore.restore(from: backup, to: path) }
        #expect(try store.get("key:0") == "new")
        store.close()
    }

    @Test("a restore that is refused, fails or is given up changes nothing")
    func refusals() throws {
        struct GivenUp: Error {}
        let store = try makeStore()
        try Data("no database, but long enough for a header. ".utf8).write(to: URL(fileURLWithPath: folder("text")))
        try shell(folder("foreign.db"), "CREATE TABLE t (x);")
        try FileManager.default.copyItem(atPath: backup, toPath: folder("damaged.db"))
        let file = try FileHandle(forWritingTo: URL(fileURLWithPath: folder("damaged.db")))
        try file.seek(toOffset: 2 * 4096)
        try file.write(contentsOf: Data(repeating: 0x55, count: 4096))
        try file.close()
        expectFailure(.cannotOpen) { try TTLStore.restore(from: folder("missing.db"), to: path) }
        expectFailure(.notADatabase) { try TTLStore.restore(from: folder("text"), to: path) }
        expectFailure(.foreignFile) { try TTLStore.restore(from: folder("foreign.db"), to: path) }
        expectFailure(.corrupt) { try TTLStore.restore(from: folder("damaged.db"), to: path) }
        expectFailure(.invalidArgument) { try TTLStore.restore(from: path, to: path) }
        try FileManager.default.copyItem(atPath: backup, toPath: folder("pages.db"))
        try shell(folder("pages.db"), "PRAGMA journal_mode = DELETE; PRAGMA page_size = 8192; VACUUM;")
        expectFailure(.invalidArgument) { try TTLStore.restore(from: folder("pages.db"), to: path) }
        #expect(throws: GivenUp.self) { try TTLStore.restore(from: backup, to: path) { _ in throw GivenUp() } }
        expectFailure(.reentrant) { try store.transaction { _ in try TTLStore.restore(from: backup, to: path) } }
        var readOnly = TTLStore.Configuration()
        readOnly.access = .readOnly
        expectFailure(.readOnlyStore) { try TTLStore.restore(from: backup, to: path, configuration: readOnly) }
        // A missing backup makes no file.
        expectFailure(.cannotOpen) { try TTLStore.restore(from: folder("missing.db"), to: folder("other.db")) }
        #expect(FileSystem.kind(of: folder("other.db")) == .missing)
        #expect(try store.get("key:0") == "new")
        #expect(try store.count() == 1101)
        store.close()
        try expectIntact(path)
    }

    @Test("a restore waits for another process's lock up to the busy timeout, and can be cancelled meanwhile")
    func lock() async throws {
        let store = try makeStore()
        let holder = try otherProcess("hold", path)
        #expect(holder.readLine() == "held")
        var configuration = TTLStore.Configuration()
        configuration.busyTimeout = .milliseconds(100)
        await expectFailure(.busy) { try await TTLStore.restore(from: backup, to: path, configuration: configuration) }
        configuration.busyTimeout = .seconds(600)
        let task = Task { [configuration, backup, path] in
            try await TTLStore.restore(from: backup, to: path, configuration: configuration)
        }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        holder.kill(SIGKILL)
        holder.wait()
        try await TTLStore.restore(from: backup, to: path)
        #expect(try await store.count(.prefix("key:")) == 100)
        await store.close()
    }
}
