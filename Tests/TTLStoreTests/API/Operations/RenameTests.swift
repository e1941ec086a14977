import Foundation
import TTLTestSupport
import Testing

@testable import TTLStore

@Suite("Renaming an entry") struct RenameTests {
    @Test("a rename moves value, expiry, tag and age to the new key, with a new revision", arguments: Setting.all)
    func moves(setting: Setting) async throws {
        let store = try setting.open()
        try await store.set("old", "value", expiring: .after(.seconds(60)), tag: "t")
        let before = try #require(try await store.entry("old"))
        store.clock.advance(by: .seconds(1))
        #expect(try await store.rename("old", to: "new") == .renamed)
        #expect(try await store.entry("old") == nil)
        let after = try #require(try await store.entry("new"))
        #expect(after.value == before.value && after.expiresAt == before.expiresAt && after.tag == "t")
        #expect(after.createdAt == before.createdAt && after.updatedAt == before.updatedAt)
        #expect(after.revision != before.revision)
        #expect(try await store.keys(.tag("t")).elements == ["new"])
        #expect(try await store.count() == 1)
    }

    @Test("a rename of an absent or expired entry changes nothing", arguments: Setting.all)
    func absent(setting: Setting) async throws {
        let store = try setting.open()
        try await store.set("due", "v", expiring: .after(.seconds(1)))
        try await store.set("kept", "v")
        store.clock.advance(by: .seconds(1))
        for key in ["due", "none"] {
            #expect(try await store.rename(key, to: "kept") == .absent)
            #expect(try await store.rename(key, to: "kept", when: .ifAbsent) == .absent)
        }
        #expect(try await store.get("kept") == "v")
    }

    @Test("a rename replaces an entry that has the new key, unless ifAbsent is given", arguments: Setting.all)
    func target(setting: Setting) async throws {
        let store = try setting.open()
        for key in ["a", "b", "c"] { try await store.set(key, key) }
        try await store.set("due", "v", expiring: .after(.seconds(1)))
        store.clock.advance(by: .seconds(1))
        #expect(try await store.rename("a", to: "b", when: .ifAbsent) == .conditionNotMet)
        #expect(try await store.rename("a", to: "b") == .renamed)
        #expect(try await store.get("b") == "a")
        // An expired entry counts as absent.
        #expect(try await store.rename("b", to: "due", when: .ifAbsent) == .renamed)
        #expect(try await store.get("due") == "a")
        #expect(try await store.count() == 2)
        #expect(try store.store.expiredEntries().elements.isEmpty)
    }

    @Test("a rename to the same key changes nothing, and keys are compared by their bytes", arguments: Setting.all)
    func same(setting: Setting) async throws {
        let store = try setting.open()
        try await store.set("caf\u{E9}", "v")
        let before = try await store.entry("caf\u{E9}")
        #expect(try await store.rename("caf\u{E9}", to: "caf\u{E9}") == .renamed)
        #expect(try await store.rename("caf\u{E9}", to: "caf\u{E9}", when: .ifAbsent) == .conditionNotMet)
        #expect(try await store.entry("caf\u{E9}") == before)
        #expect(try await store.rename("caf\u{E9}", to: "cafe\u{301}") == .renamed)
        #expect(try await store.get("caf\u{E9}") == nil)
        #expect(try await store.get("cafe\u{301}") == "v")
    }

    @Test("a rename there and back gives a revision that the key did not have", arguments: Setting.all)
    func revisions(setting: Setting) async throws {
        let store = try setting.open()
        try await store.set("a", "v")
        let first = try #require(try await store.entry("a")).revision
        try await store.rename("a", to: "b")
        try await store.rename("b", to: "a")
        #expect(try await store.set("a", "new", when: .ifUnchanged(since: first)) == .conditionNotMet)
    }

    @Test("a rename is reported as the removal of the old key and the overwriting of the new one")
    func causes() throws {
        let store = try Setting.inFile.open()
        for key in ["a", "b"] { try store.store.set(key, key) }
        try store.store.set("due", "v", expiring: .after(.seconds(1)))
        store.clock.advance(by: .seconds(1))
        let removals = try store.store.removals(includingValues: true)
        try store.store.rename("a", to: "b")
        try store.store.rename("b", to: "due")
        let found = removals.takeBuffered().map { "\($0.key) \($0.cause)" }
        #expect(found == ["b overwritten", "a removed", "due expired", "b removed"])
    }

    @Test("a renamed entry counts for a limit as one entry, whatever it replaces")
    func limit() throws {
        let store = try Setting.inFile.open { $0.maximumEntries = 3 }
        for key in ["a", "b", "c"] { try store.store.set(key, key) }
        try store.store.rename("a", to: "b")
        try store.store.set("d", "d")
        #expect(try store.store.keys().elements == ["b", "c", "d"])
        let statistics = try store.store.statistics()
        #expect(statistics.evictedEntries == 0 && statistics.removals == 0)
    }

    @Test("a rename that fails changes neither entry and reports nothing")
    func failure() throws {
        let folder = try TemporaryFolder()
        var configuration = TTLStore.Configuration()
        configuration.maximumValueSize = 32 << 20
        let writer = try TTLStore(path: folder("store.db"), configuration: configuration)
        try writer.set("large", [UInt8](repeating: 1, count: 17 << 20))
        try writer.set("last", "v")
        try writer.set("new", "precious")
        writer.close()
        // Nobody changes such a row by hand, but a revision that can't grow fails after the row was found.
        try shell(folder("store.db"), "UPDATE entries SET revision = 9223372036854775807 WHERE key = 'last';")
        configuration.maximumValueSize = 1 << 20  // and what others have stored up to 16 MiB
        let store = try TTLStore(path: folder("store.db"), configuration: configuration)
        let removals = try store.removals()
        for key in ["large", "last"] {
            #expect(throws: TTLStoreError.self) { try store.rename(key, to: "new") }
            #expect(try store.get("new") == "precious")
        }
        #expect(try store.keys().elements == ["large", "last", "new"])
        #expect(removals.takeBuffered().isEmpty)
        store.close()
        try expectIntact(folder("store.db"))
    }

    @Test("renaming to longer keys makes room as setting does")
    func pages() throws {
        let store = try Setting.inFile.open { $0.maximumBytes = 1 << 20 }
        for number in 0..<2000 { try store.store.set("\(number)", "v") }
        let longer = String(repeating: "k", count: 1000)
        for number in 0..<2000 { try store.store.rename("\(number)", to: longer + "\(number)") }
        let statistics = try store.store.statistics()
        #expect(statistics.evictedEntries > 0)
        #expect(statistics.fileSize - statistics.freeSize <= (1 << 20) * 9 / 8 + 4096 * 8, "\(statistics.fileSize)")
    }

    @Test("a rename within a transaction is undone with it")
    func transaction() throws {
        let store = try Setting.inMemory.open().store
        try store.set("a", "v")
        #expect(throws: CancellationError.self) {
            try store.transaction { transaction in
                #expect(try transaction.rename("a", to: "b") == .renamed)
                #expect(try transaction.get("b") == "v")
                throw CancellationError()
            }
        }
        #expect(try store.keys().elements == ["a"])
    }
}

@Suite("Touching many entries") struct TouchAllTests {
    @Test(
        "touchAll changes the expiry of the live entries of a prefix, a tag or the whole store", arguments: Setting.all)
    func touches(setting: Setting) async throws {
        let store = try setting.open()
        try await store.set("a:1", "v", tag: "t")
        try await store.set("a:2", "v", expiring: .after(.seconds(5)))
        try await store.set("b:1", "v", expiring: .after(.seconds(1)), tag: "t")
        store.clock.advance(by: .seconds(1))
        let before = try await store.entries().elements
        #expect(try await store.touchAll(.prefix("a:"), expiring: .after(.seconds(9))) == 2)
        #expect(try await store.touchAll(.tag("t"), expiring: .after(.seconds(7))) == 1)
        #expect(try await store.entries().elements.map(\.remaining) == [.seconds(7), .seconds(9)])
        #expect(try await store.entries().elements.map(\.revision) == before.map(\.revision))
        #expect(try await store.touchAll(.all, expiring: .keep) == 2)
        #expect(try await store.touchAll(.all, expiring: .never) == 2)
        #expect(try await store.entries().elements.allSatisfy { $0.expiresAt == nil })
        #expect(try await store.touchAll(.prefix("none"), expiring: .never) == 0)
        #expect(try await store.touchAll(.all, expiring: .at(.distantPast)) == 2)
        #expect(try await store.count() == 0)
    }

    @Test("touchAll wakes the thread for an earlier expiry")
    func wakes() throws {
        let folder = try TemporaryFolder()
        let store = try TTLStore(path: folder("store.db"))
        try store.set("k", "v", expiring: .after(.seconds(3600)), tag: "t")
        try store.touchAll(.tag("t"), expiring: .after(.milliseconds(20)))
        #expect(eventually { (try? store.statistics().purgedEntries) == 1 })
        store.close()
    }

    @Test("touchAll refuses the arguments that touch refuses, and changes nothing", arguments: Setting.all)
    func refused(setting: Setting) async throws {
        let store = try setting.open()
        try await store.set("k", "v")
        await expectFailure(.invalidExpiry) { () async throws in
            try await store.touchAll(.all, expiring: .after(.zero))
        }
        await expectFailure(.invalidTag) { () async throws in try await store.touchAll(.tag(""), expiring: .never) }
        #expect(try await store.entry("k")?.expiresAt == nil)
    }
}
