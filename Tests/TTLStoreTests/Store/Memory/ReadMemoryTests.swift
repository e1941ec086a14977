import TTLTestSupport
import Testing

@testable import TTLStore

@Suite("The memory of reads") struct ReadMemoryTests {
    @Test("the second look-up of a key needs no SQLite, whether it has an entry or not")
    func hits() throws {
        let opened = try Setting.inFile.open()
        let store = opened.store
        try store.set("a", "1", tag: "t")
        try expectAnswers(10, store) { () throws in
            for _ in 0..<3 {
                #expect(try store.get("a") == "1")
                #expect(try store.get("none") == nil)
                #expect(try store.entry("a")?.tag == "t")
                #expect(try store.contains("a"))
            }
        }
        let statistics = try store.statistics()
        #expect(statistics.memoryState == .on)
        #expect(statistics.memoryRows == 2)
        #expect(statistics.hits == 9)
        #expect(statistics.misses == 3)
        // A key that no value is asked of is not read into memory.
        try expectAnswers(0, store) { () throws in for _ in 0..<3 { #expect(try !store.contains("other")) } }
    }

    @Test("a commit of another process is seen by the very next look-up")
    func foreignCommit() throws {
        let opened = try Setting.inFile.open()
        let store = opened.store
        try store.set("a", "1")
        for number in 2..<6 {
            _ = try store.get("a")
            _ = try store.get("b\(number)")
            _ = try shell(opened.path, "UPDATE live SET value = '\(number)' WHERE key = 'a'")
            #expect(try store.get("a") == "\(number)")
            _ = try shell(opened.path, "INSERT INTO live (key, value) VALUES ('b\(number)', 'new')")
            #expect(try store.get("b\(number)") == "new")
            _ = try shell(opened.path, "DELETE FROM live WHERE key = 'b\(number)'")
            #expect(try store.get("b\(number)") == nil)
        }
    }

    @Test("a commit of another process leaves the values of other keys where they are")
    func revalidation() throws {
        let opened = try Setting.inFile.open()
        let store = opened.store
        try store.set("a", "1")
        _ = try store.get("a")
        _ = try shell(opened.path, "INSERT INTO live (key, value) VALUES ('b', 'x')")
        try expectAnswers(0, store) { () throws in #expect(try store.get("a") == "1") }
        try expectAnswers(1, store) { () throws in #expect(try store.get("a") == "1") }
        #expect(try store.statistics().memoryRows == 1)
    }

    @Test("a change by the store itself takes out its key, and keeps the others")
    func ownCommits() throws {
        let opened = try Setting.inFile.open()
        let store = opened.store
        for key in ["a", "b", "c", "kept"] { try store.set(key, "1") }
        for key in ["a", "b", "c", "d", "kept"] { _ = try store.get(key) }
        try store.set("a", "2")
        try store.remove("b")
        try store.rename("c", to: "d")
        try expectAnswers(1, store) { () throws in #expect(try store.get("kept") == "1") }
        #expect(try store.get("a") == "2")
        #expect(try store.get("b") == nil)
        #expect(try store.get("c") == nil)
        #expect(try store.get("d") == "1")
        try store.touch("kept", expiring: .after(.seconds(5)))
        #expect(try store.entry("kept")?.remaining == .seconds(5))
        #expect(try store.increment("n") == 1)
        #expect(try store.get("n", as: Int.self) == 1)
        #expect(try store.increment("n") == 2)
        #expect(try store.get("n", as: Int.self) == 2)
        #expect(try store.take("a") == "2")
        #expect(try store.get("a") == nil)
        #expect(try store.set("d", "new", when: .ifAbsent) == .conditionNotMet)
        #expect(try store.get("d") == "1")
    }

    @Test("a change of many entries is seen, by prefix, by tag, of all, in a transaction and rolled back")
    func bulkChanges() throws {
        let opened = try Setting.inFile.open()
        let store = opened.store
        func fill() throws {
            for key in ["p:1", "p:2", "q"] {
                try store.set(key, "1", tag: "t")
                _ = try store.get(key)
            }
        }
        try fill()
        try store.removeAll(.prefix("p:"))
        #expect(try store.get("p:1") == nil)
        #expect(try store.get("q") == "1")
        try fill()
        try store.touchAll(.tag("t"), expiring: .after(.seconds(9)))
        #expect(try store.entry("p:2")?.remaining == .seconds(9))
        try store.removeAll(.tag("t"))
        #expect(try store.get("q") == nil)
        try fill()
        struct Stop: Error {}
        #expect(throws: Stop.self) {
            try store.transaction { transaction in
                try transaction.set("q", "2")
                throw Stop()
            }
        }
        #expect(try store.get("q") == "1")
        try store.transaction { transaction in
            try transaction.set("q", "3")
            try transaction.remove("p:1")
        }
        #expect(try store.get("q") == "3")
        #expect(try store.get("p:1") == nil)
        try store.setAll((0..<3000).map { .init("many:\($0)", .text("x")) })
        #expect(try store.get("q") == "3")
        try store.removeAll(.all)
        #expect(try store.get("q") == nil)
    }

    @Test("a checkpoint keeps what is in memory, the store's own and another process's")
    func checkpoints() throws {
        let opened = try Setting.inFile.open()
        let store = opened.store
        try store.set("a", "1")
        _ = try store.get("a")
        let checkpointer = try #require(store.engine.writing?.checkpointer)
        for truncating in [true, false] {
            #expect(try checkpointer.run(truncating: truncating) == .complete)
            try expectAnswers(0...1, store) { () throws in #expect(try store.get("a") == "1") }
            try expectAnswers(1, store) { () throws in #expect(try store.get("a") == "1") }
            try store.set("other", "x")
        }
        _ = try shell(opened.path, "PRAGMA wal_checkpoint(TRUNCATE)")
        _ = try store.get("unknown")
        try expectAnswers(1, store) { () throws in #expect(try store.get("a") == "1") }
    }

    @Test("an entry expires in memory by the clock, and lives again if the clock is set back before it is deleted")
    func expiry() throws {
        let opened = try Setting.inFile.open()
        let (store, clock) = (opened.store, opened.clock)
        try store.set("a", "1", expiring: .after(.milliseconds(100)))
        _ = try store.get("a")
        clock.advance(by: .milliseconds(99))
        try expectAnswers(1, store) { () throws in #expect(try store.get("a") == "1") }
        clock.advance(by: .milliseconds(1))
        try expectAnswers(1, store) { () throws in #expect(try store.get("a") == nil) }
        clock.advance(by: .milliseconds(-1))
        #expect(try store.get("a") == "1")
        clock.advance(by: .milliseconds(1))
        #expect(try store.purgeExpired() == 1)
        clock.advance(by: .milliseconds(-50))
        #expect(try store.get("a") == nil)
    }

    @Test("what was expired when it was read lives again if the clock is set back")
    func expiredAtFirst() throws {
        let opened = try Setting.inFile.open()
        let (store, clock) = (opened.store, opened.clock)
        try store.set("a", "1", expiring: .after(.milliseconds(100)))
        clock.advance(by: .milliseconds(200))
        #expect(try store.get("a") == nil)
        #expect(try store.get("a") == nil)
        clock.advance(by: .milliseconds(-150))
        #expect(try store.get("a") == "1")
    }

    @Test("an evicted entry leaves the memory as well")
    func eviction() throws {
        let opened = try Setting.inFile.open { $0.maximumEntries = 50 }
        let store = opened.store
        for number in 0..<200 {
            try store.set("\(number)", "x")
            _ = try store.get("\(number)")
        }
        let live = Set(try store.keys(limit: 1000).elements)
        for number in 0..<200 { #expect(try (store.get("\(number)") != nil) == live.contains("\(number)")) }
    }

    struct Point: Codable, Equatable {
        var x: Int
    }

    struct Other: Codable {
        var y: Int
    }

    @Test("a decoded value is kept for its type, and for no other")
    func decoded() throws {
        let opened = try Setting.inFile.open()
        let store = opened.store
        try store.set("a", Point(x: 1))
        for _ in 0..<3 {
            #expect(try store.get("a", as: Point.self) == Point(x: 1))
            expectFailure(.decodingFailed) { try store.get("a", as: Other.self) }
            expectFailure(.wrongKind) { try store.get("a", as: [UInt8].self) }
            #expect(try store.get("a") == #"{"x":1}"#)
        }
        try store.set("a", Point(x: 2))
        #expect(try store.get("a", as: Point.self) == Point(x: 2))
        _ = try shell(opened.path, #"UPDATE live SET value = '{"x":3}'"#)
        #expect(try store.get("a", as: Point.self) == Point(x: 3))
    }

    @Test("two spellings of a key are two keys")
    func spellings() throws {
        let opened = try Setting.inFile.open()
        let store = opened.store
        try store.set("caf\u{E9}", "one")
        for _ in 0..<3 {
            #expect(try store.get("caf\u{E9}") == "one")
            #expect(try store.get("cafe\u{301}") == nil)
        }
    }
}
