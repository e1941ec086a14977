#if Hummingbird
import Foundation
import Hummingbird
import InMemoryLogging
import Logging
import MetricsTestKit
import ServiceLifecycle
import TTLHummingbird
import TTLStore
import TTLTestSupport
import Testing

@Suite("The driver as a service", .hangLimit) struct PersistServiceTests {
    private let folder: TemporaryFolder
    private let metrics = TestMetrics()

    init() throws { folder = try TemporaryFolder() }

    private func open(reporting: Bool = false) async throws -> TTLStorePersistDriver {
        try await TTLStorePersistDriver(
            path: folder("store.db"),
            statistics: reporting ? .init(dimensions: [("store", "persist")], to: metrics) : nil)
    }

    private func expectClosed(_ driver: TTLStorePersistDriver) async {
        await expectFailure(.closed) { try await driver.create(key: "key", value: 1) }
        await expectFailure(.closed) { try await driver.set(key: "key", value: 1, expires: .zero) }
        await expectFailure(.closed) { try await driver.get(key: "key", as: Int.self) }
        await expectFailure(.closed) { try await driver.getWithTTL(key: "key", as: Int.self) }
        await expectFailure(.closed) { try await driver.remove(key: "key") }
    }

    /// Uses the driver until the end, and once more when it is told to end.
    private struct User: Service {
        let driver: TTLStorePersistDriver

        func run() async throws {
            try await driver.set(key: "begun", value: 1)
            try await gracefulShutdown()
            try await driver.set(key: "ended", value: 1)
        }
    }

    @Test("a graceful shutdown closes the store, after the services that follow the driver in the group")
    func shutdownOfGroup() async throws {
        let driver = try await open()
        try await withServices([driver, User(driver: driver)]) {
            try await driver.set(key: "key", value: 1)
        }
        await expectClosed(driver)
        #expect(Census.descriptors(below: folder.path) == 0)
        let again = try await open()
        for key in ["key", "begun", "ended"] { #expect(try await again.get(key: key, as: Int.self) == 1) }
        await again.shutdown()
    }

    @Test(
        "a cancelled run closes the store, whether it is cancelled before or while it runs", arguments: [true, false])
    func cancellation(before: Bool) async throws {
        let driver = try await open()
        let run = Task {
            if before { while !Task.isCancelled { await Task.yield() } }
            await driver.run()
        }
        if !before { try await driver.set(key: "key", value: 1) }
        run.cancel()
        await run.value
        await expectClosed(driver)
    }

    @Test("a driver can be shut down more than once, before it runs, and while it runs")
    func shutdownTwice() async throws {
        let driver = try await open(reporting: true)
        try await withServices([driver, driver]) {
            await driver.shutdown()
            await driver.shutdown()
            await expectClosed(driver)
        }
        try await withServices([driver]) {}
        await driver.shutdown()
        await expectClosed(driver)
    }

    @Test("many tasks can shut a driver down at once")
    func shutdownAtOnce() async throws {
        let driver = try await open()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<100 { group.addTask { await driver.shutdown() } }
        }
        await expectClosed(driver)
    }

    @Test("a store that the program shares with the driver stays open until the program closes it")
    func sharedStore() async throws {
        let store = try await TTLStore(path: folder("store.db"))
        let driver = TTLStorePersistDriver(store)
        try await withServices([driver]) { try await driver.set(key: "key", value: 1) }
        await driver.shutdown()
        #expect(try await driver.get(key: "key", as: Int.self) == 1)
        try await withServices([store, driver, User(driver: driver)]) {}
        await expectClosed(driver)
    }

    @Test("a driver that is no service deletes expired values, and ends with its last reference")
    func noService() async throws {
        let clock = ManualClock()
        let activities = Collected<TTLStore.ExpirerActivity>()
        var configuration = TTLStore.Configuration()
        configuration.clock = clock.wallClock
        configuration.onExpirerActivity = { activities.append($0) }
        do {
            let driver = try await TTLStorePersistDriver(path: folder("store.db"), configuration: configuration)
            try await driver.set(key: "key", value: 1, expires: .milliseconds(10))
            clock.advance(by: .milliseconds(10))
            #expect(try await driver.get(key: "key", as: Int.self) == nil)
            #expect(await eventuallyWithoutBlocking { activities.all.contains(.purged(count: 1)) })
        }
        #expect(await eventuallyWithoutBlocking { Census.descriptors(below: folder.path) == 0 })
    }

    @Test("a driver can be made in a function that is not async")
    func synchronous() throws {
        let driver = try TTLStorePersistDriver(path: folder("store.db"))
        #expect(try driver.store.count() == 0)
        driver.store.close()
    }

    @Test("a file that can't be opened is an error of opening")
    func openingFails() async {
        await expectFailure(.cannotOpen) { try await TTLStorePersistDriver(path: folder.path) }
    }

    @Test("the logger gets the work of the store's thread, and its errors as warnings")
    func log() async throws {
        var handler = InMemoryLogHandler()
        handler.logLevel = .debug
        let logger = Logger(label: "test") { [handler] _ in handler }
        let clock = ManualClock()
        var configuration = TTLStore.Configuration()
        configuration.clock = clock.wallClock
        let driver = try await TTLStorePersistDriver(
            path: folder("store.db"), configuration: configuration, logger: logger)
        try await driver.set(key: "secret", value: "secret", expires: .milliseconds(10))
        try await driver.set(key: "secret-later", value: "secret", expires: .milliseconds(20))
        clock.advance(by: .milliseconds(10))
        let purged = await eventuallyWithoutBlocking {
            handler.entries.contains { $0.level == .debug && $0.message == "expired entries purged" }
        }
        #expect(purged)
        clock.advance(by: .seconds(Int64.max))
        let failed = await eventuallyWithoutBlocking {
            handler.entries.contains { $0.level == .warning && $0.metadata["code"] == "clockOutOfRange" }
        }
        #expect(failed)
        #expect(!handler.entries.contains { "\($0)".contains("secret") })
        await driver.shutdown()
    }

    @Test("the statistics are reported while the driver runs, and a last time at its end")
    func statistics() async throws {
        let driver = try await open(reporting: true)
        try await driver.set(key: "before", value: 1)
        #expect(metrics.counters.isEmpty)
        try await withServices([driver]) { try await driver.set(key: "during", value: 1) }
        let sets = try metrics.expectCounter("ttlstore_sets_total", [("store", "persist")])
        #expect(sets.totalValue == 2)
        await expectClosed(driver)
    }

    @Test("a driver that is in a group twice reports each set once, and is closed by the last run that ends")
    func twoRuns() async throws {
        let driver = try await open(reporting: true)
        try await withServices([driver, User(driver: driver), driver]) {
            try await driver.set(key: "key", value: 1)
            try await driver.remove(key: "key")
        }
        await expectClosed(driver)
        #expect(try metrics.expectCounter("ttlstore_removals_total", [("store", "persist")]).totalValue == 1)
        #expect(metrics.counters.count { $0.label == "ttlstore_removals_total" } == 1)
    }

    @Test("a driver with a shared store reports its statistics only if it is told to")
    func sharedStatistics() async throws {
        let store = try TTLStore.inMemory()
        try await withServices([TTLStorePersistDriver(store)]) {}
        #expect(metrics.counters.isEmpty)
        let driver = TTLStorePersistDriver(store, statistics: .init(prefix: "app", to: metrics))
        try await withServices([driver]) { try await driver.set(key: "key", value: 1) }
        #expect(try metrics.expectCounter("app_sets_total").totalValue == 1)
        await store.close()
    }
}
#endif
