import TTLTestSupport
import Testing

@testable import TTLStore

/// What was decoded is kept beside the row, for `get` and for `getOrCompute`.
@Suite("Decoding of values in memory", .serialized) struct DecodedOnceTests {
    private struct NotFound: Error {}

    /// Counts how often it was decoded. The tests of this suite run one after the other.
    private struct Counted: Codable, Equatable {
        static let decodings = Counter()
        var content: Int

        init(content: Int = 0) { self.content = content }

        init(from decoder: any Decoder) throws {
            Counted.decodings.add()
            content = try decoder.container(keyedBy: CodingKeys.self).decode(Int.self, forKey: .content)
            if content < 0 { throw NotFound() }
        }
    }

    private struct Other: Codable, Equatable {
        var content: Int
    }

    private final class Object: Codable, Sendable {
        let content: Int

        init(content: Int) { self.content = content }
    }

    /// A hit of `getOrCompute`.
    private func hit<Content: Codable & Sendable>(
        _ store: TTLStore, _ type: Content.Type, staleAfter: Duration? = nil
    ) throws -> Content {
        let options = ComputeOptions(recomputesUndecodable: false)
        return try store.getOrCompute("a", as: type, staleAfter: staleAfter, options: options) { throw NotFound() }
    }

    @Test("hits of getOrCompute decode a value once, together with get")
    func once() async throws {
        let opened = try Setting.inFile.open()
        let store = opened.store
        try await store.set("a", Counted())
        let before = Counted.decodings.value
        for _ in 0..<3 {
            #expect(try hit(store, Counted.self) == Counted())
            #expect(try await store.getOrCompute("a", as: Counted.self) { throw NotFound() } == Counted())
            #expect(try await store.get("a", as: Counted.self) == Counted())
        }
        #expect(Counted.decodings.value == before + 1)
    }

    @Test("without memory each hit decodes")
    func withoutMemory() throws {
        let opened = try Setting.inFile.open { $0.memory = 0 }
        let store = opened.store
        try store.set("a", Counted())
        let before = Counted.decodings.value
        for _ in 0..<3 { _ = try hit(store, Counted.self) }
        #expect(Counted.decodings.value == before + 3)
    }

    @Test("a change is decoded anew, one by another process as well, and a change of another key is not")
    func changes() throws {
        let opened = try Setting.inFile.open()
        let store = opened.store
        func expectHits(_ content: Int, decodings count: Int) throws {
            let before = Counted.decodings.value
            for _ in 0..<3 { #expect(try hit(store, Counted.self).content == content) }
            #expect(Counted.decodings.value == before + count)
        }
        try store.set("a", Counted())
        try expectHits(0, decodings: 1)
        _ = try shell(opened.path, "INSERT INTO live (key, value) VALUES ('b', 'x')")
        try expectHits(0, decodings: 0)
        _ = try shell(opened.path, #"UPDATE live SET value = '{"content":7}' WHERE key = 'a'"#)
        try expectHits(7, decodings: 1)
        try store.set("a", Counted(content: 8))
        try expectHits(8, decodings: 1)
    }

    @Test("what can't be decoded is not kept, and fails each time")
    func failure() throws {
        let opened = try Setting.inFile.open()
        let store = opened.store
        try store.set("a", Counted(content: -1))
        let before = Counted.decodings.value
        for _ in 0..<3 {
            expectFailure(.decodingFailed) { try hit(store, Counted.self) }
            expectFailure(.decodingFailed) { try store.get("a", as: Counted.self) }
        }
        #expect(Counted.decodings.value >= before + 6)
        #expect(try store.getOrCompute("a", as: Counted.self) { Counted(content: 5) }.content == 5)
        #expect(try hit(store, Counted.self).content == 5)
    }

    @Test("each type of one key gets its own value")
    func types() throws {
        let opened = try Setting.inFile.open()
        let store = opened.store
        try store.set("a", Counted(content: 6))
        for _ in 0..<3 {
            #expect(try hit(store, Counted.self).content == 6)
            #expect(try hit(store, Other.self) == Other(content: 6))
            expectFailure(.decodingFailed) { try hit(store, [String].self) }
            #expect(try hit(store, String.self) == #"{"content":6}"#)
            #expect(try hit(store, Value.self) == .text(#"{"content":6}"#))
            // Not decoded as an optional, which `get` refuses.
            #expect(try hit(store, Other?.self) == Other(content: 6))
            expectFailure(.decodingFailed) { try store.get("a", as: Other?.self) }
        }
    }

    @Test("an object is decoded for each caller")
    func objects() throws {
        let opened = try Setting.inFile.open()
        let store = opened.store
        try store.set("a", Object(content: 1))
        #expect(try hit(store, Object.self) !== hit(store, Object.self))
        #expect(try hit(store, Object?.self) !== hit(store, Object?.self))
    }

    @Test("a decoded value becomes stale, and expires, as the row does")
    func time() throws {
        let opened = try Setting.inFile.open()
        let (store, clock) = (opened.store, opened.clock)
        try store.set("a", Counted(), expiring: .after(.seconds(20)))
        for _ in 0..<2 { _ = try hit(store, Counted.self, staleAfter: .seconds(10)) }
        clock.advance(by: .seconds(10))
        #expect(throws: NotFound.self) { try hit(store, Counted.self, staleAfter: .seconds(10)) }
        #expect(try hit(store, Counted.self).content == 0)
        clock.advance(by: .seconds(10))
        #expect(throws: NotFound.self) { try hit(store, Counted.self) }
        #expect(try store.get("a", as: Counted.self) == nil)
    }
}
