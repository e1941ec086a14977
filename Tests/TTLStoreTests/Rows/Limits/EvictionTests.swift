import TTLTestSupport
import Testing

@testable import TTLStore

@Suite("The expirer of a store with limits") struct EvictionTests {
    private func isWithin(_ store: TTLStore, _ range: ClosedRange<Int>) throws -> Bool {
        range.contains(try store.count() + store.statistics().expiredEntries)
    }

    @Test("the expirer evicts down to a little below the limit, the soonest expiries first")
    func downToTheGoal() throws {
        let opened = try Setting.inFile.open {
            $0.purging = .automatic
            $0.maximumEntries = 640
        }
        let store = opened.store
        // In one step from below the limit to beyond it: evictions in between would make room for later entries.
        for numbers in [0..<640, 640..<700] {
            try store.setAll(
                numbers.map { .init("\($0)", .text("v"), expiring: .after(.seconds(1000 - Int64($0)))) })
        }
        // A batch is counted a moment after its commit.
        #expect(
            try eventually {
                try isWithin(store, 630...640) && store.statistics().evictedEntries == 700 - (try store.count())
            })
        // The entries that were set last expire soonest.
        #expect(try store.contains("0"))
        #expect(try store.contains("500"))
        #expect(try !store.contains("699"))
        #expect(try store.statistics().purgedEntries == 0)
    }

    @Test("the expirer reports its evictions to its owner")
    func activity() throws {
        let evicted = Counter()
        let opened = try Setting.inFile.open {
            $0.purging = .automatic
            $0.maximumEntries = 10
            $0.onExpirerActivity = { if case .evicted(let count) = $0 { evicted.add(count) } }
        }
        try opened.store.setAll((0..<11).map { TTLStore.BatchEntry("\($0)", .integer(1)) })
        #expect(eventually { evicted.value == 1 })
        #expect(try opened.store.statistics().evictedEntries == 1)
    }

    @Test("writers help the expirer beyond a margin of an eighth above the limit")
    func hardMargin() throws {
        let gate = Gate()
        let opened = try Setting.inFile.open {
            $0.purging = .automatic
            $0.maximumEntries = 800
            $0.onExpirerActivity = { if case .evicted = $0 { gate.pass() } }
        }
        let store = opened.store
        #expect(eventually { store.engine.sizeGauge?.size.entries == 0 })
        var counts: [Int] = []
        for number in 0..<3000 {
            try store.set("\(number)", "v")
            // From here on the expirer does nothing.
            if number == 850 { #expect(eventually { gate.arrived == 1 }) }
            counts.append(try store.count())
        }
        #expect(counts.max() == 900)
        #expect(counts.suffix(1000).allSatisfy { $0 > 800 })
        gate.open()
        #expect(try eventually { try store.count() <= 800 })
        store.close()
    }

    @Test("the expirer makes a file beyond its limit of bytes smaller, and gives the space back")
    func shrinking() async throws {
        let opened = try Setting.inFile.open()
        for number in 0..<2000 {
            try await opened.set("\(number)", TTLStore.Value.bytes(Array(repeating: 1, count: 4000)))
        }
        #expect(try await opened.statistics().fileSize > 8_000_000)
        let limited = try opened.reopened {
            $0.purging = .automatic
            $0.maximumBytes = 1 << 20
        }
        let store = limited.store
        #expect(
            try eventually {
                let statistics = try store.statistics() as TTLStore.Statistics
                return statistics.fileSize < 1_400_000 && statistics.fileSize - statistics.freeSize <= 1 << 20
            })
        #expect(try await limited.count() > 150)
        // The entries that were written last are left.
        #expect(try await limited.contains("1999"))
        #expect(try await !limited.contains("0"))
    }

    @Test("the expirer evicts large values in several steps, and releases the write lock after each")
    func boundedSteps() throws {
        let opened = try Setting.inFile.open()
        let value = Value.bytes(Array(repeating: 1, count: 1 << 20))
        for number in 0..<64 { try opened.store.set("\(number)", value, expiring: .after(.seconds(60))) }
        let store = try opened.reopened { $0.maximumEntries = 1 }.store
        // Each step ends with its first statement, however fast the disk is.
        var eviction = Eviction(clock: store.configuration.clock, pace: BatchPace(fixed: 0))
        var counts: [Int] = []
        var isOver = true
        while isOver, counts.count < 100 {
            let result = try eviction.runBatch(store.engine.batchStore(timeout: 1000))
            counts.append(result.count)
            isOver = result.isOver
        }
        #expect(counts[0] == 1 && counts.count > 1, "\(counts)")
        #expect(counts.reduce(0, +) == 63, "\(counts)")
        #expect(try store.count() == 1)
        store.close()
    }

    @Test("a closing store evicts, for processes that live for a moment")
    func closing() throws {
        let opened = try Setting.inFile.open {
            $0.purging = .automatic
            $0.maximumEntries = 10
        }
        for number in 0..<30 { try opened.store.set("\(number)", "v") }
        let unlimited = try opened.reopened {
            $0.purging = .manual
            $0.maximumEntries = nil
        }
        #expect(try unlimited.store.count() == 10)
        #expect(try unlimited.store.contains("29"))
    }

    @Test("the expirer counts entries from the shell, and finds the order of eviction through indexes")
    func shellEntries() throws {
        let opened = try Setting.inFile.open { $0.maximumEntries = 100 }
        opened.store.close()
        try shell(
            opened.path,
            """
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000)
            INSERT INTO entries (key, value) SELECT 'k' || i, 'v' FROM n;
            """)
        let store = try TTLStore(path: opened.path, configuration: automatic(100))
        #expect(try eventually { try store.count() == 99 })
        for sql in [EntrySQL.soonest, .oldest] {
            let plan = try shell(opened.path, "EXPLAIN QUERY PLAN " + sql.text + ";")
            #expect(plan.contains("USING INDEX entries_by_"), "\(plan)")
            #expect(!plan.contains("TEMP B-TREE"), "\(plan)")
        }
        store.close()
        try expectIntact(opened.path)
    }

    @Test("the index of ages is made only in a file that was opened with limits")
    func index() throws {
        let opened = try Setting.inFile.open()
        let count = "SELECT count(*) FROM sqlite_schema WHERE name = 'entries_by_age';"
        #expect(try shell(opened.path, count) == "0")
        let limited = try opened.reopened { $0.maximumEntries = 10 }
        #expect(try shell(opened.path, count) == "1")
        limited.store.close()
        let again = try opened.reopened { $0.maximumBytes = 1 << 20 }
        #expect(try shell(opened.path, count) == "1")
        try again.store.set("key", "v")
        #expect(try again.store.count() == 1)
    }

    private func automatic(_ maximumEntries: Int) -> TTLStore.Configuration {
        var configuration = TTLStore.Configuration()
        configuration.maximumEntries = maximumEntries
        return configuration
    }
}
