import Foundation
import TTLStore
import TTLTestSupport
import Testing

@Suite("Set") struct SetTests {
    /// Every kind of expiry.
    enum Given: CaseIterable {
        case byDefault, never, after, at, past, present, keep

        func expiry(_ clock: ManualClock) -> TTLStore.Expiry {
            switch self {
            case .byDefault: .default
            case .never: .never
            case .after: .after(.seconds(10))
            case .at: .at(clock.date(after: 10_000))
            case .past: .at(clock.date(after: -1))
            case .present: .at(clock.date())
            case .keep: .keep
            }
        }

        var hasPassed: Bool { self == .past || self == .present }

        /// The time left afterwards; the outer optional is nil for no entry at all.
        func remaining(after before: Before) -> Duration?? {
            switch self {
            case .byDefault: .seconds(5)
            case .never: .some(nil)
            case .after, .at: .seconds(10)
            case .past, .present: nil
            case .keep:
                switch before {
                case .absent, .expired: .seconds(5)
                case .expiring: Before.remaining
                case .permanent: .some(nil)
                }
            }
        }
    }

    @Test(
        "set does what its condition and its expiry say, whatever was there before", arguments: Setting.all,
        Before.allCases)
    func outcome(setting: Setting, before: Before) async throws {
        for condition in [TTLStore.SetCondition.always, .ifAbsent, .ifPresent] {
            for given in Given.allCases {
                let store = try setting.open { $0.defaultTimeToLive = .seconds(5) }
                try await before.make(store, "k")
                let contents = try store.contents()
                let expiry = given.expiry(store.clock)
                let outcome = try await store.set("k", "new", expiring: expiry, when: condition)
                let comment = Comment("\(before), \(condition), \(given)")
                switch condition {
                case .ifAbsent where before.isLive, .ifPresent where !before.isLive:
                    #expect(outcome == .conditionNotMet, comment)
                    #expect(try store.contents() == contents, comment)
                default:
                    #expect(outcome == (given.hasPassed ? .alreadyExpired : .stored), comment)
                    let entry = try await store.entry("k")
                    #expect(entry?.value == (given.hasPassed ? nil : .text("new")), comment)
                    #expect(entry.map(\.remaining) == given.remaining(after: before), comment)
                }
            }
        }
    }

    @Test("a plain set clears the expiry that the key had", arguments: Setting.all)
    func plainSetClears(setting: Setting) async throws {
        let store = try setting.open()
        try await store.set("k", "old", expiring: .after(.seconds(1)))
        try await store.set("k", "new")
        store.clock.advance(by: .seconds(100))
        let entry = try #require(try await store.entry("k"))
        #expect(entry.value == .text("new"))
        #expect(entry.expiresAt == nil)
        #expect(entry.remaining == nil)
    }

    @Test("overwriting a live entry keeps its creation and raises its revision by one", arguments: Setting.all)
    func overwriteLive(setting: Setting) async throws {
        let store = try setting.open()
        try await store.set("k", "old")
        let old = try #require(try await store.entry("k"))
        store.clock.advance(by: .seconds(3))
        for condition in [TTLStore.SetCondition.always, .ifPresent] {
            let previous = try #require(try await store.entry("k"))
            try await store.set("k", "new", when: condition)
            let new = try #require(try await store.entry("k"))
            #expect(new.createdAt == old.createdAt)
            #expect(new.updatedAt == old.createdAt.addingTimeInterval(3))
            let number = try #require(Int64(previous.revision.description))
            #expect(new.revision.description == String(number + 1))
        }
    }

    @Test("overwriting an expired entry makes a new one with a revision that it never had", arguments: Setting.all)
    func overwriteExpired(setting: Setting) async throws {
        for condition in [TTLStore.SetCondition.always, .ifAbsent] {
            let store = try setting.open()
            try await store.set("k", "old", expiring: .after(.seconds(1)))
            let old = try #require(try await store.entry("k"))
            store.clock.advance(by: .seconds(3))
            try await store.set("k", "new", when: condition)
            let new = try #require(try await store.entry("k"))
            #expect(new.createdAt == old.createdAt.addingTimeInterval(3))
            #expect(new.updatedAt == new.createdAt)
            #expect(new.revision != old.revision)
        }
    }

    @Test("an entry that was removed and made anew has another revision", arguments: Setting.all)
    func revisionAfterRemoval(setting: Setting) async throws {
        let store = try setting.open()
        var seen: Set<TTLStore.Revision> = []
        for _ in 0..<20 {
            try await store.set("k", "value")
            #expect(seen.insert(try #require(try await store.entry("k")).revision).inserted)
            try await store.remove("k")
        }
    }

    @Test(
        "the default time to live comes from the configuration; without one entries never expire",
        arguments: Setting.all)
    func defaultTimeToLive(setting: Setting) async throws {
        let without = try setting.open()
        try await without.set("k", "v")
        #expect(try #require(try await without.entry("k")).remaining == nil)
        let with = try setting.open { $0.defaultTimeToLive = .milliseconds(1500) }
        try await with.set("k", "v")
        #expect(try #require(try await with.entry("k")).remaining == .milliseconds(1500))
        try await with.set("k", "v", expiring: .never)
        #expect(try #require(try await with.entry("k")).remaining == nil)
    }

    @Test("a value of the largest size is stored and one byte more is refused", arguments: Setting.all)
    func largestValue(setting: Setting) async throws {
        let store = try setting.open { $0.maximumValueSize = 10 }
        try await store.set("k", "0123456789")
        try await store.set("number", TTLStore.Value.integer(.max))
        let before = try store.contents()
        for value in [TTLStore.Value.text("0123456789a"), .text("ääääää"), .bytes(Array(repeating: 0, count: 11))] {
            let error = await expectFailure(.valueTooLarge) { try await store.set("k", value) }
            #expect(error?.operation == "set")
        }
        await expectFailure(.valueTooLarge) { try await store.set("k", ["0123456789"]) }
        #expect(try store.contents() == before)
    }

    static let invalidExpiries: [TTLStore.Expiry] =
        [.zero, .seconds(-1), .nanoseconds(-1), .seconds(Int64.max), .seconds(Int64.min), .seconds(1 << 50)]
        .map { .after($0) }
        + [.nan, .infinity, 253_402_300_800, 1e300].map { .at(Date(timeIntervalSince1970: $0)) }

    @Test("an expiry that no entry can have is refused and changes nothing", arguments: Setting.all)
    func invalidExpiry(setting: Setting) async throws {
        for before in Before.allCases {
            let store = try setting.open()
            try await before.make(store, "k")
            let contents = try store.contents()
            // By number: Foundation traps where it describes some of these dates.
            for (number, expiry) in SetTests.invalidExpiries.enumerated() {
                for condition in [TTLStore.SetCondition.always, .ifAbsent, .ifPresent] {
                    await expectFailure(.invalidExpiry, "expiry \(number)") {
                        try await store.set("k", "new", expiring: expiry, when: condition)
                    }
                }
            }
            #expect(try store.contents() == contents)
        }
    }

    @Test("a default time to live that has become too long is an invalid expiry, not a trap")
    func defaultBeyondTheLastYear() async throws {
        let store = try Setting.inMemory.open { $0.defaultTimeToLive = .seconds(1000) }
        store.clock.advance(by: .milliseconds(253_402_300_799_999 - store.clock.now - 999_999))
        await expectFailure(.invalidExpiry) { try await store.set("k", "v") }
        await expectFailure(.invalidExpiry) { try await store.set("k", "v", expiring: .keep) }
        #expect(try await store.set("k", "v", expiring: .never) == .stored)
    }
}
