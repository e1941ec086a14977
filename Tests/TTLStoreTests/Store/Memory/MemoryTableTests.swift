import TTLTestSupport
import Testing

@testable import TTLStore

@Suite("The table of the memory of reads") struct MemoryTableTests {
    private func key(_ text: String) throws -> HashedKey { HashedKey(try Key(text, in: "test")) }

    private func absent(_ text: String) throws -> Remembered { Remembered(try key(text)) }

    @Test("it finds what a dictionary finds, in any order of insertions and removals", arguments: [1, 2, 3, 4])
    func model(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var table = MemoryTable(limit: 1 << 20)
        var model: [String: ObjectIdentifier] = [:]
        for _ in 0..<20_000 {
            let text = "key \(Int.random(in: 0..<600, using: &random))"
            if Bool.random(using: &random) {
                let row = try absent(text)
                table.insert(row)
                model[text] = ObjectIdentifier(row)
            } else {
                table.remove(try key(text))
                model[text] = nil
            }
            #expect(table.count == model.count)
        }
        for number in 0..<600 {
            let text = "key \(number)"
            #expect(table[try key(text)].map(ObjectIdentifier.init) == model[text])
        }
        #expect(try table.size == model.keys.reduce(0) { $0 + (try absent($1).size) })
    }

    @Test("it stays within its size, and what was recalled outlives what was not")
    func bound() throws {
        var table = MemoryTable(limit: 100_000)
        for number in 0..<200 {
            table.insert(try absent("hot \(number)"))
            table[try key("hot \(number)")]?.isRecalled = true
        }
        for number in 0..<80 { table.insert(try absent("new \(number)")) }
        #expect(table.size <= 100_000)
        #expect(try (0..<200).allSatisfy { table[try key("hot \($0)")] != nil })
    }

    @Test("a scan over keys that are looked up once takes nothing out of a full table")
    func scan() throws {
        var table = MemoryTable(limit: 50_000)
        var number = 0
        while table.admits(try key("first \(number)")) {
            table.insert(try absent("first \(number)"))
            number += 1
        }
        let count = table.count
        #expect(count > 100)
        var admitted = 0
        for number in 0..<50_000 where table.admits(try key("scanned \(number)")) { admitted += 1 }
        // Two keys may share a mark.
        #expect(admitted < 50)
        #expect(table.count == count)
        #expect(!table.admits(try key("again")))
        #expect(table.admits(try key("again")))
    }

    @Test("keys that differ in their bytes are different keys")
    func spellings() throws {
        var table = MemoryTable(limit: 1 << 20)
        table.insert(try absent("caf\u{E9}"))
        #expect(table[try key("cafe\u{301}")] == nil)
        #expect(table[try key("caf\u{E9}")] != nil)
    }
}
