import TTLTestSupport
import Testing

@testable import TTLStore

@Suite("The memory of reads: its size, where it is off, and after a crash") struct ReadMemoryStateTests {
    @Test("it stays within its size, and gives it back when nothing is looked up")
    func size() throws {
        let opened = try Setting.inFile.open { $0.memory = 64 << 10 }
        let store = opened.store
        try store.setAll((0..<2000).map { .init("\($0)", .text(String(repeating: "v", count: 200))) })
        for _ in 0..<3 { for number in 0..<2000 { _ = try store.get("\(number)") } }
        #expect(try store.statistics().memorySize <= 64 << 10)
        #expect(try store.statistics().memoryRows > 50)
        try store.set("large", String(repeating: "v", count: 20_000))
        for _ in 0..<3 { #expect(try store.get("large")?.utf8.count == 20_000) }
        let memory = try #require(store.engine.memory)
        let now = MonotonicTime.now
        memory.releaseIfIdle(at: now)
        memory.releaseIfIdle(at: now + 59_999)
        #expect(try store.statistics().memoryRows > 0)
        // A look-up that memory answers begins the minute anew, where the thread next looks.
        #expect(try store.get("1999") != nil)
        #expect(try store.get("1999") != nil)
        memory.releaseIfIdle(at: now + 60_000)
        memory.releaseIfIdle(at: now + 119_999)
        #expect(try store.statistics().memoryRows > 0)
        memory.releaseIfIdle(at: now + 120_000)
        #expect(try store.statistics().memoryRows == 0)
    }

    @Test("it is off without a size, for a store in memory, and waits as long as the log has no commit")
    func off() throws {
        #expect(try Setting.inMemory.open().store.statistics().memoryState == .off)
        let opened = try Setting.inFile.open { $0.memory = 0 }
        try opened.store.set("a", "1")
        try expectAnswers(0, opened.store) { () throws in for _ in 0..<3 { _ = try opened.store.get("a") } }
        #expect(try opened.store.statistics().memoryState == .off)
        let path = try opened.path
        opened.store.close()
        let again = try TTLStore(path: path)
        #expect(try again.statistics().memoryState == .waiting)
        try expectAnswers(0, again) { () throws in for _ in 0..<3 { #expect(try again.get("a") == "1") } }
        try again.set("b", "1")
        try expectAnswers(2, again) { () throws in for _ in 0..<3 { #expect(try again.get("a") == "1") } }
        #expect(try again.statistics().memoryState == .on)
        again.close()
        #expect(throws: TTLStoreError.self) { try again.get("a") }
    }

    @Test("a memory of a negative or an absurd size is refused", arguments: [-1, Int.min, 65 << 30, Int.max])
    func invalidSize(size: Int) {
        expectFailure(.invalidConfiguration) { try Setting.inFile.open { $0.memory = size } }
    }

    @Test("a store that only reads remembers beside a writer, and sees its next commit")
    func readOnly() throws {
        let opened = try Setting.inFile.open()
        try opened.store.set("a", "1")
        var configuration = opened.store.configuration
        configuration.access = .readOnly
        let reader = try TTLStore(path: opened.path, configuration: configuration)
        defer { reader.close() }
        for _ in 0..<3 { #expect(try reader.get("a") == "1") }
        try opened.store.set("a", "2")
        #expect(try reader.get("a") == "2")
    }

    @Test("after a crash and a recovery, the count of commits comes to the same number, and no old value comes back")
    func recovery() throws {
        let opened = try Setting.inFile.open()
        let store = opened.store
        let path = try opened.path
        for _ in 0..<3 { try store.set("a", "old") }
        #expect(try store.get("a") == "old")
        let connection = try #require(store.engine.writing).queue.writer.connection
        let index = try #require(LogIndex(connection))
        let before = try #require(index.header())
        // As a writer leaves it that is killed between the two copies of the header. In another process: closing the
        // file in this one would drop SQLite's locks.
        let command = "printf x | dd of='\(path)-shm' bs=1 seek=60 conv=notrunc"
        let spoiled = try ChildProcess.run("/bin/sh", ["-c", command])
        #expect(spoiled.status == 0)
        for number in 1... {
            _ = try shell(path, "UPDATE live SET value = 'new \(number)' WHERE key = 'a'")
            #expect(try store.get("a") == "new \(number)")
            let now = try #require(index.header())
            // Recovery has begun to count anew.
            #expect(now.change <= before.change)
            if now.change == before.change { break }
        }
        try store.set("a", "own")
        #expect(try store.get("a") == "own")
    }
}
