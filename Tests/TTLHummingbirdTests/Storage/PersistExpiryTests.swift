#if Hummingbird
import Foundation
import Hummingbird
import TTLHummingbird
import TTLStore
import TTLTestSupport
import Testing

@Suite("The driver's times to live", .hangLimit) struct PersistExpiryTests {
    private let test: TemporaryStore
    private let driver: TTLStorePersistDriver

    init() throws {
        test = try TemporaryStore()
        driver = TTLStorePersistDriver(test.store)
    }

    private func value(_ key: String = "key") async throws -> String? {
        try await driver.get(key: key, as: String.self)
    }

    private func timeToLive(_ key: String = "key") async throws -> Duration? {
        try #require(await driver.getWithTTL(key: key, as: String.self)).ttl
    }

    @Test("a value that was set without a time to live is permanent, and has none")
    func permanent() async throws {
        try await driver.set(key: "key", value: "value")
        try await driver.create(key: "created", value: "value")
        #expect(try await timeToLive() == nil)
        #expect(try await timeToLive("created") == nil)
        test.clock.advance(by: .seconds(86_400 * 36_500))
        #expect(try await value() == "value")
    }

    @Test("a set without a time to live keeps the expiry of a live value to the millisecond")
    func keep() async throws {
        try await driver.set(key: "key", value: "first", expires: .seconds(10))
        test.clock.advance(by: .milliseconds(9999))
        try await driver.set(key: "key", value: "second")
        #expect(try await timeToLive() == .milliseconds(1))
        #expect(try await value() == "second")
        test.clock.advance(by: .milliseconds(1))
        #expect(try await value() == nil)
    }

    @Test("a set without a time to live over an expired value, whose row is not deleted yet, is permanent")
    func keepNothing() async throws {
        try await driver.set(key: "key", value: "first", expires: .seconds(10))
        test.clock.advance(by: .seconds(10))
        try await driver.set(key: "key", value: "second")
        #expect(try await timeToLive() == nil)
        #expect(try await test.store.purgeExpired() == 0)
        #expect(try await value() == "second")
    }

    @Test("a creation over an expired value, whose row is not deleted yet, stores the new value")
    func createOverExpired() async throws {
        try await driver.create(key: "key", value: "first", expires: .seconds(10))
        test.clock.advance(by: .milliseconds(9999))
        await #expect(throws: PersistError.duplicate) { try await driver.create(key: "key", value: "early") }
        test.clock.advance(by: .milliseconds(1))
        try await driver.create(key: "key", value: "second")
        #expect(try await timeToLive() == nil)
        #expect(try await value() == "second")
    }

    @Test("a set with a time to live replaces the expiry, whether it is later or earlier")
    func replace() async throws {
        for seconds in [10, 20, 5] {
            try await driver.set(key: "key", value: "value", expires: .seconds(seconds))
            #expect(try await timeToLive() == .seconds(seconds))
        }
    }

    static let passed: [Duration] = [.zero, .milliseconds(-1), .nanoseconds(-1), .seconds(-3600), .seconds(Int64.min)]

    @Test("a creation with a time to live of zero or less stores nothing, and so it succeeds twice", arguments: passed)
    func createPassed(expires: Duration) async throws {
        for _ in 0..<2 {
            try await driver.create(key: "key", value: "value", expires: expires)
            #expect(try await value() == nil)
        }
        try await driver.create(key: "key", value: "second")
        #expect(try await value() == "second")
    }

    @Test("a creation with a time to live of zero or less is a duplicate of a live value", arguments: passed)
    func createPassedOverLive(expires: Duration) async throws {
        try await driver.set(key: "key", value: "first", expires: .seconds(10))
        await #expect(throws: PersistError.duplicate) {
            try await driver.create(key: "key", value: "second", expires: expires)
        }
        #expect(try await value() == "first")
        #expect(try await timeToLive() == .seconds(10))
    }

    @Test("a set with a time to live of zero or less removes a live value, and an expired one stays absent")
    func setPassed() async throws {
        for expires in Self.passed {
            try await driver.set(key: "key", value: "first")
            try await driver.set(key: "key", value: "second", expires: expires)
            #expect(try await value() == nil)
            try await driver.set(key: "key", value: "third", expires: expires)
            #expect(try await value() == nil)
        }
        #expect(try await test.store.count() == 0)
    }

    @Test(
        "a fraction of a millisecond is rounded up",
        arguments: [
            (Duration.nanoseconds(1), 1), (.microseconds(500), 1), (.milliseconds(1), 1), (.microseconds(1001), 2),
            (.milliseconds(500), 500), (.seconds(1) + .nanoseconds(1), 1001),
        ])
    func fraction(expires: Duration, milliseconds: Int) async throws {
        try await driver.set(key: "key", value: "value", expires: expires)
        #expect(try await timeToLive() == .milliseconds(milliseconds))
        test.clock.advance(by: .milliseconds(milliseconds - 1))
        #expect(try await value() == "value")
        test.clock.advance(by: .milliseconds(1))
        #expect(try await value() == nil)
    }

    /// 9999-12-31T23:59:59.999Z
    static let latest: Int64 = 253_402_300_799_999

    @Test("a time to live beyond the year 9999 ends with the last millisecond of that year")
    func farTooLong() async throws {
        let left = Duration.milliseconds(Self.latest - test.clock.now)
        for expires in [.seconds(Int64.max), .seconds(Int64.max / 1000), left + .nanoseconds(1), left] {
            try await driver.set(key: "key", value: "set", expires: expires)
            #expect(try await timeToLive() == left)
            try await driver.remove(key: "key")
            try await driver.create(key: "key", value: "created", expires: expires)
            #expect(try await timeToLive() == left)
            await #expect(throws: PersistError.duplicate) {
                try await driver.create(key: "key", value: "again", expires: expires)
            }
        }
        try await driver.set(key: "key", value: "value", expires: left - .milliseconds(1))
        #expect(try await timeToLive() == left - .milliseconds(1))
    }

    @Test("a value that ends with the year 9999 is live until its last millisecond")
    func lastMillisecond() async throws {
        try await driver.set(key: "key", value: "value", expires: .seconds(Int64.max))
        test.clock.advance(by: .milliseconds(Self.latest - 1 - test.clock.now))
        #expect(try await timeToLive() == .milliseconds(1))
        try await driver.set(key: "other", value: "value", expires: .seconds(1))
        #expect(try await timeToLive("other") == .milliseconds(1))
        test.clock.advance(by: .milliseconds(1))
        #expect(try await value() == nil)
        try await driver.set(key: "key", value: "value", expires: .seconds(1))
        #expect(try await value() == nil)
    }

    @Test("a clock beyond the years that the file takes is an error of a write")
    func clockOutOfRange() async throws {
        test.clock.advance(by: .milliseconds(Self.latest + 1 - test.clock.now))
        for expires in [nil, Duration.seconds(1), .seconds(Int64.max), .zero] {
            await expectFailure(.clockOutOfRange) {
                try await driver.set(key: "key", value: "value", expires: expires)
            }
        }
    }

    @Test("a default time to live of the store applies to new values, and not to the expiry of a live one")
    func defaultTimeToLive() async throws {
        var configuration = TTLStore.Configuration()
        configuration.defaultTimeToLive = .seconds(60)
        let test = try TemporaryStore(configuration: configuration)
        let driver = TTLStorePersistDriver(test.store)
        try await driver.set(key: "set", value: "value")
        #expect(try await driver.getWithTTL(key: "set", as: String.self)?.ttl == .seconds(60))
        try await driver.create(key: "created", value: "value")
        #expect(try await driver.getWithTTL(key: "created", as: String.self)?.ttl == .seconds(60))
        try await driver.set(key: "set", value: "value", expires: .seconds(10))
        try await driver.set(key: "set", value: "value")
        #expect(try await driver.getWithTTL(key: "set", as: String.self)?.ttl == .seconds(10))
    }

    @Test("a value lives on in the file with its time to live")
    func reopening() async throws {
        try await driver.set(key: "key", value: "value", expires: .seconds(10))
        await test.store.close()
        test.clock.advance(by: .seconds(4))
        var configuration = TTLStore.Configuration()
        configuration.clock = test.clock.wallClock
        let again = try await TTLStorePersistDriver(path: test.path, configuration: configuration)
        #expect(try await again.getWithTTL(key: "key", as: String.self)?.ttl == .seconds(6))
        await again.shutdown()
    }
}
#endif
