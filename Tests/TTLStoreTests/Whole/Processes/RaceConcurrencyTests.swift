import Foundation
import TTLStore
import TTLTestSupport
import Testing

@Suite("Eight processes that race for the same keys", .serialized, .hangLimit)
struct RaceConcurrencyTests {
    private let folder: TemporaryFolder
    private let path: String
    private let store: TTLStore

    init() throws {
        folder = try TemporaryFolder()
        path = folder("store.db")
        store = try TTLStore(path: path)
    }

    private static let keys = (0..<200).map { "key:\($0)" }

    @Test("one of eight processes wins each key that all try to store if absent")
    func claiming() throws {
        let wins = try race(8, "claim", path, "key", "200").joined()
        #expect(wins.sorted() == RaceConcurrencyTests.keys.sorted())
        #expect(try store.count() == 200)
    }

    @Test("one of eight processes wins each value that all try to take")
    func taking() throws {
        try store.setAll(RaceConcurrencyTests.keys.map { .init($0, .text("value")) })
        let wins = try race(8, "take", path, "key", "200").joined()
        #expect(wins.sorted() == RaceConcurrencyTests.keys.sorted())
        #expect(try store.count() == 0)
    }

    @Test("eight processes that increment and update a number lose no step, and make no sum twice")
    func counting() throws {
        let sums = try race(8, "increment", path, "sum", "200").joined()
        #expect(sums.compactMap(Int.init).sorted() == Array(1...3200))
        #expect(try store.get("sum", as: Int.self) == 3200)
    }

    @Test("eight processes that exchange a value get each stored value exactly once")
    func exchanging() throws {
        try store.set("key", "first")
        var successors: [String: String] = [:]
        for line in try race(8, "exchange", path, "key", "50").joined() {
            let words = line.split(separator: " ").map(String.init)
            try #require(words.count == 2, "\(line)")
            #expect(successors.updateValue(words[0], forKey: words[1]) == nil, "\(words[1]) was returned twice")
        }
        #expect(successors.count == 8 * 2 * 50)
        // One chain from the first value to the one that is left.
        var last = "first"
        while let next = successors.removeValue(forKey: last) { last = next }
        #expect(successors.isEmpty)
        #expect(try store.get("key") == last)
    }

    @Test("eight processes that transfer among accounts keep their sum, in every batched read")
    func transferring() throws {
        try store.setAll((0..<8).map { .init("account:\($0)", .integer(100)) })
        let sums = try race(8, "transfer", path, "account", "8", "40").joined()
        #expect(Array(sums) == Array(repeating: "800", count: 8 * 2 * 40))
        let values = try store.getAll((0..<8).map { "account:\($0)" }, as: Int.self)
        #expect(values != Array(repeating: 100, count: 8))
    }
}
