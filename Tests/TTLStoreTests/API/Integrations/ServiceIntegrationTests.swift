// A service group takes a logger.
#if ServiceLifecycle && Logging
import Logging
import ServiceLifecycle
import TTLTestSupport
import Testing

@testable import TTLStore

@Suite("A store in a service group", .hangLimit) struct ServiceIntegrationTests {
    /// Uses the store until the end, and once more when it is told to end.
    private struct User: Service {
        let store: TTLStore
        let hasBegun: @Sendable () -> Void

        func run() async throws {
            try await store.set("begun", "value")
            hasBegun()
            try await gracefulShutdown()
            try await store.set("ended", "value")
        }
    }

    @Test("a graceful shutdown closes the store after the services that follow it in the group")
    func gracefulShutdownOfGroup() async throws {
        let folder = try TemporaryFolder()
        let store = try await TTLStore(path: folder("store.db"))
        let (begun, hasBegun) = AsyncStream<Void>.makeStream()
        let user = User(store: store) { hasBegun.finish() }
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let group = ServiceGroup(services: [store, user], logger: logger)
        async let end: Void = group.run()
        for await _ in begun {}
        await group.triggerGracefulShutdown()
        try await end
        await expectFailure(.closed) { () async throws in try await store.count() }
        #expect(Census.descriptors(below: folder.path) == 0)
        let again = try await TTLStore(path: folder("store.db"))
        #expect(try await again.contains("ended"))
        await again.close()
    }

    @Test(
        "a store in a service group is closed when its task is cancelled, before or while it runs",
        arguments: [true, false])
    func cancellation(before: Bool) async throws {
        let store = try TTLStore.inMemory()
        let run = Task {
            if before { while !Task.isCancelled { await Task.yield() } }
            await store.run()
        }
        if !before { try await store.set("key", "value") }
        run.cancel()
        await run.value
        await expectFailure(.closed) { () async throws in try await store.count() }
    }

    @Test("a store in a service group may have been closed before")
    func closedBefore() async throws {
        let store = try TTLStore.inMemory()
        await store.close()
        let run = Task { await store.run() }
        run.cancel()
        await run.value
    }
}
#endif
