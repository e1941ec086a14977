import TTLTestSupport
import Testing

@testable import TTLStore

@Suite("Room for large values") struct LargeEvictionTests {
    private func used(_ store: StoreUnderTest) async throws -> Int {
        let statistics = try await store.statistics()
        return statistics.fileSize - statistics.freeSize
    }

    @Test("a write of a large value evicts enough entries, however small they are", arguments: Setting.all)
    func writers(setting: Setting) async throws {
        let limit = 4 << 20
        let store = try setting.open { $0.maximumBytes = limit }
        let small = (0..<20_000).map { TTLStore.BatchEntry("small:\($0)", .text("v"), expiring: .after(.seconds(60))) }
        _ = try await store.call({ try store.store.setAll(small) }, { try await store.store.setAll(small) })
        for number in 0..<6 {
            try await store.set("large:\(number)", TTLStore.Value.bytes(Array(repeating: 1, count: 1 << 20)))
            #expect(try await used(store) <= limit + limit / 8 + (1 << 20), "after \(number)")
        }
        #expect(try await used(store) <= limit + limit / 8)
        #expect(try await store.count(.prefix("large:")) == 3)
    }

    @Test("one write does not make up for all the room that others took")
    func othersEntries() async throws {
        let store = try Setting.inFile.open { $0.maximumBytes = 1 << 20 }
        try await store.set("first", "v")
        try shell(
            store.path,
            """
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10000)
            INSERT INTO entries (key, value, expires_at)
            SELECT 'other:' || i, hex(randomblob(200)), 1900000000000 + i FROM n;
            """)
        try await store.set("second", "v")
        let count = try await store.count()
        #expect((9900..<10_002).contains(count), "\(count)")
        for number in 0..<1000 { try await store.set("\(number)", "v") }
        #expect(try await store.count() < count)
    }

    @Test("a store with the largest limit can be closed")
    func largestLimit() async throws {
        let store = try Setting.inFile.open { $0.purging = .automatic }
        let value = Value.bytes(Array(repeating: 1, count: 1 << 20))
        for number in 0..<34 { try await store.set("\(number)", value) }
        // Closed before the first count.
        let limited = try store.reopened { $0.maximumEntries = .max }
        await limited.close()
        #expect(try await store.reopened().count() == 34)
    }

    @Test("room that a transaction took and gave back evicts nothing")
    func rolledBack() async throws {
        struct Stop: Error {}
        let limit = 1 << 20
        let store = try Setting.inFile.open {
            $0.maximumBytes = limit
            $0.purging = .automatic
        }
        while try await used(store) < limit - 32 * 1024 {
            try await store.set("\(try await store.count())", TTLStore.Value.bytes(Array(repeating: 1, count: 10_000)))
        }
        let before = try store.contents()
        let wakeUps = try await store.statistics().wakeUps
        #expect(throws: Stop.self) {
            try store.store.transaction { transaction in
                try transaction.set("large", TTLStore.Value.bytes(Array(repeating: 1, count: 200_000)))
                throw Stop()
            }
        }
        #expect(try eventually { try store.store.statistics().wakeUps > wakeUps })
        var eviction = Eviction(clock: store.clock.wallClock)
        #expect(try eviction.runBatch(store.store.engine.batchStore(timeout: 1000)).count == 0)
        #expect(try store.contents() == before)
        #expect(try await store.statistics().evictedEntries == 0)
        await store.close()
    }
}
