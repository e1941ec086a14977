import TTLStore
import TTLTestSupport
import Testing

@Suite("Tags") struct TagTests {
    @Test(
        "listing, counting and removing by tag cover the live entries, in the order of their keys",
        arguments: Setting.all)
    func all(setting: Setting) async throws {
        let store = try setting.open()
        for number in 0..<25 { try await store.set("key:\(number)", "v", tag: number % 5 == 0 ? "five" : "other") }
        try await store.set("untagged", "v")
        try await store.set("key:30", "v", expiring: .after(.seconds(1)), tag: "five")
        store.clock.advance(by: .seconds(1))
        let expected = ["key:0", "key:10", "key:15", "key:20", "key:5"]
        #expect(try await store.keys(.tag("five")).elements == expected)
        var (paged, cursor): ([String], TTLStore.Cursor?) = ([], nil)
        repeat {
            let page = try await store.entries(.tag("five"), limit: 2, after: cursor)
            paged += page.elements.map(\.key)
            #expect(page.elements.allSatisfy { $0.tag == "five" })
            cursor = page.next
        } while cursor != nil
        #expect(paged == expected)
        #expect(try await store.count(.tag("five")) == 5)
        #expect(try await store.count(.tag("fiv")) == 0)
        #expect(try await store.removeAll(.tag("five")) == 5)
        #expect(try await store.count(.tag("five")) == 0)
        #expect(try await store.count() == 21)
    }

    @Test(
        "a set replaces the tag, also by none; a change of only the number or the expiry keeps it",
        arguments: Setting.all)
    func replaced(setting: Setting) async throws {
        let store = try setting.open()
        try await store.set("k", TTLStore.Value.integer(1), tag: "one")
        try await store.increment("k", tag: "two")
        try await store.touch("k", expiring: .after(.seconds(9)))
        try await store.update("k", as: Int.self) { $0 = 7 }
        #expect(try await store.keys(.tag("one")).elements == ["k"])
        try await store.set("k", "v", expiring: .keep, tag: "two")
        #expect(try await store.count(.tag("one")) == 0)
        #expect(try await store.entry("k")?.tag == "two")
        for condition in [TTLStore.SetCondition.always, .ifPresent] {
            try await store.set("k", "v", tag: "two")
            try await store.set("k", "v", when: condition)
            #expect(try await store.entry("k")?.tag == nil)
        }
        try await store.set("k", "v", expiring: .after(.seconds(1)), tag: "old")
        store.clock.advance(by: .seconds(1))
        try await store.set("k", "v", when: .ifAbsent)
        #expect(try await store.entry("k")?.tag == nil)
    }

    @Test("tags have 1 to 1024 bytes; others are refused, and nothing changes", arguments: Setting.all)
    func invalid(setting: Setting) async throws {
        let store = try setting.open()
        let longest = String(repeating: "x", count: 1022) + "é"
        try await store.set("k", "v", tag: longest)
        try await store.set("nul", "v", tag: "a\0b")
        #expect(try await store.keys(.tag(longest)).elements == ["k"])
        #expect(try await store.keys(.tag("a\0b")).elements == ["nul"])
        #expect(try await store.count(.tag("a")) == 0)
        let before = try store.contents()
        for tag in ["", longest + "x"] {
            await expectFailure(.invalidTag) { try await store.set("k", "w", tag: tag) }
            await expectFailure(.invalidTag) { try await store.exchange("k", TTLStore.Value.text("w"), tag: tag) }
            await expectFailure(.invalidTag) { try await store.keys(.tag(tag)) }
            await expectFailure(.invalidTag) { try await store.entries(.tag(tag)) }
            await expectFailure(.invalidTag) { try await store.count(.tag(tag)) }
            await expectFailure(.invalidTag) { try await store.removeAll(.tag(tag)) }
        }
        #expect(try store.contents() == before)
    }
}
