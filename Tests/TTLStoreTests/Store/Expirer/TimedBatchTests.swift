import Foundation
import TTLStoreTesting
import TTLTestSupport
import Testing

@testable import TTLStore

@Suite("Batches of deletions") struct TimedBatchTests {
    private let folder: TemporaryFolder
    private let clock = ManualClock()

    init() throws { folder = try TemporaryFolder() }

    /// A store with that many entries that have expired.
    private func store(
        expired count: Int, _ change: (inout TTLStore.Configuration) -> Void = { _ in }
    ) throws -> TTLStore {
        var configuration = TTLStore.Configuration()
        configuration.clock = clock.wallClock
        configuration.purging = .manual
        change(&configuration)
        let store = try TTLStore(path: folder("store.db"), configuration: configuration)
        for begin in stride(from: 0, to: count, by: 1000) {
            // In no order.
            let numbers = (begin..<min(begin + 1000, count)).map { $0 &* 2_654_435_761 % 1_000_003 }
            let some = numbers.map { ("\($0)", "value") }
            try store.setAll(some, expiring: .after(.seconds(60)))
        }
        clock.advance(by: .seconds(61))
        return store
    }

    /// A store in which others wait for the turn from a moment on.
    private final class WantedStore: BatchStore {
        private let store: RunningStore
        /// How many more times the store isn't wanted.
        var patience: Int

        init(_ store: RunningStore, patience: Int) {
            self.store = store
            self.patience = patience
        }

        func read<Success>(
            _ operation: String, _ body: (EntryReader) throws -> Success
        ) throws(TTLStoreError) -> Success { try store.read(operation, body) }

        func withWriter<Success>(
            _ operation: String, _ body: (EntryWriter) throws -> Success
        ) throws(TTLStoreError) -> Success { try store.withWriter(operation, body) }

        func withTransaction<Success>(
            _ operation: String, _ body: (EntryWriter) throws -> Success
        ) throws(TTLStoreError) -> Success { try store.withTransaction(operation, body) }

        var isWanted: Bool {
            patience -= 1
            return patience < 0
        }

        var sight: BatchPace.Sight { store.sight }
    }

    @Test("a batch ends after the statement in which somebody begins to wait", arguments: [0, 1, 2, 5])
    func ends(patience: Int) throws {
        let store = try store(expired: 1000)
        var purge = Purge(clock: clock.wallClock)
        purge.batch.pace = BatchPace(fixed: 600_000)
        let wanted = try WantedStore(store.engine.batchStore(timeout: 1000), patience: patience)
        let result = try purge.runBatch(wanted)
        // The first statement takes one row, and each takes at most twice as many as the one before.
        #expect((patience + 1..<1 << (patience + 1)).contains(result.count), "\(result.count)")
        #expect(result.isBacklog)
        wanted.patience = .max
        #expect(try purge.runBatch(wanted).count == 1000 - result.count)
        store.close()
    }

    @Test("without other processes few large batches delete a backlog, and the log stays within its limit")
    func large() throws {
        let count = 60_000
        let store = try store(expired: count)
        let batches = try store.engine.batchStore(timeout: 1000)
        var purge = Purge(clock: clock.wallClock)
        var (deleted, sizes) = (0, [Int]())
        while deleted < count, sizes.count < 10_000 {
            let result = try purge.runBatch(batches)
            #expect(result.isAlone)
            deleted += result.count
            sizes.append(result.count)
            #expect(store.engine.logFrames <= store.engine.maximumLogFrames)
            // As the thread does.
            if store.engine.logFrames > 3000 { _ = try store.engine.writing?.checkpointer?.run(truncating: false) }
        }
        #expect(deleted == count)
        #expect(try store.statistics().expiredEntries == 0)
        let cacheSize = try store.engine.write("test") { try $0.connection.integer("PRAGMA cache_size") }
        #expect(cacheSize == Int64(StoreFile.cacheSize))
        store.close()
        try expectIntact(folder("store.db"))
    }

    @Test("a large purge by hand, without a thread that copies the log, keeps the log within its limit")
    func byHand() throws {
        let store = try store(expired: 30_000) { $0.maximumLogSize = 2 << 20 }
        #expect(try store.purgeExpired() == 30_000)
        let size = try FileManager.default.attributesOfItem(atPath: folder("store.db-wal"))[.size] as? Int
        #expect(try #require(size) <= 5 << 19)
        store.close()
        try expectIntact(folder("store.db"))
    }

    @Test("a purge beside a process that commits holds the lock shortly")
    func shared() throws {
        let store = try store(expired: 5000)
        let other = try TTLStore(path: folder("store.db"))
        let batches = try store.engine.batchStore(timeout: 1000)
        var purge = Purge(clock: clock.wallClock)
        try store.set("own", "value")
        var isBacklog = true
        while isBacklog {
            try other.set("foreign", "value")
            let result = try purge.runBatch(batches)
            #expect(!result.isAlone)
            isBacklog = result.isBacklog
        }
        store.close()
        other.close()
    }

    @Test("a commit of another store is noticed, and the store's own ones and checkpoints are none")
    func foreignCommits() throws {
        let store = try store(expired: 10)
        func seen() throws -> MonotonicTime? {
            // A transaction that changes nothing.
            try store.engine.write("test") { _ in }
            return store.engine.writing?.queue.writeTransaction.foreignCommits.lastSeen
        }
        try store.set("a", "1")
        #expect(try seen() == nil)
        try store.set("a", "2")
        try store.remove("nothing")
        _ = try store.engine.writing?.checkpointer?.run(truncating: false)
        #expect(try seen() == nil)
        try store.set("a", "3")
        _ = try store.engine.writing?.checkpointer?.run(truncating: true)
        try store.set("a", "4")
        try store.purgeExpired()
        #expect(try seen() == nil)
        let other = try TTLStore(path: folder("store.db"))
        #expect(try other.get("a") == "4")
        #expect(try seen() == nil)
        try other.set("b", "1")
        let first = try #require(try seen())
        #expect(try seen() == first)
        try store.set("a", "5")
        #expect(try seen() == first)
        try other.set("b", "2")
        #expect(try #require(try seen()) > first)
        other.close()
        store.close()
    }

    @Test(
        "that others copy the log is noticed, and the store's own copying is none", arguments: ["PASSIVE", "RESTART"])
    func foreignCopying(mode: String) throws {
        let store = try store(expired: 10)
        func seen() throws -> MonotonicTime? {
            try store.engine.write("test") { _ in }
            return store.engine.writing?.queue.writeTransaction.foreignCommits.lastCopying
        }
        let other = try TTLStore(path: folder("store.db"))
        for round in 0..<3 {
            try store.set("a", "\(round)")
            try other.set("b", "\(round)")
            #expect(try seen() == nil)
            _ = try store.engine.writing?.checkpointer?.run(truncating: round == 1)
            #expect(try seen() == nil)
        }
        try store.set("a", "3")
        #expect(try seen() == nil)
        let path = folder("store.db")
        #expect(try ChildProcess.sqlite3(path, "PRAGMA wal_checkpoint(\(mode))").status == 0)
        let first = try #require(try seen())
        #expect(try seen() == first)
        // A log that others have copied, and begun anew in their next commit.
        try store.set("a", "4")
        #expect(try seen() == first)
        let change = "PRAGMA wal_checkpoint; UPDATE entries SET value = 'theirs' WHERE key = 'a'"
        #expect(try ChildProcess.sqlite3(path, "PRAGMA busy_timeout = 60000; \(change)").status == 0)
        #expect(try #require(try seen()) > first)
        other.close()
        store.close()
    }
}
