import Foundation
import TTLTestSupport
import Testing

@testable import TTLStore

@Suite("Writers that wait for another transaction", .hangLimit)
struct WaitingBehindConcurrencyTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func open(_ adjust: (inout TTLStore.Configuration) -> Void) throws -> TTLStore {
        var configuration = TTLStore.Configuration()
        adjust(&configuration)
        return try TTLStore(path: folder("store.db"), configuration: configuration)
    }

    @Test("each waiting writer gets a result, also if the time of several is over at the same moment")
    func deadlines() throws {
        let store = try open { $0.busyTimeout = .milliseconds(20) }
        let holder = try open { $0.purging = .manual }
        let (answers, rounds) = (Counter(), Counter())
        onThreads(9) { thread in
            if thread == 0 {
                for _ in 0..<20 {
                    _ = try? holder.transaction { _ in usleep(23_000) }
                    rounds.add()
                    usleep(1000)
                }
            } else {
                while rounds.value < 20 {
                    do throws(TTLStoreError) {
                        try store.set("\(thread)", "v")
                    } catch { #expect(error.code == .busy) }
                    answers.add()
                }
            }
        }
        #expect(answers.value > 8)
        // No request was forgotten in the queue: it would wait for ever, or make the next ones wait.
        #expect(try store.set("last", "v") == .stored)
        store.close()
        holder.close()
    }

    @Test("hundreds of tasks behind a closure get their results in time")
    func tasks() async throws {
        let store = try open { $0.busyTimeout = .milliseconds(20) }
        let (begun, answered) = (Counter(), Counter())
        async let closure: Void = store.transaction { _ in
            begun.add()
            #expect(eventually { answered.value > 0 })
        }
        #expect(await eventuallyWithoutBlocking { begun.value > 0 })
        let busy = await withTaskGroup(of: Bool.self) { group in
            for number in 0..<500 {
                group.addTask {
                    do throws(TTLStoreError) {
                        try await store.set("\(number)", "v")
                        return false
                    } catch { return error.code == .busy }
                }
            }
            return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        answered.add()
        try await closure
        #expect(busy == 500)
        #expect(try await store.count() == 0)
        await store.close()
    }

    /// The threads that the test itself has started.
    private final class OwnThreads: Sendable {
        private let numbers = Guarded<Set<UInt>>([])

        func enter() { numbers.withLock { _ = $0.insert(ThreadNumber.current) } }
        func leave() { numbers.withLock { _ = $0.remove(ThreadNumber.current) } }
        var areCurrent: Bool { numbers.withLock { $0.contains(ThreadNumber.current) } }
    }

    @Test("a task's closure runs on none of the program's threads")
    func foreignThreads() async throws {
        let store = try open { _ in }
        let (own, ended) = (OwnThreads(), Counter())
        let writers = Task.detached {
            await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
                Thread.detachNewThread {
                    onThreads(4) { thread in
                        own.enter()
                        while ended.value < 4 { _ = try? store.set("\(thread)", "v") }
                        own.leave()
                    }
                    continuation.resume()
                }
            }
        }
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<4 {
                group.addTask {
                    for _ in 0..<100 {
                        let isOwn = try? await store.transaction { _ in own.areCurrent }
                        #expect(isOwn == false)
                    }
                    ended.add()
                }
            }
        }
        await writers.value
        await store.close()
    }

    @Test("no other transaction waits for a close from inside a closure")
    func closeOfAnother() throws {
        let store = try open { _ in }
        let (closed, refused) = (Counter(), Counter())
        onThreads(2) { thread in
            if thread == 0 {
                expectFailure(.closed) {
                    try store.transaction { _ in
                        store.close()
                        closed.add()
                        #expect(eventually { refused.value > 0 })
                    }
                }
                #expect(Census.descriptors(below: folder.path) == 0)
            } else {
                #expect(eventually { closed.value > 0 })
                expectFailure(.closed) { try store.transaction { _ in } }
                refused.add()
            }
        }
        #expect(refused.value == 1)
    }

    /// A type whose decoding uses the store.
    private struct Nosy: Codable, Sendable {
        static let store = Guarded<TTLStore?>(nil)
        var number = 0

        init() {}

        init(from decoder: any Decoder) throws {
            number = try decoder.singleValueContainer().decode(Int.self)
            if let store = Nosy.store.withLock(\.self) {
                try store.increment("decoded")
                _ = try store.get("decoded", as: Int.self)
            }
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            try container.encode(number)
        }
    }

    @Test("a type's own decoding may use the store: it runs with no lock held")
    func decoding() throws {
        let store = try open { $0.maximumReaders = 1 }
        Nosy.store.withLock { $0 = store }
        defer { Nosy.store.withLock { $0 = nil } }
        try store.set("k", Nosy())
        #expect(try store.get("k", as: Nosy.self) != nil)
        #expect(try store.get("k", as: Nosy.self, touching: .after(.seconds(9))) != nil)
        let soon = TouchCondition.ifRemainingLess(than: .seconds(99))
        #expect(try store.get("k", as: Nosy.self, touching: .after(.seconds(9)), when: soon) != nil)
        #expect(try store.entry("k")?.expiresAt != nil)
        #expect(try store.take("k", as: Nosy.self) != nil)
        #expect(try store.take("k", as: Nosy.self) == nil)
        #expect(try store.get("decoded", as: Int.self) == 4)
        // Inside a transaction it is refused like any other call.
        try store.set("k", Nosy())
        expectFailure(.decodingFailed) { try store.transaction { _ = try $0.take("k", as: Nosy.self) } }
        #expect(try store.contains("k"))
        store.close()
    }
}
