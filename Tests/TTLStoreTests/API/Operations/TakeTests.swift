import Foundation
import TTLTestSupport
import Testing

@testable import TTLStore

@Suite("Take, get and touch, exchange") struct TakeTests {
    @Test(
        "take returns a live value and leaves none, whatever was there before", arguments: Setting.all, Before.allCases)
    func take(setting: Setting, before: Before) async throws {
        let store = try setting.open()
        try await before.make(store, "k")
        try await store.set("other", "stays")
        #expect(try await store.take("k") == (before.isLive ? "old" : nil))
        #expect(try await store.take("k") == nil)
        #expect(try await store.keys().elements == ["other"])
    }

    @Test("a value that can't be read as the requested type is not taken", arguments: Setting.all)
    func wrongKind(setting: Setting) async throws {
        let store = try setting.open()
        try await store.set("bytes", TTLStore.Value.bytes([0, 255]))
        try await store.set("text", "no number")
        let before = try store.contents()
        await expectFailure(.wrongKind) { try await store.take("bytes") }
        await expectFailure(.wrongKind) { try await store.take("bytes", as: Int.self) }
        await expectFailure(.decodingFailed) { try await store.take("text", as: [Int].self) }
        await expectFailure(.wrongKind) { try await store.get("bytes", touching: .after(.seconds(1))) }
        await expectFailure(.decodingFailed) {
            try await store.get("text", as: [Int].self, touching: .after(.seconds(1)))
        }
        #expect(try store.contents() == before)
        #expect(try await store.take("bytes", as: TTLStore.Value.self) == .bytes([0, 255]))
        #expect(try await store.take("text", as: String.self) == "no number")
    }

    @Test("get with touching is one step, for every state and expiry", arguments: Setting.all, Before.allCases)
    func getAndTouch(setting: Setting, before: Before) async throws {
        for given in SetTests.Given.allCases {
            let store = try setting.open { $0.defaultTimeToLive = .seconds(5) }
            try await before.make(store, "k")
            let contents = try store.contents()
            let comment = Comment("\(before), \(given)")
            let expiry = given.expiry(store.clock)
            #expect(
                try await store.get("k", as: TTLStore.Value.self, touching: expiry)
                    == (before.isLive ? .text("old") : nil), comment)
            guard before.isLive else {
                #expect(try store.contents() == contents, comment)
                continue
            }
            guard let entry = try await store.entry("k") else {
                #expect(given.hasPassed, comment)
                continue
            }
            #expect(.some(entry.remaining) == given.remaining(after: before), comment)
            #expect(entry.revision == contents.live[0].revision, comment)
        }
    }

    @Test("a session that slides is written only when little time is left", arguments: Setting.all)
    func sliding(setting: Setting) async throws {
        let store = try setting.open()
        try await store.set("id", "alice", expiring: .after(.seconds(1800)))
        func visit() async throws -> String? {
            try await store.get("id", touching: .after(.seconds(1800)), when: .ifRemainingLess(than: .seconds(1500)))
        }
        store.clock.advance(by: .seconds(300))
        #expect(try await visit() == "alice")
        #expect(try await store.entry("id")?.remaining == .seconds(1500))
        store.clock.advance(by: .milliseconds(1))
        #expect(try await visit() == "alice")
        #expect(try await store.entry("id")?.remaining == .seconds(1800))
        store.clock.advance(by: .seconds(1800))
        #expect(try await visit() == nil)
        await expectFailure(.invalidArgument) {
            try await store.get("id", touching: .never, when: .ifRemainingLess(than: .zero))
        }
        await expectFailure(.invalidExpiry) { try await store.get("missing", touching: .after(.zero)) }
    }

    @Test("exchange returns the previous live value and, separately, whether it wrote", arguments: Setting.all)
    func exchange(setting: Setting) async throws {
        for before in Before.allCases {
            let old: Value? = before.isLive ? .text("old") : nil
            for condition in [SetCondition.always, .ifAbsent, .ifPresent] {
                let store = try setting.open()
                try await before.make(store, "k")
                let contents = try store.contents()
                let outcome = try await store.exchange("k", TTLStore.Value.integer(7), tag: "t", when: condition)
                let writes = condition == .always || (condition == .ifPresent) == before.isLive
                let comment = Comment("\(before), \(condition)")
                #expect(
                    outcome == ExchangeOutcome(outcome: writes ? .stored : .conditionNotMet, previous: old), comment)
                if writes {
                    let entry = try await store.entry("k")
                    #expect(entry?.value == .integer(7) && entry?.tag == "t" && entry?.expiresAt == nil, comment)
                } else {
                    #expect(try store.contents() == contents, comment)
                }
            }
            let store = try setting.open()
            try await before.make(store, "k")
            let gone = try await store.exchange("k", TTLStore.Value.text("new"), expiring: .at(store.clock.date()))
            #expect(gone == ExchangeOutcome(outcome: .alreadyExpired, previous: old))
            #expect(try await store.contains("k") == false)
        }
    }

    @Test("exchange takes a value of any type, and returns the previous one as it was stored", arguments: Setting.all)
    func exchangeEncoding(setting: Setting) async throws {
        let store = try setting.open { $0.maximumValueSize = 10 }
        #expect(try await store.exchange("k", [1, 2]).previous == nil)
        #expect(try await store.exchange("k", "text", when: .ifPresent).previous == .text("[1,2]"))
        let outcome = try await store.exchange("k", 7, expiring: .after(.seconds(5)), tag: "t")
        #expect(outcome == ExchangeOutcome(outcome: .stored, previous: .text("text")))
        let entry = try #require(try await store.entry("k"))
        #expect(entry.value == .integer(7) && entry.remaining == .seconds(5) && entry.tag == "t")
        let refused = try await store.exchange("k", [UInt8(1)], when: .ifAbsent)
        #expect(refused == ExchangeOutcome(outcome: .conditionNotMet, previous: .integer(7)))
        let before = try store.contents()
        await expectFailure(.encodingFailed) { try await store.exchange("k", Double.nan) }
        await expectFailure(.valueTooLarge) { try await store.exchange("k", ["0123456789"]) }
        #expect(try store.contents() == before)
    }

    @Test("exchange refuses an expiry that no entry can have, and changes nothing", arguments: Setting.all)
    func exchangeInvalidExpiry(setting: Setting) async throws {
        for before in Before.allCases {
            let store = try setting.open()
            try await before.make(store, "k")
            let contents = try store.contents()
            for (number, expiry) in SetTests.invalidExpiries.enumerated() {
                let error = await expectFailure(.invalidExpiry, "expiry \(number)") {
                    try await store.exchange("k", TTLStore.Value.text("new"), expiring: expiry)
                }
                #expect(error?.operation == "exchange")
                await expectFailure(.invalidExpiry, "expiry \(number)") {
                    try await store.exchange("k", "new", expiring: expiry, when: .ifPresent)
                }
            }
            #expect(try store.contents() == contents)
        }
    }
}
