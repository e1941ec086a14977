import Foundation
import TTLTestSupport
import Testing

@testable import TTLStore

@Suite("Closing while others are at work", .hangLimit) struct CloseConcurrencyTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test(
        "every operation during close has its result or throws closed, and acknowledged writes are there",
        arguments: 0..<12)
    func racing(round: Int) throws {
        let path = folder("store.db")
        var configuration = TTLStore.Configuration()
        configuration.maximumReaders = 2
        let store = try TTLStore(path: path, configuration: configuration)
        let acknowledged = (0..<6).map { _ in Counter() }
        onThreads(9) { thread in
            if thread >= 7 {
                usleep(UInt32(round * 500))
                store.close()
                #expect(Census.descriptors(below: folder.path) == 0)
                return
            }
            do throws(TTLStoreError) {
                for number in 0... {
                    if thread < 6 {
                        let expiry: Expiry = number % 2 == 0 ? .never : .after(.seconds(60))
                        try store.set("\(thread):\(number)", "x", expiring: expiry)
                        acknowledged[thread].add()
                    }
                    _ = try store.get("\(thread):\(number)")
                    _ = try store.count(.prefix("\(thread):"))
                }
            } catch {
                #expect(error.code == .closed, "\(error)")
            }
        }
        let again = try TTLStore(path: path)
        for thread in 0..<6 {
            for number in 0..<acknowledged[thread].value { #expect(try again.contains("\(thread):\(number)")) }
            // At most the write that was under way.
            #expect(try again.count(.prefix("\(thread):")) <= acknowledged[thread].value + 1)
        }
        again.close()
    }

    @Test("tasks during close get their result or closed, and none is left waiting", arguments: 0..<8)
    func racingTasks(round: Int) async throws {
        let store = try await TTLStore(path: folder("store.db"))
        await withTaskGroup(of: Void.self) { group in
            for task in 0..<24 {
                group.addTask {
                    do throws(TTLStoreError) {
                        for number in 0... {
                            try await store.set("\(task):\(number)", "x")
                            _ = try await store.get("\(task):\(number)") as String?
                        }
                    } catch {
                        #expect(error.code == .closed, "\(error)")
                    }
                }
            }
            group.addTask {
                try? await Task.sleep(for: .milliseconds(round * 2))
                await store.close()
            }
        }
        #expect(Census.descriptors(below: folder.path) == 0)
    }

    @Test("the last reference may go while writes of tasks are completed")
    func droppedWhileLeading() async throws {
        for round in 0..<50 {
            let path = folder("store\(round % 3).db")
            try await withThrowingTaskGroup(of: Void.self) { group in
                let store = try await TTLStore(path: path)
                for task in 0..<8 {
                    group.addTask {
                        await #expect(throws: Never.self) {
                            try await store.set("\(task)", "x", expiring: .after(.milliseconds(50)))
                        }
                    }
                }
            }
        }
        #expect(await eventuallyWithoutBlocking { Census.descriptors(below: folder.path) == 0 })
    }

    @Test("a checkpoint doesn't make close wait, and opens nothing afterwards", arguments: 1...4)
    func checkpointing(round: Int) throws {
        var configuration = TTLStore.Configuration()
        configuration.maximumLogSize = 1 << 20
        let store = try TTLStore(path: folder("store.db"), configuration: configuration)
        onThreads(4) { thread in
            if thread == 3 {
                #expect(eventually { store.engine.activity.snapshot.checkpoints >= round })
                // So that the close comes at another moment of the next one each time.
                usleep(UInt32(round * 2000))
                store.close()
                return
            }
            do throws(TTLStoreError) {
                for number in 0... { try store.set("\(thread):\(number % 200)", String(repeating: "v", count: 20_000)) }
            } catch {
                #expect(error.code == .closed, "\(error)")
            }
        }
        #expect(Census.descriptors(below: folder.path) == 0)
    }

    @Test("stores that are opened and closed on many threads leave nothing behind")
    func manyStores() throws {
        onThreads(8) { thread in
            for round in 0..<25 {
                do throws(TTLStoreError) {
                    let store = try TTLStore(path: folder("store\((thread + round) % 3).db"))
                    try store.set("\(thread):\(round)", "x", expiring: .after(.milliseconds(1)))
                    if round % 2 == 0 { store.close() }
                } catch { Issue.record("\(error)") }
            }
        }
        #expect(eventually { Census.descriptors(below: folder.path) == 0 })
    }
}
