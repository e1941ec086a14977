import TTLStore
import TTLTestSupport
import Testing

@Suite("Numbers") struct NumberTests {
    @Test("increment adds to a live number, and keeps its expiry and its tag", arguments: Setting.all)
    func live(setting: Setting) async throws {
        let store = try setting.open { $0.defaultTimeToLive = .seconds(5) }
        #expect(try await store.increment("k", by: 5, expiring: .after(.seconds(60)), tag: "t") == 5)
        let before = try #require(try await store.entry("k"))
        store.clock.advance(by: .seconds(1))
        #expect(try await store.increment("k", expiring: .after(.seconds(99)), tag: "u") == 6)
        #expect(try await store.decrement("k", by: 8) == -2)
        let after = try #require(try await store.entry("k"))
        #expect(after.value == .integer(-2) && after.tag == "t")
        #expect(after.expiresAt == before.expiresAt && after.createdAt == before.createdAt)
        #expect(after.updatedAt > before.updatedAt && after.revision != before.revision)
        #expect(try await store.get("k", as: Int.self) == -2)
    }

    @Test("an expired number starts anew with the given expiry", arguments: Setting.all)
    func expired(setting: Setting) async throws {
        let store = try setting.open()
        try await store.increment("k", by: 100, expiring: .after(.seconds(1)))
        store.clock.advance(by: .seconds(1))
        #expect(try await store.increment("k", by: 3, expiring: .after(.seconds(2))) == 3)
        #expect(try await store.entry("k")?.remaining == .seconds(2))
        store.clock.advance(by: .seconds(2))
        #expect(try await store.decrement("k", expiring: .never) == -1)
        #expect(try await store.entry("k")?.expiresAt == nil)
        #expect(try await store.increment("new", expiring: .at(store.clock.date())) == 1)
        #expect(try await store.contains("new") == false)
    }

    @Test(
        "incrementing beyond 64 bits, or a value that is no number, is an error and changes nothing",
        arguments: Setting.all)
    func errors(setting: Setting) async throws {
        let store = try setting.open()
        try await store.set("max", TTLStore.Value.integer(.max), expiring: .after(.seconds(60)))
        try await store.set("min", TTLStore.Value.integer(.min))
        try await store.set("text", "7")
        try await store.set("bytes", TTLStore.Value.bytes([7]))
        let before = try store.contents()
        await expectFailure(.numberOverflow) { try await store.increment("max") }
        await expectFailure(.numberOverflow) { try await store.decrement("min") }
        await expectFailure(.numberOverflow) { try await store.increment("min", by: .min) }
        await expectFailure(.numberOverflow) { try await store.decrement("absent", by: .min) }
        await expectFailure(.wrongKind) { try await store.increment("text") }
        await expectFailure(.wrongKind) { try await store.decrement("bytes") }
        await expectFailure(.invalidExpiry) { try await store.increment("absent", expiring: .after(.zero)) }
        await expectFailure(.invalidExpiry) { try await store.increment("max", by: 0, expiring: .after(.zero)) }
        await expectFailure(.invalidTag) { try await store.increment("absent", tag: "") }
        #expect(try store.contents() == before)
        #expect(try await store.increment("max", by: .min) == -1)
        #expect(try await store.increment("absent", by: .max) == .max)
    }

    @Test("increment limits requests in a window that begins with the first request", arguments: Setting.all)
    func rateLimit(setting: Setting) async throws {
        let store = try setting.open()
        func isAllowed() async throws -> Bool {
            try await store.increment("requests:10.0.0.1", expiring: .after(.seconds(60))) <= 3
        }
        for _ in 0..<3 { #expect(try await isAllowed()) }
        store.clock.advance(by: .milliseconds(59_999))
        #expect(try await !isAllowed())
        store.clock.advance(by: .milliseconds(1))
        #expect(try await isAllowed())
    }
}
