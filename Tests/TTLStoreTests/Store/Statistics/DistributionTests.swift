import TTLTestSupport
import Testing

@testable import TTLStore

@Suite("How entries are spread over time and size") struct DistributionTests {
    @Test("each live entry counts in the first part that is not shorter than its time left", arguments: Setting.all)
    func timesLeft(setting: Setting) async throws {
        let store = try setting.open()
        let minute = 60_000
        for (index, bound) in [1, 10, 60, 1440, 10_080].enumerated() {
            // At the bound, and just above it, which is the next part.
            try await store.set("at:\(index)", "v", expiring: .after(.milliseconds(bound * minute)))
            try await store.set("above:\(index)", "v", expiring: .after(.milliseconds(bound * minute + 1)))
        }
        try await store.set("soon", "v", expiring: .after(.milliseconds(1)))
        for number in 1...4 { try await store.set("never:\(number)", "v") }
        let distribution = try await store.distribution()
        #expect(distribution.timesLeft.map(\.count) == [2, 2, 2, 2, 2, 1])
        #expect(
            distribution.timesLeft.map(\.upperBound) == [
                .seconds(60), .seconds(600), .seconds(3600), .seconds(86_400), .seconds(604_800), nil,
            ])
        #expect(distribution.permanentEntries == 4)
        #expect(distribution.expiredEntries == 0)
        #expect(distribution.liveEntries == 15)
        #expect(try await store.count() == 15)
    }

    @Test("an entry counts as expired from the millisecond of its expiry on", arguments: Setting.all)
    func expired(setting: Setting) async throws {
        let store = try setting.open()
        try await store.set("short", "v", expiring: .after(.seconds(1)))
        try await store.set("long", "v", expiring: .after(.seconds(100)))
        store.clock.advance(by: .milliseconds(999))
        #expect(try await store.distribution().expiredEntries == 0)
        store.clock.advance(by: .milliseconds(1))
        var distribution = try await store.distribution()
        #expect(distribution.expiredEntries == 1)
        #expect(distribution.liveEntries == 1)
        #expect(distribution.timesLeft.map(\.count) == [0, 1, 0, 0, 0, 0])
        #expect(distribution.sizes.first?.count == 2)
        #expect(try await store.purgeExpired() == 1)
        distribution = try await store.distribution()
        #expect(distribution.expiredEntries == 0)
        #expect(distribution.sizes.first?.count == 1)
    }

    @Test("values count in the first part that is not smaller, by their bytes", arguments: Setting.all)
    func sizes(setting: Setting) async throws {
        let store = try setting.open()
        let bounds = [64, 256, 1 << 10, 4 << 10, 16 << 10, 64 << 10, 1 << 20]
        for bound in bounds {
            try await store.set("text:\(bound)", String(repeating: "x", count: bound))
            try await store.set("bytes:\(bound)", TTLStore.Value.bytes(Array(repeating: 0, count: bound + 1)))
        }
        // Two bytes each.
        try await store.set("accents", String(repeating: "é", count: 40))
        try await store.set("number", -123)
        let distribution = try await store.distribution()
        #expect(distribution.sizes.map(\.upperBound) == bounds.map { $0 } + [nil])
        #expect(distribution.sizes.map(\.count) == [2, 3, 2, 2, 2, 2, 2, 1])
        #expect(distribution.totalSize == 2 * bounds.reduce(0, +) + bounds.count + 80 + 4)
    }

    @Test("an empty store has empty parts", arguments: Setting.all)
    func empty(setting: Setting) async throws {
        let distribution = try await setting.open().distribution()
        #expect(distribution.timesLeft.map(\.count) == Array(repeating: 0, count: 6))
        #expect(distribution.sizes.map(\.count) == Array(repeating: 0, count: 8))
        #expect(distribution.liveEntries == 0 && distribution.totalSize == 0)
    }

    @Test("values beyond the limit of reads count among the largest")
    func oversized() async throws {
        let store = try Setting.inFile.open()
        try await store.set("small", "v")
        for key in ["text:1", "text:2"] {
            try shell(store.path, "INSERT INTO entries (key, value) VALUES ('\(key)', hex(zeroblob(10000000)));")
        }
        try await store.set("last", "v")
        let distribution = try await store.distribution()
        #expect(distribution.sizes.map(\.count) == [2, 0, 0, 0, 0, 0, 0, 2])
        #expect(distribution.permanentEntries == 4)
    }

    @Test("a time that is not a number counts as never, as it does for reads")
    func foreignTimes() async throws {
        let store = try Setting.inFile.open()
        try shell(
            store.path,
            """
            PRAGMA ignore_check_constraints = ON;
            INSERT INTO entries (key, value, expires_at) VALUES ('text', 'v', 'soon'), ('blob', 'v', x'01');
            """)
        let distribution = try await store.distribution()
        #expect(distribution.permanentEntries == 2)
        #expect(distribution.liveEntries == 2)
    }

    @Test("a closed store throws")
    func closed() async throws {
        let store = try Setting.inFile.open()
        await store.close()
        await expectFailure(.closed) { () async throws in try await store.distribution() }
    }
}
