import Foundation
import TTLTestSupport
import Testing

@testable import TTLStore

/// Stale while it is refreshed, as in RFC 5861 for HTTP.
@Suite("Get or compute with values that become stale") struct StaleValueTests {
    private struct Failure: Error {}

    @Test("a value is fresh until staleAfter has passed, and then computed anew", arguments: Setting.all)
    func boundary(setting: Setting) async throws {
        let store = try setting.open()
        try await store.set("k", "old", expiring: .after(.seconds(60)))
        func ask() async throws -> String {
            try await store.getOrCompute("k", expiring: .after(.seconds(60)), staleAfter: .seconds(10)) { "new" }
        }
        store.clock.advance(by: .milliseconds(9999))
        // Extending an entry does not count as a write of its value.
        try await store.touch("k", expiring: .after(.seconds(60)))
        #expect(try await ask() == "old")
        store.clock.advance(by: .milliseconds(1))
        #expect(try await ask() == "new")
        let entry = try #require(try await store.entry("k"))
        #expect(entry.updatedAt == store.clock.date() && entry.expiresAt == store.clock.date(after: 60_000))
        store.clock.advance(by: .milliseconds(9999))
        #expect(try await ask() == "new")
    }

    @Test(
        "while one caller computes a stale value anew, the others get it at once, until it expires",
        arguments: Setting.all)
    func serving(setting: Setting) async throws {
        let store = try setting.open()
        let (inner, clock, runs) = (store.store, store.clock, Counter())
        try await store.set("k", "stale", expiring: .after(.seconds(20)))
        clock.advance(by: .seconds(10))
        let refreshed = try await store.getOrCompute("k", staleAfter: .seconds(10)) {
            runs.add()
            // Other callers, which are not part of this computation.
            onThreads(3) { _ in
                #expect(throws: Never.self) {
                    let served = try inner.getOrCompute("k", staleAfter: .seconds(10)) {
                        runs.add()
                        return "other"
                    }
                    #expect(served == "stale")
                }
            }
            clock.advance(by: .seconds(10))
            onThreads(1) { _ in
                // Expired, so there is nothing to serve but the value that is being computed.
                expectFailure(.timedOut) {
                    try inner.getOrCompute(
                        "k", staleAfter: .seconds(10), options: ComputeOptions(timeout: .milliseconds(5))
                    ) { "other" }
                }
            }
            return "fresh"
        }
        #expect(refreshed == "fresh" && runs.value == 1)
        #expect(try await store.get("k") == "fresh")
    }

    @Test(
        "an error goes to the computing caller, the stale value stays, and the next caller tries",
        arguments: Setting.all)
    func failing(setting: Setting) async throws {
        let store = try setting.open()
        try await store.set("k", "stale", expiring: .after(.seconds(60)))
        store.clock.advance(by: .seconds(10))
        await #expect(throws: Failure.self) {
            try await store.getOrCompute("k", as: String.self, staleAfter: .seconds(10)) { throw Failure() }
        }
        #expect(try await store.get("k") == "stale")
        #expect(try await store.getOrCompute("k", staleAfter: .seconds(10)) { "new" } == "new")
    }

    @Test("without staleAfter a live value is served however old it is", arguments: Setting.all)
    func notAsked(setting: Setting) async throws {
        let store = try setting.open()
        try await store.set("k", "old")
        store.clock.advance(by: .seconds(1_000_000))
        #expect(try await store.getOrCompute("k") { "new" } == "old")
        #expect(try await store.getOrCompute("k", staleAfter: .seconds(1_000_001)) { "new" } == "old")
    }

    @Test("a value refreshed with .keep keeps its expiry", arguments: Setting.all)
    func keeping(setting: Setting) async throws {
        let store = try setting.open()
        try await store.set("k", "old", expiring: .after(.seconds(60)))
        let expiry = try await store.entry("k")?.expiresAt
        store.clock.advance(by: .seconds(10))
        #expect(try await store.getOrCompute("k", expiring: .keep, staleAfter: .seconds(10)) { "new" } == "new")
        #expect(try await store.entry("k")?.expiresAt == expiry)
    }

    @Test("staleness copes with a clock that was set back, and with an invalid time of writing")
    func strangeTimes() async throws {
        let store = try Setting.inFile.open()
        try await store.set("k", "old")
        store.clock.advance(by: .seconds(-1000))
        #expect(try await store.getOrCompute("k", staleAfter: .seconds(10)) { "new" } == "old")
        for (updatedAt, value) in [("-9223372036854775808", "new"), ("9223372036854775807", "old"), ("'x'", "new")] {
            try shell(
                store.path,
                """
                PRAGMA ignore_check_constraints = ON;
                UPDATE entries SET value = 'old', updated_at = \(updatedAt), revision = revision + 1;
                """)
            #expect(try await store.getOrCompute("k", staleAfter: .seconds(10)) { "new" } == value)
        }
        #expect(try await store.getOrCompute("k", staleAfter: .milliseconds(Int64.max)) { "newer" } == "new")
    }
}
