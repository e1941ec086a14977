import TTLTestSupport
import Testing

@testable import TTLStore

@Suite("getAll and getOrCompute from memory") struct ManyKeysTests {
    @Test("getAll needs no SQLite once memory has all of its keys, whether they have entries or not")
    func getAll() throws {
        let opened = try Setting.inFile.open()
        let store = opened.store
        for key in ["a", "b"] { try store.set(key, key) }
        let keys = ["a", "none", "b", "a"]
        try expectAnswers(0, store) { () throws in
            #expect(try store.getAll(keys, as: String.self) == ["a", nil, "b", "a"])
        }
        try expectAnswers(8, store) { () throws in
            for _ in 0..<2 { #expect(try store.getAll(keys, as: String.self) == ["a", nil, "b", "a"]) }
        }
        // One key that memory does not have: all are read from the file, and counted once.
        try expectAnswers(0, store) { () throws in
            #expect(try store.getAll(["a", "new"], as: String.self) == ["a", nil])
        }
        let statistics = try store.statistics()
        #expect(statistics.hits == 10)
        #expect(statistics.misses == 4)
        #expect(try store.getAll([], as: String.self) == [])
    }

    @Test("a task's getAll and getOrCompute return at once where memory has the answer")
    func tasks() async throws {
        let opened = try Setting.inFile.open()
        let store = opened.store
        try await store.set("a", "1")
        #expect(try await store.getAll(["a", "b"], as: String.self) == ["1", nil])
        let before = try await store.statistics().memoryAnswers
        #expect(try await store.getAll(["a", "b"], as: String.self) == ["1", nil])
        #expect(try await store.getOrCompute("a") { "2" } == "1")
        #expect(try await store.statistics().memoryAnswers == before + 3)
    }

    @Test("getOrCompute needs no SQLite for a value that is not stale, and reads the file before it computes")
    func getOrCompute() throws {
        let opened = try Setting.inFile.open()
        let (store, clock) = (opened.store, opened.clock)
        func value(_ new: String, staleAfter: Duration? = nil) throws -> String {
            try store.getOrCompute("a", expiring: .after(.seconds(60)), staleAfter: staleAfter) { new }
        }
        #expect(try value("1") == "1")
        #expect(try value("2") == "1")
        try expectAnswers(2, store) { () throws in for _ in 0..<2 { #expect(try value("2") == "1") } }
        clock.advance(by: .seconds(10))
        try expectAnswers(1, store) { () throws in #expect(try value("2", staleAfter: .seconds(11)) == "1") }
        // Stale, and computed anew; then expired.
        try expectAnswers(0, store) { () throws in #expect(try value("2", staleAfter: .seconds(10)) == "2") }
        #expect(try store.get("a") == "2")
        clock.advance(by: .seconds(60))
        try expectAnswers(0, store) { () throws in #expect(try value("3") == "3") }
        expectFailure(.invalidExpiry) {
            try store.getOrCompute("a", expiring: .after(.seconds(-1))) { "never" }
        }
    }

    @Test("both see a commit of another process at once")
    func foreignCommit() throws {
        let opened = try Setting.inFile.open()
        let store = opened.store
        try store.setAll(["a": "0", "b": "0"])
        for number in 1..<5 {
            _ = try store.getAll(["a", "b"], as: String.self)
            _ = try shell(opened.path, "UPDATE live SET value = '\(number)'")
            if number % 2 == 0 { #expect(try store.getOrCompute("a") { "computed" } == "\(number)") }
            #expect(try store.getAll(["a", "b"], as: String.self) == ["\(number)", "\(number)"])
            #expect(try store.getOrCompute("a") { "computed" } == "\(number)")
            _ = try shell(opened.path, "DELETE FROM live WHERE key = 'b'")
            #expect(try store.getAll(["a", "b"], as: String.self) == ["\(number)", nil])
            #expect(try store.getOrCompute("b") { "computed" } == "computed")
        }
    }

    @Test("getAll keeps nothing of a value that is too large, and a failing row fails as without memory")
    func large() throws {
        let opened = try Setting.inFile.open { $0.memory = 64 << 10 }
        let store = opened.store
        let large = String(repeating: "v", count: 20_000)
        try store.setAll(["large": large, "small": "s"])
        for _ in 0..<3 {
            #expect(try store.getAll(["large", "small"], as: String.self) == [large, "s"])
            expectFailure(.wrongKind) { try store.getAll(["small", "large"], as: [UInt8].self) }
        }
        #expect(try store.statistics().memoryRows == 1)
    }
}
