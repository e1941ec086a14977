import TTLTestSupport
import Testing

@testable import TTLStore

@Suite("getAll from memory and other writers") struct ManyKeysConcurrencyTests {
    @Test("all values are as of one moment, while threads of the program and another process write")
    func oneMoment() throws {
        let opened = try Setting.inFile.open { $0.purging = .automatic }
        let store = opened.store
        let keys = (0..<8).map { "account \($0)" }
        try store.setAll(keys.map { .init($0, .text("100")) })
        let moves = """
            .timeout 30000
            PRAGMA synchronous = OFF;
            BEGIN IMMEDIATE;
            UPDATE live SET value = CAST(value - 1 AS TEXT) WHERE key = 'account 2';
            UPDATE live SET value = CAST(value + 1 AS TEXT) WHERE key = 'account 5';
            COMMIT;

            """
        let path = try opened.path
        let writing = Counter()
        onThreads(5) { number in
            switch number {
            case 0:
                for _ in 0..<40 { #expect(throws: Never.self) { _ = try shell(path, moves) } }
                writing.add()
            case 1:
                for round in 0..<400 {
                    let (from, to) = (keys[round % 8], keys[(round + 3) % 8])
                    #expect(throws: Never.self) {
                        try store.transaction { transaction in
                            let (left, right) = (try transaction.get(from), try transaction.get(to))
                            try transaction.set(from, "\((left.flatMap(Int.init) ?? 0) - 1)")
                            try transaction.set(to, "\((right.flatMap(Int.init) ?? 0) + 1)")
                        }
                    }
                }
                writing.add()
            default:
                while writing.value < 2 {
                    let values = (try? store.getAll(keys, as: String.self)) ?? []
                    let sum = values.reduce(0) { $0 + ($1.flatMap(Int.init) ?? 0) }
                    #expect(sum == 800)
                }
            }
        }
        #expect(try store.statistics().memoryAnswers > 0)
    }
}
