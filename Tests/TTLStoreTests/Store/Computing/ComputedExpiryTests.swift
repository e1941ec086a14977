import Foundation
import TTLTestSupport
import Testing

@testable import TTLStore

@Suite("A computed value with an expiry of its own", .hangLimit) struct ComputedExpiryTests {
    @Test("a computed value lives for as long as the closure says", arguments: Setting.all)
    func expiry(setting: Setting) async throws {
        let store = try setting.open()
        let compute: @Sendable () throws -> TTLStore.Computed<String> = {
            TTLStore.Computed("secret", expiring: .seconds(30))
        }
        let token = try await store.call(
            { try store.store.getOrCompute("token", compute) },
            { try await store.store.getOrCompute("token") { () async throws in try compute() } })
        #expect(token == "secret")
        #expect(try await store.entry("token")?.remaining == .seconds(30))
        let hit: String = try await store.store.getOrCompute("token", tag: "t") {
            TTLStore.Computed("other", expiring: .never)
        }
        #expect(hit == "secret")
        // The closure does not suspend, and the call does.
        let other = try await store.store.getOrCompute("other") { TTLStore.Computed(1, expiring: .never) }
        #expect(other == 1)
    }

    @Test("a computed value with a passed expiry is returned and not stored; an invalid expiry is refused")
    func refused() throws {
        let store = try Setting.inMemory.open().store
        let value = try store.getOrCompute("k") { TTLStore.Computed(1, expiring: .at(.distantPast)) }
        #expect(value == 1)
        #expect(try !store.contains("k"))
        expectFailure(.invalidExpiry) { () throws in
            try store.getOrCompute("k") { TTLStore.Computed(1, expiring: .seconds(-1)) }
        }
        // The lease is given back.
        #expect(try store.getOrCompute("k", expiring: .never) { 2 } == 2)
    }
}

@Suite("A stored value that can't be decoded any more", .hangLimit) struct UndecodableValueTests {
    private struct Profile: Codable, Equatable {
        var name: String
    }

    @Test(
        "a value that can't be decoded is computed anew, replaced and counted, fresh or stale", arguments: Setting.all,
        [false, true])
    func recomputed(setting: Setting, isStale: Bool) async throws {
        let store = try setting.open()
        for old in [TTLStore.Value.text(#"{"fullName":"a"}"#), .integer(5), .bytes([1])] {
            try await store.set("k", old)
            let before = try await store.statistics().undecodableValues
            store.clock.advance(by: .seconds(10))
            let (calls, age) = (Counter(), isStale ? Duration.seconds(5) : nil)
            let compute: @Sendable () -> Profile = {
                calls.add()
                return Profile(name: "new")
            }
            for _ in 0..<2 {
                let profile = try await store.call(
                    { try store.store.getOrCompute("k", staleAfter: age, compute) },
                    { try await store.store.getOrCompute("k", staleAfter: age, compute) })
                #expect(profile == Profile(name: "new"))
            }
            #expect(calls.value == 1)
            #expect(try await store.get("k", as: Profile.self) == Profile(name: "new"))
            #expect(try await store.statistics().undecodableValues == before + 1)
        }
    }

    @Test("a value that can't be decoded is an error if the options say so, and stays")
    func strict() throws {
        let store = try Setting.inMemory.open().store
        try store.set("k", "text")
        let options = TTLStore.ComputeOptions(recomputesUndecodable: false)
        expectFailure(.decodingFailed) { () throws in
            try store.getOrCompute("k", options: options) { Profile(name: "new") }
        }
        #expect(try store.get("k") == "text")
        #expect(try store.statistics().undecodableValues == 0)
    }

    @Test("a caller that has waited for a value of another type computes its own", arguments: Setting.all)
    func waiting(setting: Setting) async throws {
        let opened = try setting.open()
        defer { withExtendedLifetime(opened) {} }
        let (store, computing, calls) = (opened.store, Counter(), Counter())
        async let text = store.getOrCompute("k") { () async throws -> String in
            computing.add()
            try await Task.sleep(for: .milliseconds(100))
            return "text"
        }
        while computing.value == 0 { try await Task.sleep(for: .milliseconds(1)) }
        try await withThrowingTaskGroup(of: Profile.self) { group in
            for _ in 0..<20 {
                group.addTask {
                    try await store.getOrCompute("k") { () async throws -> Profile in
                        calls.add()
                        return Profile(name: "new")
                    }
                }
            }
            for try await profile in group { #expect(profile == Profile(name: "new")) }
        }
        #expect(try await text == "text")
        #expect(calls.value == 1)
        #expect(try await store.get("k", as: Profile.self) == Profile(name: "new"))
    }

    @Test("a value that does not decode has no expiry to keep")
    func keeping() throws {
        let store = try Setting.inMemory.open()
        try store.store.set("k", "text", expiring: .after(.seconds(7)))
        let value = try store.store.getOrCompute("k") { TTLStore.Computed(1, expiring: .keep) }
        #expect(value == 1)
        #expect(try store.store.entry("k")?.expiresAt == nil)
    }

    @Test("two callers of one key with different types at the same time each get their own type")
    func types() throws {
        let store = try Setting.inMemory.open().store
        for round in 0..<5 {
            #expect(try store.getOrCompute("k") { round } == round)
            #expect(try store.getOrCompute("k") { "text \(round)" } == "text \(round)")
        }
        #expect(try store.statistics().undecodableValues == 9)
    }
}
