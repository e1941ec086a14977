import Foundation
import TTLTestSupport
import Testing

@testable import TTLStore

@Suite("A maintenance operation that others end early", .hangLimit) struct MaintenanceEndingConcurrencyTests {
    @Test(
        "maintenance of a cancelled task throws CancellationError and leaves nothing behind",
        arguments: MaintenanceOperation.Kind.allCases, [1, 2])
    func cancelled(kind: MaintenanceOperation.Kind, call: Int) async throws {
        let large = try LargeStore()
        let before = try large.traces
        let operation = MaintenanceOperation(kind: kind, form: .suspending)
        let (calls, cancelled) = (Counter(), Counter())
        let (store, copy) = (large.store, large.folder("copy.db"))
        let task = Task {
            try await operation.run(store, destination: copy) { _ in
                calls.add()
                if calls.value == call { #expect(eventually { cancelled.value > 0 }) }
            }
        }
        #expect(await eventuallyWithoutBlocking { calls.value >= call })
        task.cancel()
        cancelled.add()
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(calls.value == call)
        #expect(try large.traces == before)
        #expect(try await store.count() == large.keys)
        #expect(try await store.set("again", "value") == .stored)
    }

    @Test("a vacuum that waits for another process's lock is cancelled as well", arguments: [0, 100, 5000])
    func cancelledWaiting(reads: Int) async throws {
        let large = try LargeStore(kept: 10) { $0.busyTimeout = .seconds(3600) }
        let holder = try otherProcess("hold", large.folder("store.db"))
        #expect(holder.readLine() == "held")
        let begun = Counter()
        let store = large.store
        let task = Task { try await store.vacuum { _ in begun.add() } }
        #expect(await eventuallyWithoutBlocking { begun.value > 0 })
        // Meanwhile the vacuum waits: for its first try, or for a later one.
        for _ in 0..<reads { #expect(try await store.count() == 10) }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(holder.ask("") == "released")
        #expect(try await store.set("again", "value") == .stored)
    }

    @Test(
        "maintenance that close ends throws closed; close waits for it and leaves nothing behind",
        arguments: MaintenanceOperation.Kind.allCases, [1, 2])
    func closed(kind: MaintenanceOperation.Kind, call: Int) throws {
        let large = try LargeStore()
        let operation = MaintenanceOperation(kind: kind, form: .synchronous)
        let (calls, ended) = (Counter(), Counter())
        let (store, copy) = (large.store, large.folder("copy.db"))
        let folder = large.folder
        onThreads(2) { thread in
            if thread == 0 {
                expectFailure(.closed) {
                    try operation.runBlocking(store, destination: copy) { _ in
                        calls.add()
                        if calls.value == call { #expect(eventually { store.engine.stop.isSet }) }
                    }
                }
                ended.add()
            } else {
                #expect(eventually { calls.value >= call })
                store.close()
                #expect(Census.descriptors(below: folder.path) == 0)
            }
        }
        #expect(ended.value == 1)
        #expect(calls.value == call)
        #expect(try FolderContents.names(folder) == ["store.db"])
        expectFailure(.closed) { try operation.runBlocking(store, destination: copy) }
        try expectIntact(folder("store.db"))
    }
}
