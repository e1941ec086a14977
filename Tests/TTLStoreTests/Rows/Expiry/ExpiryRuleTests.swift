import Foundation
import TTLStore
import TTLTestSupport
import Testing

@Suite("The rule of expiry") struct ExpiryRuleTests {
    @Test(
        "an entry is live until its expiry and absent from that very millisecond on, for every operation",
        arguments: Setting.all, Operation.allCases.filter { !silent.contains($0) })
    func boundary(setting: Setting, operation: Operation) async throws {
        for (elapsed, isLive) in [(0, true), (1, true), (9_999, true), (10_000, false), (10_001, false)]
            as [(Int64, Bool)]
        {
            for isPurged in [false, true] {
                let store = try setting.open()
                try await store.set("k", "value", expiring: .after(.seconds(10)), tag: Operation.tag)
                store.clock.advance(by: .milliseconds(elapsed))
                if isPurged { #expect(try await store.purgeExpired() == (isLive ? 0 : 1)) }
                #expect(try await operation.findsLive(store, "k") == isLive, "after \(elapsed) ms")
            }
        }
    }

    /// The operations that return nothing about the entry.
    private static let silent: [Operation] = [
        .set, .setText, .setEncodable, .setAll, .refresh, .rolledBack, .purgeExpired, .statistics,
        .acquireLease, .renewLease, .releaseLease, .leaseNamed, .leases, .leasesOfPrefix,
    ]

    @Test(
        "the rule of expiry holds also for operations that don't return whether they found an entry",
        arguments: Setting.all, silent)
    func silentBoundary(setting: Setting, operation: Operation) async throws {
        for (elapsed, isLive) in [(1, true), (9_999, true), (10_000, false), (10_001, false)] as [(Int64, Bool)] {
            let store = try setting.open()
            try await store.set("k", "value", expiring: .after(.seconds(10)))
            let begin = store.clock.date()
            let lease = try #require(try await store.acquireLease("held", for: .seconds(10)))
            store.clock.advance(by: .milliseconds(elapsed))
            let found =
                switch operation {
                case .acquireLease: try await store.acquireLease("held", for: .seconds(1)) == nil
                case .renewLease: try await store.renew(lease, for: .seconds(1)) != nil
                case .releaseLease: try await store.release(lease)
                case .leaseNamed: try await store.lease(named: "held") == lease
                case .leases: try await store.leases() == [lease]
                case .leasesOfPrefix: try await store.leases(prefix: "he") == [lease]
                case .purgeExpired: try await store.purgeExpired() == 0
                case .statistics: try await store.statistics().expiredEntries == 0
                default:
                    // A value that replaces a live entry keeps the entry's time of creation.
                    try await {
                        try await operation.run(store, "k")
                        return try await store.entry("k")?.createdAt == begin
                    }()
                }
            #expect(found == isLive, "after \(elapsed) ms")
        }
    }

    @Test("an expired entry that is not purged is invisible however long ago it expired", arguments: Setting.all)
    func withoutThread(setting: Setting) async throws {
        let store = try setting.open()
        for number in 0..<50 {
            try await store.set("k\(number)", "v", expiring: .after(.seconds(Int64(number + 1))))
        }
        for elapsed in 1...50 as ClosedRange<Int> {
            store.clock.advance(by: .seconds(1))
            #expect(try await store.count() == 50 - elapsed)
            #expect(try await store.keys(limit: 100).elements.count == 50 - elapsed)
            #expect(try await store.get("k\(elapsed - 1)") == nil)
            let statistics = try await store.statistics()
            #expect(statistics.expiredEntries == elapsed)
            #expect(statistics.purgedEntries == 0)
        }
    }

    @Test(
        "keep leaves the expiry as it is to the millisecond, also across reopening",
        arguments: [Setting.Form.synchronous, .suspending])
    func keepAcrossReopening(form: Setting.Form) async throws {
        var store = try Setting(form: form, place: .file).open { $0.defaultTimeToLive = .seconds(5) }
        try await store.set("k", "one", expiring: .after(.milliseconds(12_345)))
        let expiry = try await store.entry("k")?.expiresAt
        for value in ["two", "three"] {
            store.clock.advance(by: .milliseconds(1000))
            store = try store.reopened()
            #expect(try await store.set("k", value, expiring: .keep, when: .ifPresent) == .stored)
            #expect(try await store.set("k", value, expiring: .keep) == .stored)
            #expect(try await store.entry("k")?.expiresAt == expiry)
        }
        store = try store.reopened()
        store.clock.advance(by: .milliseconds(10_344))
        #expect(try await store.get("k") == "three")
        store.clock.advance(by: .milliseconds(1))
        #expect(try await store.get("k") == nil)
    }

    @Test("the time left is exact, and nil for an entry that never expires", arguments: Setting.all)
    func remaining(setting: Setting) async throws {
        let store = try setting.open()
        try await store.set("k", "v", expiring: .after(.milliseconds(1500) + .nanoseconds(1)))
        try await store.set("permanent", "v", expiring: .never)
        for elapsed in 0..<1501 as Range<Int64> {
            if try await store.entry("k")?.remaining != .milliseconds(1501 - elapsed) {
                Issue.record("after \(elapsed) ms")
            }
            store.clock.advance(by: .milliseconds(1))
        }
        #expect(try await store.entry("k") == nil)
        let permanent = try #require(try await store.entry("permanent"))
        #expect(permanent.remaining == nil)
        #expect(permanent.expiresAt == nil)
    }

    @Test("a date that has passed removes the entry, however far in the past", arguments: Setting.all)
    func pastDates(setting: Setting) async throws {
        for date in [
            Date.distantPast, Date(timeIntervalSince1970: 0), Date(timeIntervalSince1970: -1e300),
            Date(timeIntervalSince1970: -.infinity),
        ] {
            let store = try setting.open()
            try await store.set("k", "v")
            try await store.set("other", "v")
            #expect(try await store.set("k", "new", expiring: .at(date)) == .alreadyExpired)
            #expect(try await store.get("k") == nil)
            #expect(try await store.touch("other", expiring: .at(date)) == .alreadyExpired)
            #expect(try await store.count() == 0)
            #expect(try await store.statistics().expiredEntries == 0)
        }
    }

    @Test("dates are allowed up to the end of the year 9999", arguments: Setting.all)
    func farFuture(setting: Setting) async throws {
        let store = try setting.open()
        let last = Date(timeIntervalSince1970: 253_402_300_799.999)
        for date in [Date.distantFuture, last] {
            #expect(try await store.set("k", "v", expiring: .at(date)) == .stored)
            #expect(try await store.entry("k")?.expiresAt == date)
            #expect(try await store.touch("k", expiring: .at(date)) == .touched)
            #expect(try await store.entry("k")?.expiresAt == date)
        }
        let longest = Duration.milliseconds(253_402_300_799_999 - store.clock.now)
        #expect(try await store.set("k", "v", expiring: .after(longest)) == .stored)
        #expect(try await store.entry("k")?.remaining == longest)
        await expectFailure(.invalidExpiry) {
            try await store.set("k", "v", expiring: .after(longest + .nanoseconds(1)))
        }
        await expectFailure(.invalidExpiry) {
            try await store.touch("k", expiring: .at(Date(timeIntervalSince1970: 253_402_300_800)))
        }
        #expect(try await store.entry("k")?.remaining == longest)
    }

    @Test("a duration below a millisecond is one millisecond", arguments: Setting.all)
    func shortest(setting: Setting) async throws {
        let store = try setting.open { $0.defaultTimeToLive = .nanoseconds(1) }
        for expiry in [TTLStore.Expiry.after(.nanoseconds(1)), .after(.microseconds(999)), .default] {
            try await store.set("k", "v", expiring: expiry)
            #expect(try await store.entry("k")?.remaining == .milliseconds(1))
            store.clock.advance(by: .milliseconds(1))
            #expect(try await store.get("k") == nil)
        }
    }
}
