import Foundation
import Synchronization
import TTLTestSupport
import Testing

@testable import TTLStore

@Suite("Transactions that are ended from outside, concurrently") struct EndedTransactionConcurrencyTests {
    private let folder: TemporaryFolder
    private var path: String { folder("store.db") }

    init() throws { folder = try TemporaryFolder() }

    private func open(_ adjust: (inout TTLStore.Configuration) -> Void = { _ in }) throws -> TTLStore {
        var configuration = TTLStore.Configuration()
        configuration.purging = .manual
        adjust(&configuration)
        return try TTLStore(path: path, configuration: configuration)
    }

    @Test("a statement that close() interrupts ends its transaction with closed", .hangLimit)
    func interrupted() throws {
        try makeBacklog(path, dead: 0, kept: 50_000)
        let store = try open()
        let closing = Gate()
        onThreads(2) { number in
            if number == 0 {
                expectFailure(.closed) {
                    try store.transaction { transaction in
                        closing.open()
                        // Until an interrupt meets one of them.
                        while true { _ = try transaction.count(.prefix("kept:")) }
                    }
                }
            } else {
                closing.pass()
                store.close()
            }
        }
        try expectIntact(path)
    }

    @Test("a purge by hand that close() ends throws closed", .hangLimit)
    func purge() throws {
        try makeBacklog(path, dead: 5000)
        let store = try open { $0.busyTimeout = .seconds(3600) }
        let holder = try otherProcess("hold", path)
        #expect(holder.readLine() == "held")
        let begun = Gate()
        onThreads(2) { number in
            if number == 0 {
                begun.open()
                expectFailure(.closed) { try store.purgeExpired() }
            } else {
                begun.pass()
                // Until it waits for the lock.
                #expect(eventually { store.engine.writing?.queue.isTaken.load(ordering: .relaxed) ?? false })
                store.close()
            }
        }
        #expect(holder.ask("") == "released")
    }

    @Test("a task that waits behind a closure gets closed while the closure still runs")
    func waitingTask() async throws {
        let store = try open { $0.busyTimeout = .seconds(3600) }
        let (running, told) = (Gate(), Gate())
        let closure = Task {
            await expectFailure(.closed) { () async throws in
                try await store.transaction { _ in
                    running.open()
                    #expect(eventually { told.isOpen })
                }
            }
        }
        await running.opened()
        let waiting = Task {
            await expectFailure(.closed) { () async throws in try await store.set("k", "v") }
            told.open()
        }
        #expect(await isWaiting(store))
        await store.close()
        _ = await waiting.value
        _ = await closure.value
    }

    /// Suspends until a request waits for the turn.
    private func isWaiting(_ store: TTLStore) async -> Bool {
        for _ in 0..<10_000 {
            if store.engine.writing?.queue.waiting.load(ordering: .relaxed) ?? 0 > 0 { return true }
            try? await Task.sleep(for: .milliseconds(2))
        }
        return false
    }

    @Test("using a transaction on another thread is refused, and the closure goes on")
    func otherThread() throws {
        let store = try open()
        try store.transaction { transaction in
            // Unsafe on purpose: the compiler keeps a transaction on its thread, but not in unchecked code.
            nonisolated(unsafe) let transaction = transaction
            onThreads(2) { _ in
                expectFailure(.wrongThread) { try transaction.set("other", "v") }
                expectFailure(.wrongThread) { try transaction.get("own") as String? }
            }
            try transaction.set("own", "v")
        }
        #expect(try store.keys().elements == ["own"])
        store.close()
    }

    @Test("a closure that writes to its file through a second store is refused at once, and may read through it")
    func secondStore() throws {
        let (store, second) = try (open { $0.busyTimeout = .seconds(3600) }, open { $0.busyTimeout = .seconds(3600) })
        try second.set("k", "before")
        try store.transaction { transaction in
            try transaction.set("k", "inside")
            expectFailure(.reentrant) { try second.set("k", "v") }
            expectFailure(.reentrant) { try second.transaction { _ in } }
            // Neither a purge that finds nothing nor a read waits for the lock.
            #expect(try second.purgeExpired() == 0)
            #expect(try second.get("k") == "before")
        }
        #expect(try second.get("k") == "inside")
        #expect(try second.set("k", "after") == .stored)
        store.close()
        second.close()
    }

    @Test("a transaction does not write to a file that was renamed while its closure ran")
    func renamed() throws {
        let store = try open()
        try store.set("k", "before")
        expectFailure(.fileReplaced) {
            try store.transaction { transaction in
                try transaction.set("k", "inside")
                try FileManager.default.moveItem(atPath: path, toPath: folder("away.db"))
            }
        }
        try FileManager.default.moveItem(atPath: folder("away.db"), toPath: path)
        #expect(try store.get("k") == "before")
        store.close()
    }

    @Test("the child of a closure that forks commits nothing")
    func fork() throws {
        let child = try otherProcess("fork-inside", path)
        var lines: [String] = []
        while let line = child.readLine() { lines.append(line) }
        #expect(child.wait() == 0)
        #expect(
            lines == [
                "child set: forked", "child transaction: forked", "child exited with 0", "parent transaction: no error",
                "parent finds inside",
            ])
        try expectIntact(path)
    }
}
