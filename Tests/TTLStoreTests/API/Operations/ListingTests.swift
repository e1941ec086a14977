import TTLStore
import TTLTestSupport
import Testing

@Suite("Listing and counting") struct ListingTests {
    private func pages(
        _ store: StoreUnderTest, prefix: String, limit: Int
    ) async throws -> (keys: [[String]], entries: [[TTLStore.Entry]]) {
        var keys: [[String]] = []
        var entries: [[TTLStore.Entry]] = []
        var cursor: TTLStore.Cursor?
        repeat {
            let page = try await store.keys(.prefix(prefix), limit: limit, after: cursor)
            let sameEntries = try await store.entries(.prefix(prefix), limit: limit, after: cursor)
            #expect(page.next == sameEntries.next)
            keys.append(page.elements)
            entries.append(sameEntries.elements)
            cursor = page.next
        } while cursor != nil
        return (keys, entries)
    }

    @Test(
        "pages hold every live key with the prefix once, sorted by bytes, and only the last is short",
        arguments: Setting.all)
    func exactPages(setting: Setting) async throws {
        let store = try setting.open()
        var expected: [String] = []
        for number in 0..<40 {
            let isExpired = number % 4 == 1
            let key = "p/\(number)"
            try await store.set(
                key, TTLStore.Value.integer(Int64(number)), expiring: isExpired ? .after(.seconds(1)) : .never)
            if !isExpired { expected.append(key) }
        }
        for key in ["p", "p.", "p0", "o/1", "q", "P/1"] { try await store.set(key, "outside") }
        store.clock.advance(by: .seconds(1))
        expected.sort()
        #expect(try await store.count(.prefix("p/")) == expected.count)
        for limit in [1, 2, 3, 7, 29, 30, 31, 1000, 100_000] {
            let (keys, entries) = try await pages(store, prefix: "p/", limit: limit)
            #expect(keys.flatMap(\.self) == expected, "limit \(limit)")
            #expect(entries.flatMap(\.self).map(\.key) == expected, "limit \(limit)")
            #expect(keys.dropLast().allSatisfy { $0.count == limit }, "limit \(limit)")
            #expect(keys.last.map { !$0.isEmpty && $0.count <= limit } == true, "limit \(limit)")
        }
        for entry in try await store.entries(.prefix("p/")).elements {
            #expect(entry.key == "p/\(String(decoding: entry.value.rawBytes, as: UTF8.self))")
        }
    }

    @Test("a prefix ends where its bytes end", arguments: Setting.all)
    func prefixBoundaries(setting: Setting) async throws {
        let keys = [
            "a", "a\0", "a\u{7F}", "a\u{80}", "a\u{7FF}", "a\u{800}", "a\u{FFFF}", "a\u{10000}", "a\u{10FFFF}",
            "a\u{10FFFF}\0", "a\u{10FFFF}a", "a\u{10FFFF}\u{10FFFF}", "b", "e\u{301}", "é", "\u{10FFFF}", "\u{10FFFF}x",
        ]
        let store = try setting.open()
        for key in keys { try await store.set(key, "v") }
        for prefix in keys + [
            "", "e", "a\u{10FFFE}", "c", String(repeating: "a", count: 1025), String(repeating: "a", count: 3_000_000),
        ] {
            let expected = keys.map { Array($0.utf8) }.filter { $0.starts(with: prefix.utf8) }
                .sorted { $0.lexicographicallyPrecedes($1) }
            let listed = try await store.keys(.prefix(prefix)).elements.map { Array($0.utf8) }
            #expect(listed == expected, "\(prefix.debugDescription)")
            #expect(try await store.entries(.prefix(prefix)).elements.map { Array($0.key.utf8) } == expected)
            #expect(try await store.count(.prefix(prefix)) == expected.count, "\(prefix.debugDescription)")
        }
        for prefix in ["a\u{10FFFF}", "\u{10FFFF}"] {
            let expected = try await store.count(.prefix(prefix))
            #expect(try await store.removeAll(.prefix(prefix)) == expected)
            #expect(try await store.count(.prefix(prefix)) == 0)
        }
        #expect(try await store.count() == keys.count - 6)
    }

    @Test("an empty store has one empty page", arguments: Setting.all)
    func empty(setting: Setting) async throws {
        let store = try setting.open()
        for prefix in ["", "a"] {
            let page = try await store.keys(.prefix(prefix))
            #expect(page.elements.isEmpty)
            #expect(page.next == nil)
            #expect(try await store.count(.prefix(prefix)) == 0)
        }
    }

    @Test("entries that come and go between two pages disturb no others", arguments: Setting.all)
    func changesBetweenPages(setting: Setting) async throws {
        let store = try setting.open()
        for number in 10..<30 { try await store.set("\(number)", "v") }
        let first = try await store.keys(limit: 10)
        #expect(first.elements == (10..<20).map(String.init))
        // The cursor's own key goes, and keys on both sides of it come.
        try await store.remove("19")
        try await store.set("11a", "v")
        try await store.set("19a", "v")
        let second = try await store.keys(limit: 100, after: first.next)
        #expect(second.elements == ["19a"] + (20..<30).map(String.init))
        #expect(second.next == nil)
    }

    @Test("a cursor of another listing leads to no key without the prefix", arguments: Setting.all)
    func foreignCursor(setting: Setting) async throws {
        let store = try setting.open()
        for key in ["a1", "a2", "b1", "b2", "c1", "c2"] { try await store.set(key, "v") }
        let early = try #require(try await store.keys(.prefix("a"), limit: 1).next)
        let late = try #require(try await store.keys(.prefix("c"), limit: 1).next)
        #expect(try await store.keys(.prefix("b"), after: early).elements == ["b1", "b2"])
        #expect(try await store.keys(.prefix("b"), after: late).elements == [])
    }

    @Test("a page of no entry, or of too many, is an invalid argument", arguments: Setting.all)
    func limits(setting: Setting) async throws {
        let store = try setting.open()
        for limit in [0, -1, 100_001, .max, .min] {
            await expectFailure(.invalidArgument) { try await store.keys(limit: limit) }
            await expectFailure(.invalidArgument) { try await store.entries(limit: limit) }
        }
    }

    @Test("expired entries can be listed until they are purged")
    func expiredEntries() async throws {
        let store = try Setting.inMemory.open()
        for number in 0..<5 { try await store.set("k\(number)", "v", expiring: .after(.seconds(1))) }
        try await store.set("live", "v")
        #expect(try store.store.expiredEntries().elements.isEmpty)
        store.clock.advance(by: .seconds(1))
        let first = try store.store.expiredEntries(prefix: "k", limit: 3)
        let second = try store.store.expiredEntries(prefix: "k", limit: 3, after: first.next)
        #expect((first.elements + second.elements).map(\.key) == (0..<5).map { "k\($0)" })
        #expect(second.next == nil)
        try await store.purgeExpired()
        #expect(try store.store.expiredEntries().elements.isEmpty)
    }

    @Test("a summary has everything of an entry but its value", arguments: [Setting.inMemory, .inFile])
    func summaries(setting: Setting) async throws {
        let store = try setting.open()
        let values: [TTLStore.Value] = [
            .text("é日\0\n"), .text(""), .bytes([0xFF, 0]), .bytes([]), .integer(.min), .integer(7),
            .text(String(repeating: "é", count: 100_000)), .bytes(Array(repeating: 0, count: 100_000)),
        ]
        for (number, value) in values.enumerated() {
            let isTagged = number % 2 == 0
            try await store.set(
                "k\(number)", value, expiring: isTagged ? .after(.seconds(2)) : .never, tag: isTagged ? "even" : nil)
        }
        for elapsed in [0, 1, 2] {
            for isExpired in [false, true] {
                for selection in [TTLStore.Selection.prefix("k"), .tag("even"), .prefix("none"), .tag("none"), .all] {
                    let entries = try store.store.entries(selection, expired: isExpired).elements
                    let summaries = try store.store.summaries(selection, expired: isExpired).elements
                    #expect(summaries.map(\.key) == entries.map(\.key))
                    #expect(try store.store.keys(selection, expired: isExpired).elements == entries.map(\.key))
                    #expect(summaries.map(\.kind) == entries.map(\.value.kind), "\(elapsed)")
                    #expect(summaries.map(\.size) == entries.map(\.value.rawBytes.count))
                    #expect(summaries.map(\.remaining) == entries.map(\.remaining))
                    #expect(summaries.map(\.tag) == entries.map(\.tag))
                }
            }
            store.clock.advance(by: .seconds(1))
        }
        let first = try store.store.summaries(.tag("even"), expired: true, limit: 3)
        let second = try store.store.summaries(.tag("even"), expired: true, limit: 3, after: first.next)
        #expect((first.elements + second.elements).map(\.key) == ["k0", "k2", "k4", "k6"])
        #expect(second.next == nil)
        expectFailure(.invalidTag) { try store.store.summaries(.tag("")) }
    }
}
