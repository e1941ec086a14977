import Foundation
import TTLTestSupport
import Testing

@testable import TTLStore

@Suite("Transactions") struct TransactionTests {
    private struct Refusal: Error, Equatable {}

    @Test(
        "the operations of a transaction are kept together, use one time, and read earlier writes",
        arguments: Setting.all)
    func kept(setting: Setting) async throws {
        let store = try setting.open()
        try await store.setAll([.init("from", .integer(10)), .init("to", .integer(1)), .init("gone", .text("v"))])
        let clock = store.clock
        let sum = try await store.transaction { transaction in
            try transaction.decrement("from", by: 4)
            clock.advance(by: .seconds(1))
            try transaction.increment("to", by: 4)
            #expect(try transaction.get("to", as: Int.self) == 5)
            try transaction.set("brief", "v", expiring: .after(.seconds(1)), tag: "t")
            clock.advance(by: .seconds(9))
            #expect(try transaction.entry("brief")?.remaining == .seconds(1))
            #expect(try transaction.keys(.tag("t")).elements == ["brief"])
            #expect(try transaction.take("gone") == "v")
            #expect(try transaction.getAll(["gone", "to"], as: TTLStore.Value.self) == [nil, .integer(5)])
            try transaction.setAll([.init("a", .text("1")), .init("b", .text("2"))])
            #expect(try transaction.exchange("a", TTLStore.Value.text("3")).previous == .text("1"))
            #expect(try transaction.exchange("a", [4]).previous == .text("3"))
            #expect(try transaction.get("a", as: [Int].self) == [4])
            #expect(try transaction.touch("b", expiring: .after(.seconds(5)), when: .ifEarlier) == .touched)
            #expect(try transaction.persist("b") == .madePermanent)
            #expect(try transaction.removeAll(["a"]) == 1)
            #expect(try transaction.count() == 4)
            return try transaction.update("from", as: Int.self) { number in
                number = (number ?? 0) * 2
                return number
            }
        }
        #expect(sum == 12)
        #expect(
            try await store.getAll(["from", "to", "b"], as: TTLStore.Value.self) == [
                .integer(12), .integer(5), .text("2"),
            ])
        #expect(try await store.contains("brief") == false)
    }

    @Test("a transaction whose closure throws changes nothing, and throws its error", arguments: Setting.all)
    func thrown(setting: Setting) async throws {
        let store = try setting.open()
        try await store.set("k", "old", expiring: .after(.seconds(60)))
        let before = try store.contents()
        await #expect(throws: Refusal()) {
            try await store.transaction { transaction in
                try transaction.set("k", "new")
                try transaction.set("other", "new")
                try transaction.removeAll(.prefix(""))
                throw Refusal()
            }
        }
        #expect(try store.contents() == before)
        await #expect(throws: Refusal()) { try await store.update("k", as: String.self) { _ in throw Refusal() } }
        #expect(try store.contents() == before)
        #expect(try await store.set("k", "new") == .stored)
    }

    @Test("a refused operation in a transaction changes nothing, and the closure may go on", arguments: Setting.all)
    func goesOn(setting: Setting) async throws {
        let store = try setting.open()
        try await store.transaction { transaction in
            try transaction.set("text", "v")
            expectFailure(.wrongKind) { try transaction.increment("text") }
            expectFailure(.invalidKey) { try transaction.set("", "v") }
            expectFailure(.invalidExpiry) { try transaction.set("text", "w", expiring: .after(.zero)) }
            try transaction.set("number", 1)
        }
        #expect(try await store.keys().elements == ["number", "text"])
        #expect(try await store.get("text") == "v")
    }

    @Test("a refused batch in a transaction leaves nothing of itself", arguments: Setting.all)
    func refusedBatch(setting: Setting) async throws {
        let store = try setting.open()
        try await store.transaction { transaction in
            expectFailure(.invalidExpiry) {
                try transaction.setAll([.init("a", .text("1")), .init("b", .text("2"), expiring: .after(.zero))])
            }
            try transaction.set("c", "3")
        }
        #expect(try await store.keys().elements == ["c"])
    }

    @Test(
        "an update whose closure also changes the entry itself ends with the closure's final value",
        arguments: Setting.all)
    func updateInside(setting: Setting) async throws {
        let store = try setting.open()
        try await store.set("k", "old", tag: "t")
        try await store.transaction { transaction in
            try transaction.update("k", as: String.self) { text in
                try transaction.remove("k")
                text = "new"
            }
            try transaction.update("made", as: String.self) { text in
                try transaction.set("made", "v", expiring: .after(.seconds(9)), tag: "t")
                text = "new"
            }
        }
        #expect(try await store.get("k") == "new")
        let made = try #require(try await store.entry("made"))
        #expect(made.value == .text("new") && made.tag == "t" && made.remaining == .seconds(9))
    }

    @Test("a transaction reads and extends values, and holds leases, in the same step", arguments: Setting.all)
    func touchesAndLeases(setting: Setting) async throws {
        let store = try setting.open()
        try await store.setAll([.init("text", .text("v")), .init("number", .integer(7))])
        try await store.transaction { transaction in
            #expect(try transaction.get("text", touching: .after(.seconds(5))) == "v")
            #expect(try transaction.get("number", as: Int.self, touching: .after(.seconds(6))) == 7)
            #expect(try transaction.get("missing", as: TTLStore.Value.self, touching: .never) == nil)
            #expect(try transaction.getAll(["number", "missing"], as: Int.self) == [7, nil])
            let lease = try #require(try transaction.acquireLease("job", for: .seconds(10)))
            #expect(try transaction.acquireLease("job", for: .seconds(10)) == nil)
            #expect(try transaction.renew(lease, for: .seconds(20))?.token == lease.token)
            let other = try #require(try transaction.acquireLease("other", for: .seconds(10)))
            #expect(try transaction.release(other))
            #expect(try transaction.lease(named: "other") == nil)
        }
        #expect(try await store.entry("text")?.remaining == .seconds(5))
        #expect(try await store.entry("number")?.remaining == .seconds(6))
        #expect(try await store.store.lease(named: "job")?.expiresAt == store.clock.date(after: 20_000))
    }

    @Test(
        "listings, counts and conditions in a transaction see its writes, and no expired entries",
        arguments: Setting.all)
    func reads(setting: Setting) async throws {
        let store = try setting.open()
        try await store.setAll([
            .init("a:1", .text("1"), tag: "t"), .init("a:2", .text("2"), expiring: .after(.seconds(1)), tag: "t"),
        ])
        store.clock.advance(by: .seconds(1))
        let revision = try #require(try await store.entry("a:1")).revision
        try await store.transaction { transaction in
            #expect(try transaction.count(.tag("t")) == 1)
            try transaction.setAll([.init("a:3", .text("3"), tag: "t"), .init("b:1", .integer(4))])
            #expect(try transaction.count(.tag("t")) == 2 && transaction.count(.prefix("a:")) == 2)
            #expect(try transaction.entries().elements.map(\.key) == ["a:1", "a:3", "b:1"])
            #expect(try transaction.entries(.tag("t")).elements.map(\.value) == [.text("1"), .text("3")])
            let page = try transaction.keys(.prefix("a:"), limit: 1)
            #expect(try transaction.entries(.prefix("a:"), after: page.next).elements.map(\.key) == ["a:3"])
            #expect(try transaction.get("a:2") == nil && !transaction.contains("a:2"))
            #expect(try transaction.remove("a:1", when: .ifUnchanged(since: revision)))
            try transaction.set("a:1", "again")
            #expect(try !transaction.remove("a:1", when: .ifUnchanged(since: revision)))
            #expect(try transaction.removeAll(.tag("t")) == 1)
        }
        #expect(try await store.keys().elements == ["a:1", "b:1"])
    }

    @Test(
        "get with touching in a transaction returns the value also if its condition does not hold",
        arguments: Setting.all)
    func conditionalTouches(setting: Setting) async throws {
        let store = try setting.open()
        try await store.setAll([.init("text", .text("v")), .init("number", .integer(7))])
        try await store.transaction { (transaction) throws in
            let (five, nine) = (Expiry.after(.seconds(5)), Expiry.after(.seconds(9)))
            #expect(try transaction.get("text", touching: five, when: .ifExpiring) == "v")
            #expect(try transaction.entry("text")?.expiresAt == nil)
            #expect(try transaction.get("number", as: Int.self, touching: nine, when: .ifPermanent) == 7)
            #expect(
                try transaction.get("number", as: TTLStore.Value.self, touching: five, when: .ifLater) == .integer(7))
            #expect(try transaction.entry("number")?.remaining == .seconds(9))
            expectFailure(.wrongKind) { try transaction.get("number", as: [Int].self, touching: five) }
            #expect(try transaction.entry("number")?.remaining == .seconds(9))
        }
        #expect(try await store.entry("number")?.remaining == .seconds(9))
    }

    @Test(
        "update passes the live value, writes the changed one, and removes the entry for nil", arguments: Setting.all,
        Before.allCases)
    func update(setting: Setting, before: Before) async throws {
        let store = try setting.open { $0.defaultTimeToLive = .seconds(5) }
        try await before.make(store, "k")
        let old = try await store.entry("k")
        let seen = try await store.update("k", as: String.self) { text in
            defer { text = (text ?? "") + "+" }
            return text
        }
        #expect(seen == (before.isLive ? "old" : nil))
        let entry = try #require(try await store.entry("k"))
        #expect(entry.value == .text((seen ?? "") + "+"))
        #expect(entry.remaining == (before.isLive ? old?.remaining : .seconds(5)))
        try await store.update("k", as: String.self, expiring: .after(.seconds(7))) { $0 = "x" }
        #expect(try await store.entry("k")?.remaining == .seconds(7))
        try await store.update("k", as: String.self, expiring: .at(.distantPast)) { $0 = "y" }
        #expect(try await store.contains("k") == false)
        try await store.set("k", "v")
        try await store.update("k", as: String.self) { $0 = nil }
        #expect(try await store.count() == 0)
        try await store.update("k", as: String.self) { $0 = nil }
        #expect(try await store.count() == 0)
    }

    @Test("an update that can't be read or written changes nothing", arguments: Setting.all)
    func updateErrors(setting: Setting) async throws {
        let store = try setting.open { $0.maximumValueSize = 10 }
        try await store.set("k", TTLStore.Value.bytes([1]))
        let before = try store.contents()
        await expectFailure(.wrongKind) { try await store.update("k", as: [Int].self) { $0 = [1] } }
        await expectFailure(.valueTooLarge) {
            try await store.update("k", as: [UInt8].self) { $0 = Array(repeating: 0, count: 11) }
        }
        await expectFailure(.encodingFailed) { try await store.update("n", as: Double.self) { $0 = .nan } }
        await expectFailure(.invalidExpiry) {
            try await store.update("k", as: [UInt8].self, expiring: .after(.zero)) { $0 = [2] }
        }
        #expect(try store.contents() == before)
    }
}
