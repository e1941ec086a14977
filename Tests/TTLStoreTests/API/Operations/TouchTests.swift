import Foundation
import TTLStore
import TTLTestSupport
import Testing

@Suite("Touch and persist") struct TouchTests {
    typealias Given = SetTests.Given

    @Test(
        "touch changes the expiry of a live entry and nothing else, and revives nothing", arguments: Setting.all,
        Before.allCases)
    func outcome(setting: Setting, before: Before) async throws {
        for given in Given.allCases {
            let store = try setting.open { $0.defaultTimeToLive = .seconds(5) }
            try await before.make(store, "k")
            let contents = try store.contents()
            store.clock.advance(by: .milliseconds(1))
            let outcome = try await store.touch("k", expiring: given.expiry(store.clock))
            let comment = Comment("\(before), \(given)")
            guard before.isLive else {
                #expect(outcome == .absent, comment)
                #expect(try store.contents().live == contents.live, comment)
                continue
            }
            #expect(outcome == (given.hasPassed ? .alreadyExpired : .touched), comment)
            guard let entry = try await store.entry("k") else {
                #expect(given.hasPassed, comment)
                continue
            }
            let kept = before == .expiring ? Before.remaining - .milliseconds(1) : nil
            #expect(entry.remaining == (given == .keep ? kept : given.remaining(after: before)), comment)
            let old = try #require(contents.live.first)
            #expect(entry.value == old.value, comment)
            #expect(entry.revision == old.revision, comment)
            #expect(entry.updatedAt == old.updatedAt, comment)
            #expect(entry.createdAt == old.createdAt, comment)
        }
    }

    @Test(
        "for touch ifRemainingLess equal is not less, and never is infinitely late",
        arguments: Setting.all)
    func remainingLess(setting: Setting) async throws {
        let store = try setting.open()
        try await store.set("k", "v", expiring: .after(.milliseconds(1000)))
        try await store.set("permanent", "v", expiring: .never)
        let before = try store.contents()
        func touch(_ key: String, ifLessThan limit: Duration) async throws -> TTLStore.TouchOutcome {
            try await store.touch(key, expiring: .after(.seconds(60)), when: .ifRemainingLess(than: limit))
        }
        #expect(try await touch("k", ifLessThan: .milliseconds(999)) == .conditionNotMet)
        #expect(try await touch("k", ifLessThan: .milliseconds(1000)) == .conditionNotMet)
        #expect(try await touch("permanent", ifLessThan: .seconds(1_000_000_000)) == .conditionNotMet)
        #expect(try await touch("missing", ifLessThan: .seconds(1)) == .absent)
        #expect(try store.contents() == before)
        #expect(try await touch("k", ifLessThan: .milliseconds(1000) + .nanoseconds(1)) == .touched)
        #expect(try await store.entry("k")?.remaining == .seconds(60))
        store.clock.advance(by: .seconds(60))
        #expect(try await touch("k", ifLessThan: .seconds(1000)) == .absent)
    }

    @Test(
        "touch refuses invalid arguments whatever the entry, and changes nothing", arguments: Setting.all,
        Before.allCases)
    func invalidArguments(setting: Setting, before: Before) async throws {
        let store = try setting.open()
        try await before.make(store, "k")
        let contents = try store.contents()
        for limit in [Duration.zero, .seconds(-1), .seconds(Int64.max)] {
            let error = await expectFailure(.invalidArgument, "\(limit)") {
                try await store.touch("k", expiring: .never, when: .ifRemainingLess(than: limit))
            }
            #expect(error?.operation == "touch")
        }
        for condition in [
            TTLStore.TouchCondition.always, .ifRemainingLess(than: .milliseconds(1)),
            .ifRemainingLess(than: .seconds(99)),
        ] {
            for expiry in [
                TTLStore.Expiry.after(.zero), .after(.seconds(Int64.max)), .at(Date(timeIntervalSince1970: .nan)),
            ] {
                await expectFailure(.invalidExpiry, "\(condition)") {
                    try await store.touch("k", expiring: expiry, when: condition)
                }
            }
        }
        #expect(try store.contents() == contents)
    }

    @Test("persist distinguishes made permanent, was permanent and absent", arguments: Setting.all, Before.allCases)
    func persist(setting: Setting, before: Before) async throws {
        let store = try setting.open()
        try await before.make(store, "k")
        let contents = try store.contents()
        let outcome = try await store.persist("k")
        switch before {
        case .absent, .expired: #expect(outcome == .absent)
        case .permanent: #expect(outcome == .wasPermanent)
        case .expiring:
            #expect(outcome == .madePermanent)
            let (old, new) = (try #require(contents.live.first), try #require(try await store.entry("k")))
            #expect(new.expiresAt == nil)
            #expect(new.revision == old.revision && new.updatedAt == old.updatedAt && new.value == old.value)
            #expect(try await store.persist("k") == .wasPermanent)
            store.clock.advance(by: .seconds(1_000_000))
            #expect(try await store.contains("k"))
            return
        }
        #expect(try store.contents() == contents)
    }
}
