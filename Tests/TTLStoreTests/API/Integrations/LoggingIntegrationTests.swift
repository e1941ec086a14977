#if Logging
import InMemoryLogging
import Logging
import TTLTestSupport
import Testing

@testable import TTLStore

@Suite("A store that logs", .hangLimit) struct LoggingIntegrationTests {
    private let handler: InMemoryLogHandler
    private let logger: Logger

    init() {
        var handler = InMemoryLogHandler()
        handler.logLevel = .debug
        self.handler = handler
        logger = Logger(label: "test") { [handler] _ in handler }
    }

    private func lines(_ activity: TTLStore.ExpirerActivity) throws -> [InMemoryLogHandler.Entry] {
        var configuration = TTLStore.Configuration()
        configuration.log(to: logger)
        let report = try #require(configuration.onExpirerActivity)
        handler.clear()
        report(activity)
        return handler.entries
    }

    @Test("a store logs the work of the expirer at the level debug")
    func work() throws {
        #expect(
            try lines(.purged(count: 3)) == [
                .init(level: .debug, message: "expired entries purged", metadata: ["count": "3"])
            ])
        #expect(
            try lines(.evicted(count: 4)) == [
                .init(level: .debug, message: "entries evicted", metadata: ["count": "4"])
            ])
        #expect(
            try lines(.shrunk(pages: 5)) == [
                .init(level: .debug, message: "free pages given back", metadata: ["pages": "5"])
            ])
        #expect(
            try lines(.checkpointed) == [.init(level: .debug, message: "log copied into the file", metadata: [:])])
    }

    @Test("a store logs failed work as a warning, with the code, the operation and SQLite's code")
    func failure() throws {
        var error = TTLStoreError(.diskFull, "the disk is full", in: "purge")
        error.sqliteCode = 13
        #expect(
            try lines(.failed(error)) == [
                .init(
                    level: .warning, message: "the expirer failed and tries again later",
                    metadata: [
                        "error": "purge: the disk is full (SQLite 13)", "code": "diskFull", "operation": "purge",
                    ])
            ])
    }

    @Test("a store that logs still calls the closure that was set before")
    func previousClosure() throws {
        let told = Collected<TTLStore.ExpirerActivity>()
        var configuration = TTLStore.Configuration()
        configuration.onExpirerActivity = { told.append($0) }
        configuration.log(to: logger)
        let report = try #require(configuration.onExpirerActivity)
        report(.purged(count: 1))
        #expect(told.all == [.purged(count: 1)])
        #expect(handler.entries.count == 1)
    }

    @Test("the log has no key, value or tag, whether a purge works or fails")
    func secrets() throws {
        let clock = AnyClock(AnyClock.right)
        let store = try Setting.inFile.open {
            $0.purging = .automatic
            $0.clock = clock.wallClock
            $0.log(to: logger)
        }
        defer { store.store.close() }
        try store.store.set("secret-key", "secret-value", expiring: .after(.seconds(60)), tag: "secret-tag")
        try store.store.set("secret-later", "secret-value", expiring: .after(.seconds(86_400)))
        clock.set(AnyClock.right + 60_000)
        store.store.engine.wakeExpirer()
        #expect(eventually { handler.entries.contains { $0.message == "expired entries purged" } })
        clock.set(AnyClock.late)
        store.store.engine.wakeExpirer()
        #expect(eventually { handler.entries.contains { $0.metadata["code"] == "clockOutOfRange" } })
        #expect(!handler.entries.contains { "\($0)".contains("secret") })
    }
}
#endif
