import Foundation
import TTLStore
import TTLTestSupport
import Testing

@Suite("Operations of many at once on one file", .hangLimit) struct OperationConcurrencyTests {
    private let folder: TemporaryFolder
    private let stores: [TTLStore]

    init() throws {
        let folder = try TemporaryFolder()
        self.folder = folder
        stores = try (0..<2).map { _ in try TTLStore(path: folder("store.db")) }
    }

    @Test("a batch is seen whole or not at all, and a batched read is of one moment")
    func batches() throws {
        let keys = (0..<20).map { "key:\($0)" }
        let (changes, readersEnded, writerEnded) = (Counter(), Counter(), Counter())
        onThreads(3) { thread in
            #expect(throws: Never.self) {
                if thread == 0 {
                    defer { writerEnded.add() }
                    var round: Int64 = 0
                    while readersEnded.value < 2 {
                        try stores[0].setAll(keys.map { TTLStore.BatchEntry($0, .integer(round)) })
                        round += 1
                    }
                } else {
                    defer { readersEnded.add() }
                    var seen = [Set<TTLStore.Value?>]()
                    while seen.count < 100, writerEnded.value == 0 {
                        let values = Set(try stores[thread % 2].getAll(keys, as: TTLStore.Value.self))
                        #expect(values.count == 1, "torn")
                        if seen.last != values { seen.append(values) }
                    }
                    changes.add(seen.count)
                }
            }
        }
        #expect(changes.value == 2 * 100)
        for store in stores { store.close() }
    }

    @Test("no increment is lost among threads and tasks")
    func sums() async throws {
        onThreads(4) { thread in
            #expect(throws: Never.self) {
                for _ in 0..<100 { try stores[thread % 2].increment("sum", by: 2) }
            }
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for task in 0..<20 {
                group.addTask { for _ in 0..<20 { _ = try await stores[task % 2].decrement("sum") } }
            }
            try await group.waitForAll()
        }
        #expect(try await stores[0].get("sum", as: Int.self) == 4 * 100 * 2 - 20 * 20)
        for store in stores { await store.close() }
    }

    @Test("of many takers exactly one wins each value")
    func oneWinner() async throws {
        for number in 0..<200 { try await stores[0].set("key:\(number)", number) }
        let takes = (0..<200).map { _ in Counter() }
        await withTaskGroup(of: Void.self) { group in
            for taker in 0..<8 {
                group.addTask {
                    await #expect(throws: Never.self) {
                        for number in 0..<200 {
                            guard let taken = try await stores[taker % 2].take("key:\(number)", as: Int.self) else {
                                continue
                            }
                            #expect(taken == number)
                            takes[number].add()
                        }
                    }
                }
            }
        }
        #expect(takes.allSatisfy { $0.value == 1 })
        for store in stores { await store.close() }
    }
}
