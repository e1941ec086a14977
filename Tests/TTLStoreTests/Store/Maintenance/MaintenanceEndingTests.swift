import Foundation
import TTLTestSupport
import Testing

@testable import TTLStore

private struct Refusal: Error, Equatable {}

@Suite("A maintenance operation that is ended early", .hangLimit) struct MaintenanceEndingTests {
    @Test(
        "maintenance throws the error of its progress and leaves nothing behind, and the store goes on",
        arguments: MaintenanceOperation.all, [1, 2])
    func progressThrows(operation: MaintenanceOperation, call: Int) async throws {
        let large = try LargeStore()
        let before = try large.traces
        let calls = Counter()
        await #expect(throws: Refusal()) {
            try await operation.run(large.store, destination: large.folder("copy.db")) { _ in
                calls.add()
                if calls.value == call { throw Refusal() }
            }
        }
        #expect(calls.value == call)
        #expect(try large.traces == before)
        #expect(try await large.store.count() == large.keys)
        #expect(try await large.store.set("again", "value") == .stored)
        try await operation.run(large.store, destination: large.folder("copy.db"))
        await large.store.close()
        try expectIntact(large.folder("store.db"))
    }

    @Test(
        "an error of the library that progress throws reaches the caller unchanged", arguments: MaintenanceOperation.all
    )
    func progressThrowsOurs(operation: MaintenanceOperation) async throws {
        let large = try LargeStore(kept: 10)
        let error = TTLStoreError(code: .busy, message: "mine", operation: "mine")
        await #expect(throws: error) {
            try await operation.run(large.store, destination: large.folder("copy.db")) { _ in throw error }
        }
    }

    @Test("maintenance of a task that was cancelled before does nothing", arguments: MaintenanceOperation.Kind.allCases)
    func cancelledBefore(kind: MaintenanceOperation.Kind) async throws {
        let large = try LargeStore(kept: 10)
        let before = try large.traces
        let operation = MaintenanceOperation(kind: kind, form: .suspending)
        let (store, copy) = (large.store, large.folder("copy.db"))
        let task = Task {
            while !Task.isCancelled { await Task.yield() }
            try await operation.run(store, destination: copy) { _ in Issue.record("it has begun") }
        }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(try large.traces == before)
    }

    @Test(
        "maintenance whose progress closes the store throws closed, and closes the store when it has ended",
        arguments: MaintenanceOperation.all, [1, 2])
    func closedInside(operation: MaintenanceOperation, call: Int) async throws {
        let large = try LargeStore()
        let calls = Counter()
        let (store, folder) = (large.store, large.folder)
        await expectFailure(.closed) {
            try await operation.run(store, destination: folder("copy.db")) { _ in
                calls.add()
                guard calls.value == call else { return }
                store.close()
                expectFailure(.closed) { try store.count() }
            }
        }
        #expect(calls.value == call)
        #expect(Census.descriptors(below: folder.path) == 0)
        #expect(try FolderContents.names(folder) == ["store.db"])
        await store.close()
    }

    @Test(
        "maintenance in memory ends for the same reasons, and the store goes on unless it was closed",
        arguments: MaintenanceOperation.Kind.allCases, [1, 2])
    func inMemory(kind: MaintenanceOperation.Kind, call: Int) async throws {
        let folder = try TemporaryFolder()
        let store = try Setting.inMemory.open().store
        let text = Value.text(String(repeating: "x", count: 200))
        try await store.setAll((0..<5000).map { TTLStore.BatchEntry("key:\($0)", text) })
        let calls = Counter()
        let blocking = MaintenanceOperation(kind: kind, form: .synchronous)
        await #expect(throws: Refusal()) {
            try await blocking.run(store, destination: folder("copy.db")) { _ in
                calls.add()
                if calls.value == call { throw Refusal() }
            }
        }
        let suspending = MaintenanceOperation(kind: kind, form: .suspending)
        let (begun, cancelled) = (Counter(), Counter())
        let task = Task {
            try await suspending.run(store, destination: folder("copy.db")) { _ in
                begun.add()
                if begun.value == call { #expect(eventually { cancelled.value > 0 }) }
            }
        }
        #expect(await eventuallyWithoutBlocking { begun.value >= call })
        task.cancel()
        cancelled.add()
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(try await store.count() == 5000)
        await expectFailure(.closed) {
            try await suspending.run(store, destination: folder("copy.db")) { _ in store.close() }
        }
        await expectFailure(.closed) { try await store.count() }
        #expect(try FolderContents.names(folder) == [])
    }

    @Test(
        "maintenance of a closed store, or of one whose file was replaced, does not begin",
        arguments: MaintenanceOperation.all)
    func unusable(operation: MaintenanceOperation) async throws {
        let large = try LargeStore(kept: 10)
        let (store, folder) = (large.store, large.folder)
        _ = rename(folder("store.db"), folder("away.db"))
        await expectFailure(.fileReplaced) { try await operation.run(store, destination: folder("copy.db")) }
        _ = rename(folder("away.db"), folder("store.db"))
        try await operation.run(store, destination: folder("copy.db"))
        await store.close()
        await expectFailure(.closed) { try await operation.run(store, destination: folder("other.db")) }
        #expect(try FolderContents.names(folder).filter { $0.hasPrefix("other") || $0.hasPrefix(".") } == [])
    }

    @Test("the progress of maintenance may read the store; a write in a vacuum's progress throws reentrant")
    func storeInsideProgress() throws {
        let large = try LargeStore()
        let store = large.store
        try store.vacuum { (_) throws in
            #expect(try store.count() == large.keys)
            expectFailure(.reentrant) { try store.set("inside", "value") }
            expectFailure(.reentrant) { try store.vacuum() }
            #expect(try store.check().isHealthy)
        }
        try store.backup(to: large.folder("copy.db")) { (progress) throws in
            try store.set("\(progress.completed)", "value")
            #expect(try store.check().isHealthy)
        }
        let memory = try TTLStore.inMemory()
        try memory.set("key", "value")
        try memory.backup(to: large.folder("memory.db")) { _ in
            expectFailure(.reentrant) { try memory.get("key") as String? }
            expectFailure(.reentrant) { try memory.set("key", "value") }
        }
        #expect(try memory.get("key") == "value")
        memory.close()
    }
}
