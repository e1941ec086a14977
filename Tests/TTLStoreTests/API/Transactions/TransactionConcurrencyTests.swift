import TTLTestSupport
import Testing

@testable import TTLStore

@Suite("Transactions, concurrently", .hangLimit) struct TransactionConcurrencyTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func open(_ adjust: (inout TTLStore.Configuration) -> Void = { _ in }) throws -> TTLStore {
        var configuration = TTLStore.Configuration()
        adjust(&configuration)
        return try TTLStore(path: folder("store.db"), configuration: configuration)
    }

    @Test("transfers among accounts keep their sum, in every transaction and every batched read")
    func transfers() async throws {
        let stores = try [open(), open()]
        let names = (0..<8).map { "account:\($0)" }
        try await stores[0].setAll(names.map { .init($0, .integer(100)) })
        await withTaskGroup(of: Void.self) { group in
            for task in 0..<8 {
                let store = stores[task % 2]
                group.addTask {
                    do {
                        for step in 0..<40 {
                            let (from, to) = (names[(task + step) % 8], names[(task * 3 + step * 5 + 1) % 8])
                            try await store.transaction { transaction in
                                try transaction.decrement(from, by: 7)
                                try transaction.increment(to, by: 7)
                            }
                            let values = try await store.getAll(names, as: Int.self)
                            #expect(values.compactMap(\.self).reduce(0, +) == 800)
                        }
                    } catch { Issue.record("\(error)") }
                }
            }
        }
        for store in stores { await store.close() }
    }

    @Test("no update, plain write or transaction is lost when they run together")
    func mixed() throws {
        let store = try open()
        onThreads(8) { thread in
            do {
                for number in 0..<60 {
                    switch thread % 4 {
                    case 0: try store.update("sum", as: Int.self) { $0 = ($0 ?? 0) + 1 }
                    case 1: try store.increment("sum")
                    case 2: try store.transaction { _ = try $0.increment("sum") }
                    default: try store.set("\(thread):\(number)", number)
                    }
                }
            } catch { Issue.record("\(error)") }
        }
        #expect(try store.get("sum", as: Int.self) == 6 * 60)
        #expect(try store.count() == 121)
        store.close()
    }

    @Test("the closure of a transaction runs on the calling thread, even if others write")
    func ownThread() throws {
        let store = try open()
        onThreads(8) { thread in
            do {
                for number in 0..<50 {
                    if thread % 2 == 0 {
                        let own = ThreadNumber.current
                        try store.transaction { _ in #expect(ThreadNumber.current == own) }
                    } else {
                        try store.set("\(thread):\(number)", number)
                    }
                }
            } catch { Issue.record("\(error)") }
        }
        store.close()
    }

    @Test("a write behind a closure gives up after the busy timeout; reads do not wait")
    func givingUp() async throws {
        let clock = ManualClock()
        let store = try open { configuration in
            configuration.busyTimeout = .milliseconds(50)
            configuration.clock = clock.wallClock
            configuration.purging = .manual
        }
        try await store.set("k", "v")
        try await store.set("due", "v", expiring: .after(.seconds(1)))
        clock.advance(by: .seconds(1))
        let (begun, release) = (Counter(), Counter())
        let closure = Task.detached {
            try await store.transaction { transaction in
                begun.add()
                #expect(eventually { release.value > 0 })
                try transaction.set("k", "w")
            }
        }
        #expect(await eventuallyWithoutBlocking { begun.value > 0 })
        await expectFailure(.busy) { try await store.set("k", "x") }
        await expectFailure(.busy) { try await store.transaction { _ in } }
        await expectFailure(.busy) { try await store.purgeExpired() }
        onThreads(2) { thread in
            if thread == 0 { expectFailure(.busy) { try store.set("k", "x") } }
            if thread == 1 { expectFailure(.busy) { try store.transaction { _ in } } }
        }
        #expect(try await store.get("k") == "v")
        release.add()
        try await closure.value
        #expect(try await store.get("k") == "w")
        try await store.set("k", "x")
        await store.close()
    }

    @Test(
        "close inside a transaction's closure rolls back, and closes the store when the closure has returned",
        arguments: [true, false])
    func closeInside(isSuspending: Bool) async throws {
        let store = try open()
        try await store.set("k", "v")
        let body: @Sendable (TTLStore.Transaction) throws -> Void = { transaction in
            try transaction.set("k", "w")
            store.close()
            store.close()
            expectFailure(.closed) { try transaction.set("k", "x") }
            expectFailure(.closed) { try store.set("k", "x") }
        }
        if isSuspending {
            await expectFailure(.closed) { try await store.transaction(body) }
        } else {
            onThreads(1) { _ in expectFailure(.closed) { try store.transaction(body) } }
        }
        #expect(Census.descriptors(below: folder.path) == 0)
        let again = try open()
        #expect(try await again.get("k") == "v")
        await again.close()
    }

    @Test("close from another thread waits for the closure, whose transaction is rolled back")
    func closeMeanwhile() async throws {
        let store = try open()
        try await store.set("k", "v")
        let (begun, closing) = (Counter(), Counter())
        onThreads(2) { thread in
            if thread == 0 {
                expectFailure(.closed) {
                    try store.transaction { transaction in
                        try transaction.set("k", "w")
                        begun.add()
                        #expect(eventually { closing.value > 0 })
                        #expect(eventually { (try? transaction.set("k", "x")) == nil })
                    }
                }
            } else {
                #expect(eventually { begun.value > 0 })
                closing.add()
                store.close()
                #expect(Census.descriptors(below: folder.path) == 0)
            }
        }
        let again = try open()
        #expect(try await again.get("k") == "v")
        await again.close()
    }

    @Test("hundreds of tasks in transactions need no thread each")
    func manyTasks() async throws {
        let store = try open()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<500 { group.addTask { try await store.transaction { _ = try $0.increment("sum") } } }
            for _ in 0..<500 { group.addTask { _ = try await store.increment("sum") } }
            try await group.waitForAll()
        }
        #expect(try await store.get("sum", as: Int.self) == 1000)
        await store.close()
    }
}
