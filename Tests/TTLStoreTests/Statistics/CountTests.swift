import TTLTestSupport
import Testing

@testable import TTLStore

@Suite("What a store counts") struct CountTests {
    @Test("a look-up that finds a live entry is a hit, any other one a miss", arguments: Setting.all)
    func reads(setting: Setting) async throws {
        let store = try setting.open()
        try await store.set("text", "v", expiring: .after(.seconds(1)))
        _ = try await store.get("text")
        _ = try await store.get("text", as: String.self)
        _ = try await store.getValue("text")
        _ = try await store.entry("text")
        _ = try await store.contains("text")
        _ = try await store.contains("none")
        var statistics = try await store.statistics()
        #expect(statistics.hits == 5)
        #expect(statistics.misses == 1)
        store.clock.advance(by: .seconds(1))
        _ = try await store.get("text")
        _ = try await store.getValue("text")
        _ = try await store.entry("text")
        _ = try await store.contains("text")
        statistics = try await store.statistics()
        #expect(statistics.hits == 5)
        #expect(statistics.misses == 5)
    }

    @Test("a value of the wrong kind was found all the same, and a refused key was not looked up")
    func failedReads() async throws {
        let store = try Setting.inFile.open()
        try await store.set("bytes", .bytes([1]))
        await expectFailure(.wrongKind) { () async throws in try await store.get("bytes") }
        await expectFailure(.invalidKey) { () async throws in try await store.get("") }
        let statistics = try await store.statistics()
        #expect(statistics.hits == 1)
        #expect(statistics.misses == 0)
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

    @Test("a write holds the write lock for a while")
    func hold() async throws {
        let store = try Setting.inFile.open()
        #expect(try await store.statistics().longestHold == .zero)
        try await store.set("key", "v")
        let short = try await store.statistics().longestHold
        #expect(short > .zero)
        try await store.set("key", .bytes(Array(repeating: 1, count: 16 << 20)))
        #expect(try await store.statistics().longestHold > short)
    }
}
