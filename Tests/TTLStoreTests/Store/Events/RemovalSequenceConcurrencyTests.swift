import TTLTestSupport
import Testing

@testable import TTLStore

@Suite("A sequence of removals", .hangLimit) struct RemovalSequenceConcurrencyTests {
    @Test("a sequence of removals ends when the store closes, after the buffered ones", arguments: Setting.all)
    func closing(setting: Setting) async throws {
        let test = try setting.open()
        let removals = try test.store.removals()
        for number in 0..<5 { try await test.set("key", "\(number)") }
        try await test.remove("key")
        await test.close()
        var causes: [TTLStore.Removal.Cause] = []
        for await removal in removals { causes.append(removal.cause) }
        #expect(causes == Array(repeating: .overwritten, count: 4) + [.removed])
        // It stays ended.
        for await _ in removals { Issue.record("it had ended") }
    }

    @Test(
        "a sequence of removals ends for a waiting task when the store closes or is dropped", arguments: [true, false])
    func waiting(isClosed: Bool) async throws {
        var test: StoreUnderTest? = try Setting.inFile.open()
        let removals = try #require(test).store.removals()
        let task = Task {
            var count = 0
            for await _ in removals { count += 1 }
            return count
        }
        try await test?.set("key", "1")
        try await test?.set("key", "2")
        await Task.yield()
        if isClosed { await test?.close() }
        test = nil
        #expect(await task.value == 1)
    }

    @Test("a sequence of removals wakes a waiting task after a commit")
    func waking() async throws {
        let test = try Setting(form: .suspending, place: .file).open()
        for number in 0..<50 {
            let removals = try test.store.removals()
            let task = Task { await removals.makeAsyncIterator().next() }
            if number % 2 == 0 { await Task.yield() }
            try await test.set("key:\(number)", "1")
            try await test.remove("key:\(number)")
            #expect(await task.value?.key == "key:\(number)")
        }
        await test.close()
    }

    @Test("a sequence of removals ends at once when a waiting task is cancelled", arguments: [true, false])
    func cancellation(isWaiting: Bool) async throws {
        let test = try Setting.inMemory.open()
        let removals = try test.store.removals()
        try await test.set("key", "1")
        try await test.set("key", "2")
        try await test.set("key", "3")
        let (reads, read) = AsyncStream.makeStream(of: Void.self)
        let task = Task {
            if !isWaiting { while !Task.isCancelled { await Task.yield() } }
            var count = 0
            for await _ in removals {
                count += 1
                read.yield()
            }
            return count
        }
        if isWaiting {
            var iterator = reads.makeAsyncIterator()
            for _ in 0..<2 { await iterator.next() }
            await Task.yield()
        }
        task.cancel()
        #expect(await task.value == (isWaiting ? 2 : 0))
        // Although the sequence has not been released.
        #expect(test.store.engine.removals.demand == nil)
        try await test.set("key", "4")
        for await _ in removals { Issue.record("it had ended") }
        await test.close()
    }

    @Test("a sequence gives each removal to one of several tasks, and all of them end")
    func severalTasks() async throws {
        let test = try Setting(form: .suspending, place: .memory).open()
        let removals = try test.store.removals(includingValues: true)
        let values = try await withThrowingTaskGroup(of: [Value?].self) { group in
            for _ in 0..<4 {
                group.addTask { await removals.reduce(into: []) { $0.append($1.value) } }
            }
            for number in 0...200 { try await test.set("key", TTLStore.Value.integer(Int64(number))) }
            await test.close()
            return try await group.reduce(into: []) { $0 += $1 }
        }
        #expect(Set(values) == Set((0..<200).map { .integer($0) }))
        #expect(values.count == 200)
    }

    @Test("a sequence of removals begins with the call, not with the first read, and is independent of others")
    func beginning() async throws {
        let test = try Setting.inMemory.open()
        try await test.set("key", "1")
        try await test.set("key", "2")
        let first = try test.store.removals(includingValues: true)
        try await test.set("key", "3")
        let second = try test.store.removals(includingValues: true)
        try await test.set("key", "4")
        await test.close()
        #expect(await first.reduce(into: []) { $0.append($1.value) } == [.text("2"), .text("3")])
        #expect(await second.reduce(into: []) { $0.append($1.value) } == [.text("3")])
    }

    @Test("a sequence of removals does not keep the store open")
    func life() throws {
        let folder = try TemporaryFolder()
        var store: TTLStore? = try TTLStore(path: folder("store.db"))
        let removals = try #require(try store?.removals())
        store = nil
        #expect(Census.descriptors(below: folder.path) == 0)
        #expect(removals.takeBuffered().isEmpty)
    }

    @Test("removals() throws for a closed or read-only store, and inside a transaction")
    func refused() async throws {
        let test = try Setting.inFile.open()
        try test.inTransaction { _ in expectFailure(.reentrant) { try test.store.removals() } }
        let reader = try test.reopened { $0.access = .readOnly }
        expectFailure(.closed) { () throws in try test.store.removals() }
        expectFailure(.readOnlyStore) { () throws in try reader.store.removals() }
        await reader.close()
    }
}

extension StoreUnderTest {
    fileprivate func inTransaction(_ body: (TTLStore.Transaction) throws -> Void) throws {
        try store.transaction(body)
    }
}
