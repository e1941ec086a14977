import TTLTestSupport
import Testing

@testable import TTLStore

/// Without a thread, so that each write makes the room that it takes.
@Suite("Writers of a store with limits and no thread") struct EvictionOrderTests {
    private func keys(_ store: StoreUnderTest) throws -> [String] {
        let contents = try store.contents()
        return (contents.live + contents.expired).map(\.key).sorted()
    }

    @Test(
        "writers evict expired entries, then those that expire soonest, then the ones written longest ago",
        arguments: Setting.all)
    func order(setting: Setting) async throws {
        let store = try setting.open { $0.maximumEntries = 7 }
        try await store.set("soon", "v", expiring: .after(.seconds(100)))
        try await store.set("old", "v")
        store.clock.advance(by: .seconds(1))
        try await store.set("dead", "v", expiring: .after(.seconds(1)))
        try await store.set("young", "v")
        try await store.set("late", "v", expiring: .after(.seconds(200)))
        store.clock.advance(by: .seconds(1))
        try await store.set("older", "v")
        store.clock.advance(by: .milliseconds(1))
        // Written again, and so the youngest.
        try await store.set("old", "w")
        try await store.set("sooner", "v", expiring: .after(.seconds(10)))
        #expect(try keys(store).count == 7)
        var gone: [String] = []
        var before = try keys(store)
        for number in 0..<7 {
            try await store.set("new:\(number)", "v")
            let after = try keys(store)
            #expect(after.count == 7)
            gone += before.filter { !after.contains($0) }
            before = after
            store.clock.advance(by: .milliseconds(1))
        }
        #expect(gone == ["dead", "sooner", "soon", "late", "young", "older", "old"])
        let statistics = try await store.statistics()
        #expect(statistics.evictedEntries == 6)
        #expect(statistics.purgedEntries == 1)
        #expect(statistics.lateness.count == 1)
    }

    @Test("writers evict an entry in its turn even if it was just read")
    func reads() async throws {
        let store = try Setting.inFile.open { $0.maximumEntries = 2 }
        try await store.set("a", "v")
        store.clock.advance(by: .milliseconds(1))
        try await store.set("b", "v")
        _ = try await store.get("a")
        try await store.set("c", "v")
        #expect(try keys(store) == ["b", "c"])
    }

    @Test("a write never evicts its own entry; the next write may", arguments: Setting.all)
    func ownEntry(setting: Setting) async throws {
        let store = try setting.open { $0.maximumEntries = 2 }
        try await store.set("a", "v")
        try await store.set("b", "v", expiring: .after(.seconds(100)))
        try await store.set("first to expire", "v", expiring: .after(.seconds(1)))
        #expect(try keys(store) == ["a", "first to expire"])
        try await store.set("c", "v", expiring: .after(.seconds(200)))
        #expect(try keys(store) == ["a", "c"])
    }

    @Test("writers keep exactly one entry if the limit is one")
    func one() async throws {
        let store = try Setting.inFile.open { $0.maximumEntries = 1 }
        for number in 0..<10 {
            try await store.set("\(number)", "v", expiring: .after(.seconds(100 - Int64(number))))
            #expect(try keys(store) == ["\(number)"])
        }
        #expect(try await store.statistics().evictedEntries == 9)
    }

    @Test("overwriting, refusing, touching and removing evict nothing", arguments: Setting.all)
    func noGrowth(setting: Setting) async throws {
        let store = try setting.open { $0.maximumEntries = 3 }
        for key in ["a", "b", "c"] { try await store.set(key, "v", expiring: .after(.seconds(10))) }
        try await store.set("a", "w")
        try await store.set("b", "w", expiring: .keep, when: .ifPresent)
        try await store.set("c", "w", when: .ifAbsent)
        try await store.set("d", "w", when: .ifPresent)
        try await store.touch("b", expiring: .never)
        store.clock.advance(by: .seconds(10))
        // An expired entry's row is written over.
        try await store.set("c", "w", when: .ifAbsent)
        #expect(try keys(store) == ["a", "b", "c"])
        try await store.remove("a")
        try await store.set("d", "v")
        #expect(try keys(store) == ["b", "c", "d"])
        #expect(try await store.statistics().evictedEntries == 0)
    }

    @Test("a rollback undoes the evictions of its writers")
    func rollback() throws {
        struct Refusal: Error {}
        let store = try Setting.inFile.open { $0.maximumEntries = 3 }
        for key in ["a", "b", "c"] { try store.store.set(key, "v") }
        #expect(throws: Refusal.self) {
            try store.store.transaction { transaction in
                for key in ["d", "e"] { try transaction.set(key, TTLStore.Value.integer(1)) }
                #expect(try transaction.count() == 3)
                throw Refusal()
            }
        }
        #expect(try keys(store) == ["a", "b", "c"])
        #expect(try store.store.statistics().evictedEntries == 0)
        try store.store.set("d", "v")
        #expect(try keys(store) == ["b", "c", "d"])
    }

    @Test("a batch that is larger than the limit leaves its last entries")
    func batch() throws {
        let store = try Setting.inFile.open { $0.maximumEntries = 3 }
        try store.store.setAll((0..<10).map { TTLStore.BatchEntry("\($0)", .integer(1)) })
        #expect(try keys(store) == ["7", "8", "9"])
    }

    @Test("each write makes a store that is beyond a new limit smaller by a few entries")
    func lowerLimit() async throws {
        let store = try Setting.inFile.open()
        for number in 0..<30 { try await store.set("old:\(number)", "v") }
        let limited = try store.reopened { $0.maximumEntries = 10 }
        var counts: [Int] = []
        for number in 0..<10 {
            try await limited.set("new:\(number)", "v")
            counts.append(try keys(limited).count)
        }
        #expect(counts == [27, 24, 21, 18, 15, 12, 10, 10, 10, 10])
        let unlimited = try limited.reopened { $0.maximumEntries = nil }
        for number in 10..<20 { try await unlimited.set("new:\(number)", "v") }
        #expect(try await unlimited.count() == 20)
    }

    @Test("writers count the entries that another store has written")
    func otherStore() throws {
        let store = try Setting.inFile.open { $0.maximumEntries = 10 }
        var configuration = store.store.configuration
        configuration.maximumEntries = nil
        let other = try TTLStore(path: store.path, configuration: configuration)
        for number in 0..<20 { try other.set("other:\(number)", "v") }
        other.close()
        try store.store.set("own", "v")
        #expect(try keys(store).count == 17)
        #expect(try keys(store).contains("own"))
    }
}
