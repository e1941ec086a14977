import TTLStore
import TTLTestSupport
import Testing

@Suite("Remove") struct RemoveTests {
    @Test("remove removes a live entry once, and returns whether it did", arguments: Setting.all, Before.allCases)
    func remove(setting: Setting, before: Before) async throws {
        let store = try setting.open()
        try await before.make(store, "k")
        try await store.set("other", "v")
        #expect(try await store.remove("k") == before.isLive)
        #expect(try await !store.contains("k"))
        #expect(try await store.remove("k") == false)
        #expect(try await store.keys().elements == ["other"])
    }

    @Test("removing by prefix takes the live entries with that prefix and no others", arguments: Setting.all)
    func removeAll(setting: Setting) async throws {
        let store = try setting.open()
        try await store.set("a/gone", "v", expiring: .after(.seconds(1)))
        store.clock.advance(by: .seconds(1))
        for key in ["a", "a/", "a/1", "a/2", "a0", "b", "a.", "A/1", "a/\u{10FFFF}x"] { try await store.set(key, "v") }
        #expect(try await store.removeAll(.prefix("a/")) == 4)
        #expect(try await store.keys().elements == ["A/1", "a", "a.", "a0", "b"])
        #expect(try await store.removeAll(.prefix("a/")) == 0)
        #expect(try await store.removeAll(.prefix("nothing")) == 0)
        #expect(try await store.removeAll(.prefix("")) == 5)
        #expect(try await store.count() == 0)
    }

    @Test("a removed entry leaves room for a new one under every condition", arguments: Setting.all)
    func removeAndSet(setting: Setting) async throws {
        let store = try setting.open()
        try await store.set("k", "v")
        try await store.remove("k")
        #expect(try await store.set("k", "v", when: .ifPresent) == .conditionNotMet)
        #expect(try await store.set("k", "v", when: .ifAbsent) == .stored)
        #expect(try await store.set("k", "v", when: .ifAbsent) == .conditionNotMet)
    }
}
