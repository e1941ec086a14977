import TTLTestSupport
import Testing

@testable import TTLStore

@Suite("The counts of a store") struct CountTests {
    @Test("a look-up that finds a live entry is a hit, any other one a miss", arguments: Setting.all)
    func reads(setting: Setting) async throws {
        let store = try setting.open()
        try await store.set("text", "v", expiring: .after(.seconds(1)))
        _ = try await store.get("text")
        _ = try await store.get("text", as: String.self)
        _ = try await store.get("text", as: TTLStore.Value.self)
        _ = try await store.entry("text")
        _ = try await store.contains("text")
        _ = try await store.contains("none")
        var statistics = try await store.statistics()
        #expect(statistics.hits == 5)
        #expect(statistics.misses == 1)
        store.clock.advance(by: .seconds(1))
        _ = try await store.get("text")
        _ = try await store.get("text", as: TTLStore.Value.self)
        _ = try await store.entry("text")
        _ = try await store.contains("text")
        statistics = try await store.statistics()
        #expect(statistics.hits == 5)
        #expect(statistics.misses == 5)
    }

    @Test("a value of the wrong kind counts as a hit, and a refused key as no look-up")
    func failedReads() async throws {
        let store = try Setting.inFile.open()
        try await store.set("bytes", TTLStore.Value.bytes([1]))
        await expectFailure(.wrongKind) { () async throws in try await store.get("bytes") }
        await expectFailure(.invalidKey) { () async throws in try await store.get("") }
        let statistics = try await store.statistics()
        #expect(statistics.hits == 1)
        #expect(statistics.misses == 0)
    }

    @Test("a stored value counts as a set, a removed live entry as a removal", arguments: Setting.all)
    func writes(setting: Setting) async throws {
        let store = try setting.open()
        let past = store.clock.date(after: -1)
        for key in ["a", "b", "c:1", "c:2", "expired"] { try await store.set(key, "v", expiring: .after(.seconds(1))) }
        try await store.set("a", "w")
        try await store.set("a", "x", when: .ifAbsent)
        try await store.set("b", "x", expiring: .keep, when: .ifPresent)
        try await store.set("none", "x", when: .ifPresent)
        try await store.set("none", "x", expiring: .at(past))
        await expectFailure(.invalidExpiry) { () async throws in
            try await store.set("none", "x", expiring: .after(.zero))
        }
        var statistics = try await store.statistics()
        #expect(statistics.sets == 7)
        #expect(statistics.removals == 0)
        try await store.remove("none")
        try await store.remove("a")
        try await store.touch("b", expiring: .at(past))
        #expect(try await store.removeAll(.prefix("c:")) == 2)
        store.clock.advance(by: .seconds(1))
        try await store.remove("expired")
        #expect(try await store.purgeExpired() == 1)
        statistics = try await store.statistics()
        #expect(statistics.sets == 7)
        #expect(statistics.removals == 4)
        #expect(statistics.purgedEntries == 1)
    }

    @Test("operations on several keys, and those inside a transaction, count key by key")
    func severalKeys() throws {
        let opened = try Setting.inFile.open()
        let store = opened.store
        try store.setAll(["a", "b", "c"].map { TTLStore.BatchEntry($0, .integer(1)) })
        _ = try store.getAll(["a", "b", "none"], as: TTLStore.Value.self)
        try store.increment("a")
        _ = try store.take("a", as: TTLStore.Value.self)
        _ = try store.take("a", as: TTLStore.Value.self)
        _ = try store.get("b", as: TTLStore.Value.self, touching: .never, when: .ifExpiring)
        _ = try store.get("b", as: TTLStore.Value.self, touching: .after(.seconds(1)))
        _ = try store.get("none", as: TTLStore.Value.self, touching: .never, when: .ifExpiring)
        try store.transaction { transaction in
            _ = try transaction.contains("b")
            try transaction.set("d", TTLStore.Value.integer(1))
            try transaction.removeAll(["b", "c", "none"])
        }
        struct Refusal: Error {}
        #expect(throws: Refusal.self) {
            try store.transaction { transaction in
                try transaction.set("e", TTLStore.Value.integer(1))
                try transaction.remove("d")
                throw Refusal()
            }
        }
        let statistics = try store.statistics()
        #expect(statistics.hits == 6)
        #expect(statistics.misses == 3)
        #expect(statistics.sets == 5)
        #expect(statistics.removals == 3)
    }

    @Test("changes that were not committed are not counted")
    func failedWrites() async throws {
        let store = try Setting.inFile.open { $0.busyTimeout = .zero }
        try await store.set("key", "v")
        let other = try Connection(
            path: store.path, access: .readWrite, busyPolicy: BusyPolicy(stop: StopFlag(), timeout: 0))
        try other.execute("BEGIN IMMEDIATE")
        await expectFailure(.busy) { () async throws in try await store.set("key", "w") }
        await expectFailure(.busy) { () async throws in try await store.remove("key") }
        try other.execute("ROLLBACK")
        other.close()
        let statistics = try await store.statistics()
        #expect(statistics.sets == 1)
        #expect(statistics.removals == 0)
    }

    @Test("reads on many threads are all counted")
    func threads() throws {
        let opened = try Setting.inFile.open()
        let store = opened.store
        try store.set("key", "v")
        onThreads(8) { _ in
            for _ in 0..<500 {
                _ = try? store.contains("key")
                _ = try? store.contains("none")
            }
        }
        let statistics = try store.statistics()
        #expect(statistics.hits == 4000)
        #expect(statistics.misses == 4000)
    }

    @Test("counting writes nothing to the file, and ends with the store")
    func inMemory() async throws {
        let store = try Setting.inFile.open()
        try await store.set("key", "v")
        let before = try await store.statistics()
        for _ in 0..<100 { _ = try await store.get("key") }
        let after = try await store.statistics()
        #expect(after.logSize == before.logSize)
        #expect(after.hits == 100)
        #expect(try await store.reopened().statistics().hits == 0)
    }

    @Test("statistics have the longest time for which a write held the write lock")
    func hold() throws {
        let opened = try Setting.inFile.open()
        let store = opened.store
        #expect(try store.statistics().longestHold == .zero)
        try store.set("key", "v")
        let short = try store.statistics().longestHold
        #expect(short > .zero)
        let held = try store.engine.write("hold") { _ in
            let begun = ContinuousClock.now
            while begun.duration(to: .now) <= short {}
            return begun.duration(to: .now)
        }
        let longest = try store.statistics().longestHold
        #expect(longest >= held)
        try store.set("key", "v")
        #expect(try store.statistics().longestHold >= longest)
    }

    @Test("a backlog is purged in several batches, and statistics have the longest one")
    func batches() throws {
        let opened = try Setting.inMemory.open()
        let (store, backlog) = (opened.store, Purge.readAhead + 1)
        try store.engine.write("fill") { writer in
            try writer.connection.execute(
                """
                WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < \(backlog))
                INSERT INTO entries (key, value, expires_at) SELECT CAST(i AS TEXT), 'v', 1600000000000 FROM n;
                """)
        }
        #expect(try store.statistics().longestPurge == .zero)
        var reports = 0
        let begun = ContinuousClock.now
        #expect(try store.purgeExpired { _ in reports += 1 } == backlog)
        let took = begun.duration(to: .now)
        let statistics = try store.statistics()
        #expect(statistics.purgeBatches == reports && reports > 1)
        #expect(statistics.purgedEntries == backlog)
        // Rounded up to a millisecond.
        #expect(statistics.longestPurge > .zero && statistics.longestPurge < took + .milliseconds(1))
    }
}
