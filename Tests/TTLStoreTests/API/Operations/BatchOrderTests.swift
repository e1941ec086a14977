import TTLTestSupport
import Testing

@testable import TTLStore

@Suite("A batch that names a key twice") struct BatchOrderTests {
    @Test("a batch that names a key twice stores the last entry as if it were alone", arguments: Setting.all)
    func last(setting: Setting) async throws {
        let store = try setting.open()
        try await store.set("a", "old", expiring: .after(.seconds(60)))
        let before = try #require(try await store.entry("a"))
        let removals = try store.store.removals(includingValues: true)
        let batch: [TTLStore.BatchEntry] = [
            .init("a", .text("first"), expiring: .after(.seconds(10))), .init("b", .text("only")),
            .init("a", .text("last"), expiring: .keep),
        ]
        try await store.setAll(batch)
        let after = try #require(try await store.entry("a"))
        #expect(after.value == .text("last") && after.expiresAt == before.expiresAt)
        #expect(after.revision.number == before.revision.number + 1)
        #expect(try await store.statistics().sets == 3)
        #expect(removals.takeBuffered().map(\.value) == [.text("old")])
    }

    @Test("a batch compares keys by their bytes")
    func bytes() async throws {
        let store = try Setting.inFile.open()
        // The same character, composed and decomposed: equal as strings of Swift's.
        let keys = ["caf\u{E9}", "cafe\u{301}"]
        try await store.store.setAll(keys.map { .init($0, .text("v")) })
        #expect(try await store.count() == 2)
    }
}
