import TTLTestSupport
import Testing

@testable import TTLStore

@Suite("Conditions") struct ConditionTests {
    @Test("ifUnchanged overwrites or removes only the revision that was read", arguments: Setting.all)
    func unchanged(setting: Setting) async throws {
        let store = try setting.open()
        try await store.set("k", "one", expiring: .after(.seconds(60)), tag: "t")
        let first = try #require(try await store.entry("k")?.revision)
        #expect(try await store.set("k", "two", tag: "u", when: .ifUnchanged(since: first)) == .stored)
        let second = try #require(try await store.entry("k"))
        #expect(second.revision != first)
        #expect(second.tag == "u" && second.value == .text("two") && second.expiresAt == nil)
        let before = try store.contents()
        #expect(try await store.set("k", "three", when: .ifUnchanged(since: first)) == .conditionNotMet)
        #expect(try await store.remove("k", when: .ifUnchanged(since: first)) == false)
        #expect(
            try await store.exchange("k", TTLStore.Value.text("three"), when: .ifUnchanged(since: first))
                == ExchangeOutcome(outcome: .conditionNotMet, previous: .text("two")))
        #expect(try store.contents() == before)
        #expect(try await store.remove("k", when: .ifUnchanged(since: second.revision)))
        #expect(try await store.count() == 0)
    }

    @Test("a revision survives a touch, and no write, removal, expiry or reopening brings it back")
    func revisions() async throws {
        var store = try Setting.inFile.open()
        try await store.set("k", "v", expiring: .after(.seconds(1)))
        let first = try #require(try await store.entry("k")?.revision)
        try await store.touch("k", expiring: .after(.seconds(2)))
        try await store.persist("k")
        #expect(try await store.entry("k")?.revision == first)
        try await store.remove("k")
        try await store.set("k", "v", expiring: .after(.seconds(1)))
        let second = try #require(try await store.entry("k")?.revision)
        store.clock.advance(by: .seconds(1))
        // Overwritten in place, while the expired row is still there.
        #expect(try await store.set("k", "w", when: .ifUnchanged(since: second)) == .conditionNotMet)
        try await store.set("k", "v", expiring: .after(.seconds(1)))
        let third = try #require(try await store.entry("k")?.revision)
        store.clock.advance(by: .seconds(1))
        try await store.purgeExpired()
        store = try store.reopened()
        try await store.set("k", "v")
        for revision in [first, second, third] {
            #expect(try await store.set("k", "w", when: .ifUnchanged(since: revision)) == .conditionNotMet)
        }
        let revision = try #require(try await store.entry("k")?.revision)
        #expect(TTLStore.Revision(revision.description) == revision)
        for text in ["one", "", "+5", "007", "-1", "1 "] { #expect(TTLStore.Revision(text) == nil, "\(text)") }
    }

    @Test("ifUnchanged works with each kind of expiry", arguments: Setting.all, SetTests.Given.allCases)
    func unchangedExpiry(setting: Setting, given: SetTests.Given) async throws {
        let store = try setting.open { $0.defaultTimeToLive = .seconds(5) }
        try await Before.expiring.make(store, "k")
        let revision = try #require(try await store.entry("k")?.revision)
        let outcome = try await store.set(
            "k", "new", expiring: given.expiry(store.clock), when: .ifUnchanged(since: revision))
        #expect(outcome == (given.hasPassed ? .alreadyExpired : .stored))
        if let entry = try await store.entry("k") {
            #expect(.some(entry.remaining) == given.remaining(after: .expiring))
        } else {
            #expect(given.hasPassed)
        }
    }

    @Test(
        "for touch ifPermanent, ifExpiring, ifLater and ifEarlier never is infinitely late, and equal is neither",
        arguments: Setting.all)
    func touch(setting: Setting) async throws {
        // In seconds from now; nil for never.
        let times: [Int64?] = [1, 5, 10, nil]
        for condition in [TouchCondition.ifPermanent, .ifExpiring, .ifLater, .ifEarlier] {
            for current in times {
                for new in times {
                    let holds =
                        switch condition {
                        case .ifPermanent: current == nil
                        case .ifExpiring: current != nil
                        case .ifLater: new ?? .max > current ?? .max
                        default: new ?? .max < current ?? .max
                        }
                    let store = try setting.open()
                    try await store.set("k", "v", expiring: expiry(current))
                    let before = try store.contents()
                    let comment = Comment("\(condition) from \(current ?? -1) to \(new ?? -1)")
                    #expect(
                        try await store.touch("k", expiring: expiry(new), when: condition)
                            == (holds ? .touched : .conditionNotMet), comment)
                    #expect(try await store.entry("k")?.remaining == (holds ? new : current).map { .seconds($0) })
                    if !holds { #expect(try store.contents() == before, comment) }
                    #expect(try await store.touch("missing", expiring: expiry(new), when: condition) == .absent)
                }
            }
        }
    }

    @Test("for touch a date that has passed is earlier than every expiry and later than none", arguments: Setting.all)
    func touchPast(setting: Setting) async throws {
        for (condition, current, outcome) in [
            (.ifLater, 5, .conditionNotMet), (.ifLater, nil, .conditionNotMet), (.ifEarlier, 5, .alreadyExpired),
            (.ifEarlier, nil, .alreadyExpired), (.ifPermanent, nil, .alreadyExpired),
            (.ifPermanent, 5, .conditionNotMet),
            (.ifExpiring, 5, .alreadyExpired), (.ifExpiring, nil, .conditionNotMet),
        ] as [(TouchCondition, Int64?, TouchOutcome)] {
            let store = try setting.open()
            try await store.set("k", "v", expiring: expiry(current))
            let date = store.clock.date()
            #expect(try await store.touch("k", expiring: .at(date), when: condition) == outcome, "\(condition)")
            #expect(try await store.contains("k") == (outcome == .conditionNotMet), "\(condition)")
        }
    }

    @Test("a condition that does not hold takes no lock, so it is answered while another process writes")
    func withoutLock() throws {
        let store = try Setting.inFile.open { $0.busyTimeout = .zero }
        try store.store.set("k", "v", expiring: .after(.seconds(60)))
        let holder = try otherProcess("hold", store.path)
        #expect(holder.readLine() == "held")
        #expect(try store.store.touch("k", expiring: .after(.seconds(10)), when: .ifLater) == .conditionNotMet)
        #expect(try store.store.get("k", touching: .never, when: .ifPermanent) == "v")
        expectFailure(.busy) { try store.store.touch("k", expiring: .after(.seconds(99)), when: .ifLater) }
        #expect(holder.ask("") == "released")
    }

    private func expiry(_ seconds: Int64?) -> Expiry { seconds.map { .after(.seconds($0)) } ?? .never }
}
