import TTLTestSupport
import Testing

@testable import TTLStore

@Suite("A closure that calls the store instead of its transaction", .hangLimit)
struct ReentrancyTests {
    /// All operations, in the synchronous forms, as a closure can call them.
    private static let operations: [@Sendable (TTLStore) throws -> Void] = [
        { try $0.set("k", "w") }, { try $0.set("k", 1) }, { try $0.set("k", TTLStore.Value.integer(1)) },
        { try $0.setAll([.init("k", .integer(1))]) }, { try $0.exchange("k", TTLStore.Value.integer(1)) },
        { try $0.exchange("k", 1) }, { _ = try $0.get("k") as String? }, { _ = try $0.get("k", as: Int.self) },
        { _ = try $0.get("k", as: TTLStore.Value.self) }, { _ = try $0.get("k", touching: .never) as String? },
        { _ = try $0.get("k", as: Int.self, touching: .never) },
        { _ = try $0.get("k", as: TTLStore.Value.self, touching: .never) },
        { _ = try $0.getAll(["k"], as: TTLStore.Value.self) }, { _ = try $0.getAll(["k"], as: Int.self) },
        { _ = try $0.entry("k") },
        { _ = try $0.contains("k") }, { _ = try $0.take("k") as String? }, { _ = try $0.take("k", as: Int.self) },
        { _ = try $0.take("k", as: TTLStore.Value.self) }, { try $0.remove("k") }, { try $0.removeAll(["k"]) },
        { try $0.removeAll(.prefix("")) }, { try $0.removeAll(.tag("t")) }, { try $0.touch("k", expiring: .never) },
        { _ = try $0.touch("k", expiring: .never, when: .ifExpiring) }, { try $0.persist("k") },
        { try $0.increment("k") }, { try $0.decrement("k") }, { _ = try $0.keys() }, { _ = try $0.entries() },
        { _ = try $0.count() }, { _ = try $0.keys(.tag("t")) }, { _ = try $0.entries(.tag("t")) },
        { _ = try $0.count(.tag("t")) }, { try $0.purgeExpired() }, { _ = try $0.statistics() },
        { try $0.transaction { _ in } }, { try $0.update("k", as: String.self) { $0 = "w" } },
        { _ = try $0.getOrCompute("k") { "w" } }, { _ = try $0.getOrCompute("absent") { "w" } },
        { _ = try $0.acquireLease("job", for: .seconds(1)) }, { _ = try $0.renew(lease, for: .seconds(1)) },
        { _ = try $0.release(lease) }, { _ = try $0.lease(named: "job") }, { _ = try $0.removals() },
        { try $0.backup(to: "/missing/copy.db") }, { _ = try $0.check() }, { try $0.vacuum() },
    ]

    private static let lease = TTLStore.Lease(
        "job", LeaseTable.Holding(token: 1, owner: "me", expiresAt: TimeConversion.latest))

    private static func expectRefusals(_ store: TTLStore) {
        for (number, operation) in operations.enumerated() {
            expectFailure(.reentrant, "operation \(number)") { try operation(store) }
        }
    }

    @Test(
        "every operation of the store throws inside a transaction's closure, and the transaction can be kept",
        arguments: Setting.all)
    func transaction(setting: Setting) async throws {
        let store = try setting.open()
        try await store.set("k", "v")
        let inner = store.store
        try await store.transaction { transaction in
            ReentrancyTests.expectRefusals(inner)
            try transaction.set("other", "v")
        }
        #expect(try store.contents().live.map(\.value) == [.text("v"), .text("v")])
        #expect(try await store.lease(named: "job") == nil)
    }

    @Test(
        "every operation of the store throws inside an update's closure, and the update can be kept",
        arguments: Setting.all)
    func update(setting: Setting) async throws {
        let store = try setting.open()
        try await store.set("k", "v")
        let inner = store.store
        try await store.update("k", as: String.self) { value in
            ReentrancyTests.expectRefusals(inner)
            value = (value ?? "") + "+"
        }
        #expect(try store.contents().live.map(\.value) == [.text("v+")])
        #expect(try await store.lease(named: "job") == nil)
    }

    @Test("a closure may call a store on another file, and transactions of two stores may be nested")
    func twoStores() throws {
        let (first, second) = (try TTLStore.inMemory(), try TTLStore.inMemory())
        try first.set("k", "v")
        try first.transaction { one in
            try second.transaction { two in
                try two.set("copy", try one.get("k") ?? "")
                expectFailure(.reentrant) { try second.get("copy") as String? }
            }
            #expect(try second.get("copy") == "v")
        }
    }
}
