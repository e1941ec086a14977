import Foundation
import TTLTestSupport
import Testing

@testable import TTLStore

@Suite("What expires next") struct ExpiringNextTests {
    @Test("the soonest come first, with all but their values; permanent ones are left out", arguments: Setting.all)
    func order(setting: Setting) async throws {
        let store = try setting.open()
        for number in 1...30 {
            // 7 and 31 have no common divisor, so the order of the keys is another one.
            let time = Duration.seconds(number * 7 % 31)
            try await store.set("k\(number)", "v", expiring: .after(time), tag: number % 2 == 0 ? "even" : nil)
        }
        try await store.set("permanent", "v", tag: "even")
        try await store.set("k31", "v")
        let all = try await store.entries().elements.compactMap { entry in
            entry.remaining.map { (entry: entry, remaining: $0) }
        }.sorted { $0.remaining < $1.remaining }
        for elapsed in 0...31 {
            for selection in [TTLStore.Selection.all, .prefix(""), .prefix("k1"), .tag("even"), .prefix("none")] {
                let live = try await Set(store.keys(selection).elements)
                let expected = all.filter { live.contains($0.entry.key) }
                let found = try await store.expiringNext(selection)
                #expect(found.map(\.key) == expected.map(\.entry.key), "\(selection) after \(elapsed) s")
                #expect(found.map(\.expiresAt) == expected.map(\.entry.expiresAt))
                #expect(found.map(\.revision) == expected.map(\.entry.revision))
                #expect(found.map(\.tag) == expected.map(\.entry.tag))
                #expect(found.map(\.remaining) == expected.map { $0.remaining - .seconds(elapsed) })
                #expect(try await store.expiringNext(selection, limit: 3) == Array(found.prefix(3)))
            }
            store.clock.advance(by: .seconds(1))
        }
    }

    @Test("a selection is compared by bytes", arguments: Setting.all)
    func bytes(setting: Setting) async throws {
        let store = try setting.open()
        for (number, text) in ["é", "e\u{301}", "e", "日本", "a\0b"].enumerated() {
            try await store.set(text, "v", expiring: .after(.seconds(Int64(number + 1))), tag: text)
        }
        for text in ["é", "e\u{301}", "日本", "a\0b"] {
            for selection in [TTLStore.Selection.prefix(text), .tag(text)] {
                #expect(try await store.expiringNext(selection).map { Array($0.key.utf8) } == [Array(text.utf8)])
            }
        }
        // Beyond the horizon, entries are compared by the program instead of an index.
        try store.addMany(prefix: "e", tag: "e", count: ExpiringListing.horizon)
        let first = try await store.expiringNext(.prefix("e"), limit: 1)
        #expect(first.map { Array($0.key.utf8) } == [Array("e\u{301}".utf8)])
        #expect(try await store.expiringNext(.tag("e"), limit: 1).map(\.key) == ["e"])
    }

    @Test("of a selection larger than the horizon, what the store's next entries hold is found")
    func horizon() async throws {
        let store = try Setting.inMemory.open()
        try await store.set("a:soon", "v", expiring: .after(.seconds(1)), tag: "t")
        try store.addMany(prefix: "a:", tag: "t", count: ExpiringListing.horizon)
        for selection in [TTLStore.Selection.prefix("a:"), .tag("t")] {
            #expect(try await store.expiringNext(selection, limit: 2).map(\.key) == ["a:soon", "a:1"])
            #expect(try await store.expiringNext(selection, limit: 100_000).count == ExpiringListing.horizon + 1)
        }
        try store.addMany(prefix: "b:", tag: "other", count: ExpiringListing.horizon, afterSeconds: 50)
        #expect(try await store.expiringNext(.prefix("a:"), limit: 2).map(\.key) == ["a:soon"])
        // With a smaller selection, the entries of others don't matter.
        try await store.remove("a:soon")
        #expect(try await store.expiringNext(.prefix("a:"), limit: 2).map(\.key) == ["a:1", "a:2"])
    }

    @Test("a limit of no entry, or of too many, and a tag that is none, are refused", arguments: Setting.all)
    func refusals(setting: Setting) async throws {
        let store = try setting.open()
        for limit in [0, -1, 100_001, .max, .min] {
            await expectFailure(.invalidArgument) { try await store.expiringNext(limit: limit) }
            await expectFailure(.invalidArgument) { try await store.tags(limit: limit) }
        }
        await expectFailure(.invalidTag) { try await store.expiringNext(.tag("")) }
    }
}

@Suite("The tags of a store") struct TagListingTests {
    @Test("each tag of a live entry is listed once, sorted by bytes, also with a prefix", arguments: Setting.all)
    func tags(setting: Setting) async throws {
        let store = try setting.open()
        let tags = ["b", "a", "a:1", "a:2", "é", "e\u{301}", "日本", "a\0", "\u{10FFFF}", "z"]
        for (number, tag) in tags.enumerated() {
            for copy in 0..<3 { try await store.set("\(number)/\(copy)", "v", tag: tag) }
        }
        for number in 0..<20 { try await store.set("gone \(number)", "v", expiring: .after(.seconds(1)), tag: "a:1a") }
        try await store.set("untagged", "v")
        for isExpired in [false, true] {
            let live = (isExpired ? tags : tags + ["a:1a"]).map { Array($0.utf8) }
                .sorted { $0.lexicographicallyPrecedes($1) }
            for prefix in ["", "a", "a:", "e", "é", "\u{10FFFF}", "none"] {
                let expected = live.filter { $0.starts(with: prefix.utf8) }
                #expect(try await store.tags(prefix: prefix).map { Array($0.utf8) } == expected, "\(prefix)")
                #expect(try await store.tags(prefix: prefix, limit: 2).count == min(2, expected.count))
            }
            store.clock.advance(by: .seconds(1))
        }
    }
}

extension StoreUnderTest {
    /// Adds entries in one transaction, each of which expires a millisecond after the one before.
    fileprivate func addMany(prefix: String, tag: String, count: Int, afterSeconds seconds: Int = 100) throws {
        try store.setAll(
            (1...count).map {
                .init(
                    "\(prefix)\($0)", .integer(1), expiring: .after(.milliseconds(seconds * 1000 + $0)), tag: tag)
            })
    }
}
