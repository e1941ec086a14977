import Foundation
import TTLTestSupport
import Testing

@testable import TTLStore

@Suite("A vacuum") struct VacuumTests {
    /// All entries, with their ids, and the settings of the file.
    private func dump(_ path: String) throws -> String {
        try shell(path, "PRAGMA auto_vacuum; PRAGMA page_size; PRAGMA journal_mode;\n.dump entries")
    }

    @Test(
        "a vacuum makes the file as small as possible, keeps every row and its id, and cuts the log off",
        arguments: Setting.Form.allCases)
    func shrinks(form: Setting.Form) async throws {
        let large = try LargeStore()
        let (store, path) = (large.store, large.folder("store.db"))
        #expect(try await store.removeAll(.prefix("kept:1")) > 10_000)
        try await store.set("expiring", "value", expiring: .after(.seconds(3600)))
        let before = try dump(path)
        let sizes = try await (store.statistics().fileSize, store.statistics().freeSize)
        #expect(sizes.1 > sizes.0 / 3)
        let gained: Int
        switch form {
        case .synchronous: gained = try { try store.vacuum() }()
        case .suspending: gained = try await store.vacuum()
        }
        let statistics = try await store.statistics()
        #expect(statistics.freeSize == 0)
        #expect(statistics.fileSize == sizes.0 - gained)
        #expect(gained >= sizes.1)
        #expect(eventually { FileSystem.size(of: path + "-wal") == 0 })
        #expect(FileSystem.size(of: path) == Int64(statistics.fileSize))
        #expect(try dump(path) == before)
        #expect(before.hasPrefix("2\n4096\nwal\n"))
        try expectIntact(path)
        #expect(try await store.set("key", "value") == .stored)
        #expect(try await store.check().findings.filter { $0.severity != .note } == [])
        await store.close()
        try expectIntact(path)
        let again = try await TTLStore(path: path)
        #expect(try await again.get("key") == "value")
        await again.close()
    }

    @Test("a store in memory can be vacuumed")
    func memory() throws {
        let store = try Setting.inMemory.open().store
        for number in 0..<2000 { try store.set("key:\(number)", "value", expiring: .after(.seconds(60))) }
        try store.removeAll(.prefix("key:1"))
        let entries = try store.entries(limit: 5000).elements
        #expect(try store.vacuum() > 0)
        #expect(try store.entries(limit: 5000).elements == entries)
        #expect(try store.vacuum() == 0)
        #expect(try store.check().isHealthy)
        store.close()
    }

    @Test("a vacuum reports the pages that it has read")
    func progress() throws {
        let large = try LargeStore()
        var seen: [Int] = []
        try large.store.vacuum { seen.append($0.completed) }
        #expect(seen.count >= 2)
        #expect(seen == seen.sorted())
    }

    @Test("a vacuum waits for another process's lock up to the busy timeout")
    func busy() throws {
        let large = try LargeStore(kept: 100) { $0.busyTimeout = .milliseconds(120) }
        let holder = try otherProcess("hold", large.folder("store.db"))
        #expect(holder.readLine() == "held")
        let begun = MonotonicTime.now
        let error = expectFailure(.busy) { try large.store.vacuum() }
        #expect(error?.operation == "vacuum")
        #expect(MonotonicTime.now.milliseconds(since: begun) >= 120)
        #expect(holder.ask("") == "released")
        let size = try large.store.statistics().fileSize
        let gained = try large.store.vacuum()
        let statistics = try large.store.statistics()
        #expect(statistics.fileSize == size - gained && statistics.freeSize == 0)
    }

    @Test("a vacuum of a store that was opened for reading only is refused")
    func readOnly() throws {
        let large = try LargeStore(kept: 100)
        large.store.close()
        var configuration = TTLStore.Configuration()
        configuration.access = .readOnly
        let store = try TTLStore(path: large.folder("store.db"), configuration: configuration)
        expectFailure(.readOnlyStore) { try store.vacuum() }
        store.close()
        try expectIntact(large.folder("store.db"))
    }

    @Test("readers go on during a vacuum, and writers when it is done")
    func readersAndWriters() throws {
        let large = try LargeStore { $0.purging = .automatic }
        let (store, keys) = (large.store, large.keys)
        let (begun, written, done) = (Counter(), Counter(), Counter())
        onThreads(3) { thread in
            switch thread {
            case 0:
                #expect(throws: Never.self) {
                    try store.vacuum { (_) throws in
                        begun.add()
                        _ = eventually { written.value > 0 }
                        #expect(try store.get("new") as String? == nil)
                    }
                }
                done.add()
            case 1:
                _ = eventually { begun.value > 0 }
                written.add()
                #expect((try? store.set("new", "value")) == .stored)
            default:
                while done.value == 0 { #expect([keys, keys + 1].contains((try? store.count()) ?? 0)) }
            }
        }
        #expect(try store.get("new") == "value")
        store.close()
        try expectIntact(large.folder("store.db"))
    }

    @Test("a vacuum on a full disk throws diskFull and loses nothing", .enabled(if: SmallDisk.isPermitted))
    func fullDisk() throws {
        let disk = try SmallDisk()
        var configuration = TTLStore.Configuration()
        configuration.purging = .manual
        let path = disk.path + "/store.db"
        try TTLStore(path: path, configuration: configuration).close()
        // In two steps: each needs space for the log as well.
        for step in 1...2 {
            try shell(
                path,
                """
                WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 430)
                INSERT INTO entries (key, value) SELECT 'key:\(step):' || i, hex(randomblob(500)) FROM n;
                """)
        }
        #expect(FileSystem.size(of: path) > 1 << 20)
        let store = try TTLStore(path: path, configuration: configuration)
        let entries = try store.entries().elements
        let error = expectFailure(.diskFull) { try store.vacuum() }
        #expect(error?.operation == "vacuum")
        #expect(try store.entries().elements == entries)
        #expect(try store.set("key:1:1", "x") == .stored)
        store.close()
        try expectIntact(path)
    }
}
