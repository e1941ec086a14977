import CTTLSQLite
import Foundation
import TTLTestSupport
import Testing

@testable import TTLStore

@Suite("A value of the largest size") struct ValueLimitTests {
    private static let limit = 100_000

    /// Each way to store a value that is that many bytes long in the file.
    private static let ways: [(String, @Sendable (TTLStore, Int) throws -> Void)] = [
        ("text", { try $0.set("k", String(repeating: "x", count: $1)) }),
        (
            "text of longer characters",
            { try $0.set("k", String(repeating: "é", count: $1 / 2) + ($1 % 2 == 1 ? "x" : "")) }
        ),
        ("bytes", { try $0.set("k", [UInt8](repeating: 1, count: $1)) }),
        ("JSON", { try $0.set("k", [String(repeating: "x", count: $1 - 4)]) }),
        ("exchange", { _ = try $0.exchange("k", TTLStore.Value.bytes(Array(repeating: 1, count: $1))) }),
        ("batch", { try $0.setAll([.init("j", .integer(1)), .init("k", .bytes(Array(repeating: 1, count: $1)))]) }),
        (
            "transaction",
            { (store, size) in
                try store.transaction { transaction in
                    try transaction.set("j", "x")
                    try transaction.set("k", [UInt8](repeating: 1, count: size))
                }
            }
        ),
        (
            "update",
            { (store, size) in
                try store.update("k", as: String.self) { $0 = String(repeating: "x", count: size) }
            }
        ),
    ]

    @Test(
        "a value of the largest size is stored, and one byte more is refused before SQLite sees it",
        arguments: ways.map(\.0))
    func boundary(way: String) throws {
        let store = try Setting.inFile.open { $0.maximumValueSize = ValueLimitTests.limit }
        let body = try #require(ValueLimitTests.ways.first { $0.0 == way }?.1)
        let before = try store.contents()
        let error = expectFailure(.valueTooLarge) { try body(store.store, ValueLimitTests.limit + 1) }
        #expect(error?.sqliteCode == nil && error?.isOutcomeUnknown == false)
        #expect(try store.contents() == before)
        try body(store.store, ValueLimitTests.limit)
        #expect(try store.store.get("k", as: TTLStore.Value.self)?.rawBytes.count == ValueLimitTests.limit)
        // A value of another store may be larger than the setting, and is read.
        let smaller = try store.reopened { $0.maximumValueSize = 1 }
        #expect(try smaller.store.get("k", as: TTLStore.Value.self)?.rawBytes.count == ValueLimitTests.limit)
    }

    @Test(
        "a value of the largest size has room for its key and its tag below SQLite's limit",
        arguments: Setting.Place.allCases,
        [1, 16 << 20, 512 << 20])
    func ofSQLite(place: Setting.Place, size: Int) throws {
        let store = try Setting(form: .synchronous, place: place).open { $0.maximumValueSize = size }
        // Of a whole row: value, key and tag.
        let limit = try store.store.engine.write("limit") {
            Int(sqlite3_limit($0.connection.handle, SQLITE_LIMIT_LENGTH, -1))
        }
        #expect(limit >= size + 2 * TTLStore.maximumKeyLength + 100)
    }
}
