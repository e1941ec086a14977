import Foundation
import TTLStore
import TTLTestSupport
import Testing

@Suite("Batches") struct BatchTests {
    @Test("a batch stores all entries, and of those with the same key the last one counts", arguments: Setting.all)
    func set(setting: Setting) async throws {
        let store = try setting.open { $0.defaultTimeToLive = .seconds(5) }
        try await store.set("gone", "v")
        try await store.setAll([
            .init("a", "one"), .init("b", .bytes([1]), expiring: .never, tag: "t"),
            .init("a", ["two": 2], expiring: .after(.seconds(9))), .init("gone", "v", expiring: .at(.distantPast)),
        ])
        #expect(
            try await store.getAll(["b", "a", "gone", "b"], as: TTLStore.Value.self) == [
                .bytes([1]), .text(#"{"two":2}"#), nil, .bytes([1]),
            ])
        #expect(try await store.entry("a")?.remaining == .seconds(9))
        #expect(try await store.entry("b")?.tag == "t")
        try await store.setAll([])
        #expect(try await store.getAll([], as: TTLStore.Value.self) == [])
        #expect(try await store.removeAll([]) == 0)
    }

    @Test("a batch with ifAllAbsent stores all or none, and an expired entry is absent", arguments: Setting.all)
    func ifAllAbsent(setting: Setting) async throws {
        let store = try setting.open()
        try await store.set("c", "old", expiring: .after(.seconds(1)))
        let entries = try ["a", "b", "c", "a"].map { try TTLStore.BatchEntry($0, "new") }
        let before = try store.contents()
        #expect(try await store.setAll(entries, when: .ifAllAbsent) == false)
        #expect(try store.contents() == before)
        store.clock.advance(by: .seconds(1))
        #expect(try await store.setAll(entries, when: .ifAllAbsent))
        #expect(try await store.keys().elements == ["a", "b", "c"])
        #expect(try await store.setAll(entries, when: .ifAllAbsent) == false)
    }

    @Test("a batch with one refused entry stores none", arguments: Setting.all)
    func refused(setting: Setting) async throws {
        let store = try setting.open { $0.maximumValueSize = 10 }
        let good = TTLStore.BatchEntry("good", .text("v"))
        for (bad, code) in [
            (.init("", .text("v")), .invalidKey), (.init("k", .text("v"), tag: ""), .invalidTag),
            (.init("k", .text("eleven byte")), .valueTooLarge),
            (.init("k", .text("v"), expiring: .after(.zero)), .invalidExpiry),
        ] as [(TTLStore.BatchEntry, TTLStoreError.Code)] {
            await expectFailure(code) { try await store.setAll([good, bad, good]) }
            await expectFailure(code) {
                try await store.transaction { try $0.setAll([good, bad]) }
            }
        }
        await expectFailure(.invalidKey) { try await store.getAll(["good", ""], as: TTLStore.Value.self) }
        await expectFailure(.invalidKey) { try await store.removeAll(["good", ""]) }
        #expect(try await store.count() == 0)
    }

    @Test("removing many keys counts each live entry once", arguments: Setting.all)
    func remove(setting: Setting) async throws {
        let store = try setting.open()
        try await store.setAll([.init("a", .text("v")), .init("b", .text("v")), .init("c", .text("v"))])
        try await store.set("due", "v", expiring: .after(.seconds(1)))
        store.clock.advance(by: .seconds(1))
        #expect(try await store.removeAll(["a", "missing", "due", "c", "a"]) == 2)
        #expect(try await store.keys().elements == ["b"])
    }

    @Test("keys of a batch that differ only in their bytes are different keys", arguments: Setting.all)
    func normalisation(setting: Setting) async throws {
        let store = try setting.open()
        let (composed, decomposed) = ("\u{E9}", "e\u{301}")
        try await store.setAll([.init(composed, .integer(1)), .init(decomposed, .integer(2))])
        #expect(try await store.getAll([composed, decomposed], as: Int.self) == [1, 2])
    }

    @Test("a value of another kind fails the whole typed read", arguments: Setting.all)
    func wrongKind(setting: Setting) async throws {
        let store = try setting.open()
        try await store.setAll([.init("n", .integer(1)), .init("t", .text("no"))])
        await expectFailure(.decodingFailed) { try await store.getAll(["n", "t"], as: Int.self) }
    }
}
