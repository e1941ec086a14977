import TTLTestSupport
import Testing

@testable import TTLStore

@Suite("A transaction that has ended, or can't be kept") struct EndedTransactionTests {
    /// All operations of a transaction.
    private static let operations: [@Sendable (TTLStore.Transaction) throws -> Void] = [
        { try $0.set("k", "w") }, { try $0.set("k", TTLStore.Value.integer(1)) },
        { try $0.setAll([.init("k", .integer(1))]) },
        { try $0.exchange("k", TTLStore.Value.integer(1)) }, { _ = try $0.get("k") as String? },
        { _ = try $0.get("k", as: Int.self) }, { _ = try $0.get("k", as: TTLStore.Value.self) },
        { _ = try $0.get("k", touching: .never) as String? }, { _ = try $0.get("k", as: Int.self, touching: .never) },
        { _ = try $0.get("k", as: TTLStore.Value.self, touching: .never) },
        { _ = try $0.getAll(["k"], as: TTLStore.Value.self) },
        { _ = try $0.getAll(["k"], as: Int.self) }, { _ = try $0.entry("k") }, { _ = try $0.contains("k") },
        { _ = try $0.take("k") as String? }, { _ = try $0.take("k", as: Int.self) },
        { _ = try $0.take("k", as: TTLStore.Value.self) },
        { try $0.remove("k") }, { try $0.removeAll(["k"]) }, { try $0.removeAll(.prefix("")) },
        { try $0.removeAll(.tag("t")) }, { try $0.touch("k", expiring: .never) }, { try $0.persist("k") },
        { try $0.increment("k") }, { try $0.decrement("k") }, { _ = try $0.keys() }, { _ = try $0.entries() },
        { _ = try $0.count() }, { _ = try $0.keys(.tag("t")) }, { _ = try $0.entries(.tag("t")) },
        { _ = try $0.count(.tag("t")) }, { try $0.update("k", as: String.self) { $0 = "w" } },
        { _ = try $0.acquireLease("job", for: .seconds(1)) }, { _ = try $0.renew(lease, for: .seconds(1)) },
        { try $0.release(lease) }, { _ = try $0.lease(named: "job") },
    ]

    private static let lease = TTLStore.Lease(
        "job", LeaseTable.Holding(token: 1, owner: "me", expiresAt: TimeConversion.latest))

    private static func expectFailures(_ code: TTLStoreError.Code, _ transaction: TTLStore.Transaction) {
        for (number, operation) in operations.enumerated() {
            expectFailure(code, "operation \(number)") { try operation(transaction) }
        }
    }

    @Test("every operation of an ended transaction throws, and changes nothing", arguments: Setting.all)
    func ended(setting: Setting) throws {
        let store = try setting.open()
        try store.store.set("k", "v")
        let before = try store.contents()
        var escaped: TTLStore.Transaction?
        try store.store.transaction { escaped = $0 }
        EndedTransactionTests.expectFailures(.transactionEnded, try #require(escaped))
        #expect(try store.contents() == before)
    }

    @Test(
        "every operation of a transaction throws once its closure has closed the store",
        arguments: Setting.Place.allCases)
    func closed(place: Setting.Place) throws {
        let store = try Setting(form: .synchronous, place: place).open()
        expectFailure(.closed) {
            try store.store.transaction { transaction in
                store.store.close()
                EndedTransactionTests.expectFailures(.closed, transaction)
            }
        }
    }

    @Test("after an error of the file every operation of the transaction throws it, even if the closure caught it")
    func lost() throws {
        let store = try Setting.inFile.open()
        try store.store.set("k", "v")
        let before = try store.contents()
        expectFailure(.diskFull) {
            try store.store.transaction { transaction in
                try transaction.set("k", "new")
                try transaction.writer.connection.execute("PRAGMA max_page_count = 1")
                expectFailure(.diskFull) { try transaction.set("large", String(repeating: "x", count: 100_000)) }
                EndedTransactionTests.expectFailures(.diskFull, transaction)
            }
        }
        try store.store.transaction { _ = try $0.writer.connection.execute("PRAGMA max_page_count = 1000000") }
        #expect(try store.contents() == before)
        #expect(try store.store.set("k", "new") == .stored)
    }
}
