import Foundation
import TTLTestSupport
import Testing

@testable import TTLStore

@Suite("Removals of many threads", .hangLimit) struct RemovalConcurrencyTests {
    @Test("removals reach each consumer completely and in the order of the commits, while others come and go")
    func manyThreads() async throws {
        let folder = try TemporaryFolder()
        let calls = HandlerCalls()
        var configuration = TTLStore.Configuration()
        configuration.onRemovals = { calls.append($0) }
        configuration.removalsIncludeValues = true
        let store = try await TTLStore(path: folder("store.db"), configuration: configuration)
        let (all, live) = (try store.removals(includingValues: true), try store.removals(includingValues: true))
        let reading = Task { await live.reduce(into: []) { $0.append($1) } }
        write(store)
        await store.close()
        let (first, second) = (await all.reduce(into: []) { $0.append($1) }, await reading.value)
        expectComplete(first)
        #expect(first == second)
        #expect(eventually { calls.removals.count == first.count })
        #expect(calls.removals == first)
    }

    private static let (writers, rounds, keys) = (4, 150, 3)

    private func write(_ store: TTLStore) {
        onThreads(RemovalConcurrencyTests.writers + 2) { thread in
            do throws(TTLStoreError) {
                if thread < RemovalConcurrencyTests.writers {
                    for round in 0...RemovalConcurrencyTests.rounds {
                        for key in 0..<RemovalConcurrencyTests.keys {
                            try store.set("\(thread):\(key)", TTLStore.Value.integer(Int64(round)))
                        }
                    }
                } else {
                    for round in 0..<100 {
                        let removals = try store.removals(includingValues: round % 2 == 0, buffering: 1 + round)
                        let task = Task { for await _ in removals {} }
                        try store.purgeExpired()
                        if round % 3 > 0 { task.cancel() }
                        if round % 3 > 1 { _ = removals.dropped }
                    }
                }
            } catch { Issue.record("\(error)") }
        }
    }

    private func expectComplete(_ removals: [TTLStore.Removal]) {
        let byKey = Dictionary(grouping: removals, by: \.key)
        #expect(byKey.count == RemovalConcurrencyTests.writers * RemovalConcurrencyTests.keys)
        for values in byKey.values {
            #expect(values.map(\.value) == (0..<RemovalConcurrencyTests.rounds).map { .integer(Int64($0)) })
        }
    }

    @Test("of operations that share a commit, a failed one reports no removal and the others do")
    func sharedCommit() throws {
        let test = try Setting.inFile.open()
        let store = test.store
        try store.set("text", "1")
        let removals = try store.removals()
        try store.onThreadsSharingCommits(16) { thread in
            if thread % 2 == 0 {
                expectFailure(.wrongKind) { try store.increment("text") }
            } else {
                #expect(throws: Never.self) { try store.set("text", "\(thread)") }
            }
        }
        #expect(removals.takeBuffered().map(\.cause) == Array(repeating: .overwritten, count: 8))
        #expect(try store.membersOfLastCommit() == 16)
        store.close()
    }

    @Test("every sequence of removals ends when the store is closed, and nothing hangs")
    func closing() async throws {
        for round in 0..<20 {
            let store = try TTLStore.inMemory()
            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<3 {
                    group.addTask {
                        while let removals = try? store.removals() { for await _ in removals {} }
                    }
                }
                for number in 0..<3 {
                    group.addTask {
                        while (try? await store.set("key:\(number)", "x")) != nil { await Task.yield() }
                    }
                }
                for _ in 0..<round { await Task.yield() }
                await store.close()
            }
            #expect(store.engine.removals.demand == nil)
        }
    }
}
