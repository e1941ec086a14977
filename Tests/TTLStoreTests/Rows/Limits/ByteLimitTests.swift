import TTLTestSupport
import Testing

@testable import TTLStore

@Suite("A limit of bytes") struct ByteLimitTests {
    private func used(_ store: StoreUnderTest) async throws -> Int {
        let statistics = try await store.statistics()
        return statistics.fileSize - statistics.freeSize
    }

    @Test("writers without a thread keep a limit of bytes, for entries of any size", arguments: Setting.all)
    func writers(setting: Setting) async throws {
        let store = try setting.open { $0.maximumBytes = 1 << 20 }
        var generator = SeededGenerator(seed: 1)
        for number in 0..<1500 {
            let size = Int.random(in: 0...4000, using: &generator)
            try await store.set(
                "\(number)", TTLStore.Value.bytes(Array(repeating: 1, count: size)), expiring: .after(.seconds(60)))
            if number % 100 == 0 { #expect(try await used(store) <= (1 << 20) + 64 * 1024) }
        }
        #expect(try await store.count() > 200)
        #expect(try await store.statistics().evictedEntries > 500)
    }

    @Test("a limit of bytes refuses a value that does not fit at all")
    func tooLarge() async throws {
        let store = try Setting.inFile.open { $0.maximumBytes = 256 << 10 }
        try await store.set("key", "v")
        await expectFailure(.valueTooLarge) { () async throws in
            try await store.set("large", TTLStore.Value.bytes(Array(repeating: 1, count: (128 << 10) + 1)))
        }
        #expect(try store.contents().live.map(\.key) == ["key"])
    }

    @Test("a limit of bytes that holds one of the largest values keeps the last one")
    func nearlyFull() async throws {
        let store = try Setting.inFile.open { $0.maximumBytes = 256 << 10 }
        for number in 0..<10 { try await store.set("\(number)", "v") }
        let value = Value.bytes(Array(repeating: 1, count: 128 << 10))
        for number in 0..<5 { try await store.set("large:\(number)", value) }
        #expect(try store.contents().live.map(\.key) == ["large:4"])
    }
}
