import Foundation
import Synchronization
import TTLTestSupport
import Testing

@testable import TTLStore

@Suite("A closure of a task is a part of that task", .hangLimit) struct TaskContextConcurrencyTests {
    @TaskLocal private static var name = "none"

    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func open(_ adjust: (inout TTLStore.Configuration) -> Void = { _ in }) throws -> TTLStore {
        var configuration = TTLStore.Configuration()
        adjust(&configuration)
        return try TTLStore(path: folder("store.db"), configuration: configuration)
    }

    /// What a closure sees of the task within which it runs.
    private struct Seen: Equatable {
        var name = TaskContextConcurrencyTests.name
        var isCancelled = Task.isCancelled
        var isTask = withUnsafeCurrentTask { $0 != nil }
    }

    private let expected = Seen(name: "own", isCancelled: true, isTask: true)

    /// In a task with a value of its own, which is cancelled before.
    private func inCancelledTask<Success: Sendable>(
        _ body: @escaping @Sendable () async throws -> Success
    ) async throws -> Success {
        let task = Task {
            while !Task.isCancelled { await Task.yield() }
            return try await TaskContextConcurrencyTests.$name.withValue("own", operation: body)
        }
        task.cancel()
        return try await task.value
    }

    @Test("the closure of a transaction or update is a part of its task, and commits though that is cancelled")
    func transactions() async throws {
        let store = try open()
        let inTransaction = try await inCancelledTask {
            try await store.transaction { transaction in
                try transaction.set("k", 1)
                return Seen()
            }
        }
        #expect(inTransaction == expected)
        let inUpdate = try await inCancelledTask {
            try await store.update("k", as: Int.self) { number in
                number = (number ?? 0) + 1
                return Seen()
            }
        }
        #expect(inUpdate == expected)
        #expect(try await store.get("k", as: Int.self) == 2)
        await store.close()
    }

    @Test("the progress closure of a purge, a backup, a check or a vacuum is a part of its task")
    func progress() async throws {
        let clock = ManualClock()
        let store = try open {
            $0.clock = clock.wallClock
            $0.purging = .manual
        }
        try await store.set("k", "v", expiring: .after(.seconds(1)))
        clock.advance(by: .seconds(1))
        let seen = Collected<Seen>()
        let note: @Sendable () -> Void = { seen.append(Seen()) }
        let path = folder("backup.db") as String
        try await TaskContextConcurrencyTests.$name.withValue("own") {
            #expect(try await store.purgeExpired { _ in note() } == 1)
            try await store.backup(to: path) { _ in note() }
            _ = try await store.check { _ in note() }
            try await store.vacuum { _ in note() }
        }
        #expect(seen.all.count >= 4)
        #expect(seen.all.allSatisfy { $0 == Seen(name: "own", isCancelled: false, isTask: true) })
        await store.close()
    }

    private struct Refusal: Error {}

    @Test("an error of a task's closure, or of the store, reaches the task, and nothing is kept")
    func errors() async throws {
        let store = try open()
        await #expect(throws: Refusal.self) {
            try await store.transaction { transaction in
                try transaction.set("k", "v")
                throw Refusal()
            }
        }
        await expectFailure(.reentrant) { try await store.transaction { _ in try store.get("k") } }
        #expect(try await store.get("k") == nil)
        await store.close()
        await expectFailure(.closed) { try await store.transaction { _ in Issue.record("it runs") } }
    }

    @Test("a task goes on in its isolation after its closure has run")
    @MainActor func isolation() async throws {
        let store = try open()
        let isOnMainThread = try await store.transaction { _ in Thread.isMainThread }
        #expect(!isOnMainThread)
        MainActor.assertIsolated()
        await store.close()
    }

    @Test("a thousand tasks run their closures, each with its own values, and all are committed")
    func many() async throws {
        let store = try open { $0.busyTimeout = .seconds(600) }
        await withTaskGroup(of: Void.self) { group in
            for number in 0..<1000 {
                group.addTask {
                    do {
                        let seen = try await TaskContextConcurrencyTests.$name.withValue("\(number)") {
                            try await store.transaction { transaction in
                                try transaction.increment("sum", by: Int64(number))
                                return Seen()
                            }
                        }
                        #expect(seen == Seen(name: "\(number)", isCancelled: false, isTask: true))
                    } catch { Issue.record("\(error)") }
                }
            }
        }
        #expect(try await store.get("sum", as: Int.self) == 499_500)
        await store.close()
    }

    @Test("a task's closure that is cancelled while it waits runs all the same, and sees the cancellation")
    func cancelledInLine() async throws {
        let store = try open { $0.busyTimeout = .seconds(600) }
        let gate = Gate()
        let holder = Task { try await store.transaction { _ in gate.pass() } }
        let tasks = (0..<50).map { _ in
            Task {
                try await store.transaction { transaction in
                    try transaction.increment("sum")
                    return Task.isCancelled
                }
            }
        }
        for task in tasks { task.cancel() }
        gate.open()
        try await holder.value
        for task in tasks { #expect(try await task.value) }
        #expect(try await store.get("sum", as: Int.self) == 50)
        await store.close()
    }

    @Test("a task's wait for its turn ends at its deadline, and the closure does not run")
    func deadline() async throws {
        let store = try open { $0.busyTimeout = .zero }
        let gate = Gate()
        let holder = Task { try await store.transaction { _ in gate.pass() } }
        #expect(await eventuallyWithoutBlocking { gate.arrived == 1 })
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<1000 {
                group.addTask {
                    await expectFailure(.busy) { try await store.transaction { _ in Issue.record("it runs") } }
                }
            }
        }
        gate.open()
        try await holder.value
        await store.close()
    }

    @Test(
        "each task with a closure ends once when the store is closed, with its commit or with an error",
        arguments: [false, true])
    func closing(byClosure: Bool) async throws {
        for round in 0..<5 {
            let store = try open { $0.busyTimeout = .seconds(600) }
            let before = try await store.get("sum", as: Int.self) ?? 0
            let committed = Counter()
            await withTaskGroup(of: Void.self) { group in
                for number in 0..<1000 {
                    group.addTask {
                        do {
                            try await store.transaction { transaction in
                                try transaction.increment("sum")
                                // In the middle of the others, which end on this thread.
                                if byClosure, number == 100 * round + 50 { store.close() }
                            }
                            committed.add()
                        } catch { #expect((error as? TTLStoreError)?.code == .closed, "\(error)") }
                    }
                }
                if !byClosure { group.addTask { await store.close() } }
            }
            await store.close()
            let reopened = try open()
            #expect(try await reopened.get("sum", as: Int.self) ?? 0 == before + committed.value)
            await reopened.close()
        }
    }
}
