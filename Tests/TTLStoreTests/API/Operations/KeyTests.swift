import TTLStore
import TTLTestSupport
import Testing

@Suite("Keys") struct KeyTests {
    static let valid = [
        "k", " ", "\0", "a\0b", "a\0c", "line\nline", "\r\n", "'", "\"", "'; DROP TABLE entries; --", "%", "_", "a%",
        "?1",
        "👩‍👩‍👧‍👦", "e\u{301}", "é", "\u{10FFFF}", "\u{FEFF}", "ttl", "NULL", "5", "5.0", "-", "*", "[a-z]",
        String(repeating: "a", count: 1024), String(repeating: "ä", count: 512), String(repeating: "👍", count: 256),
    ]

    static let invalid = [
        "", String(repeating: "a", count: 1025), String(repeating: "ä", count: 512) + "a",
        String(repeating: "👍", count: 257), String(repeating: "a", count: 2_000_000),
    ]

    @Test("keys are told apart by their bytes and come back byte for byte", arguments: Setting.all)
    func roundTrip(setting: Setting) async throws {
        let store = try setting.open()
        for key in KeyTests.valid {
            #expect(try await store.set(key, "value of \(key)", when: .ifAbsent) == .stored, "\(key.debugDescription)")
        }
        for key in KeyTests.valid {
            #expect(try await store.get(key) == "value of \(key)", "\(key.debugDescription)")
            #expect(Array(try #require(try await store.entry(key)).key.utf8) == Array(key.utf8))
        }
        let listed = try await store.keys().elements.map { Array($0.utf8) }
        #expect(listed == KeyTests.valid.map { Array($0.utf8) }.sorted { $0.lexicographicallyPrecedes($1) })
        for key in KeyTests.valid { #expect(try await store.remove(key), "\(key.debugDescription)") }
        #expect(try await store.count() == 0)
    }

    @Test(
        "an empty key and one of more than 1024 bytes are refused by every operation, and nothing changes",
        arguments: Setting.all, Operation.allCases.filter(\.takesKey))
    func invalid(setting: Setting, operation: Operation) async throws {
        let store = try setting.open()
        try await store.set("k", "v", expiring: .after(.seconds(50)))
        let before = try store.contents()
        for key in KeyTests.invalid {
            let error = await expectFailure(.invalidKey) { try await operation.run(store, key) }
            #expect(
                error?.message
                    == "a key has 1 to \(TTLStore.maximumKeyLength) bytes of UTF-8, this one \(key.utf8.count)")
        }
        #expect(try store.contents() == before)
    }

    @Test(
        "every operation finds the given key, and leaves similar keys alone", arguments: Setting.all,
        Operation.allCases.filter(\.takesKey))
    func distinct(setting: Setting, operation: Operation) async throws {
        let store = try setting.open()
        for key in KeyTests.valid {
            try await store.set(key, "old", expiring: .after(.seconds(60)), tag: Operation.tag)
        }
        for key in KeyTests.valid {
            let others = try store.contents().live.filter { Array($0.key.utf8) != Array(key.utf8) }
            #expect(others.count == KeyTests.valid.count - 1)
            #expect(try await operation.findsLive(store, key) ?? true, "\(key.debugDescription)")
            try await store.remove(Operation.newName)
            #expect(
                try store.contents().live.filter { Array($0.key.utf8) != Array(key.utf8) } == others,
                "\(key.debugDescription)")
            try await store.set(key, "old", expiring: .after(.seconds(60)), tag: Operation.tag)
        }
    }
}
