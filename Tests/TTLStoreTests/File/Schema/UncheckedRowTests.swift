import TTLTestSupport
import Testing

@testable import TTLStore

@Suite("Rows that got past the schema's constraints") struct UncheckedRowTests {
    private func store(_ sql: String) throws -> StoreUnderTest {
        let store = try Setting.inFile.open()
        try shell(store.path, "PRAGMA ignore_check_constraints = ON;\n" + sql)
        return store
    }

    @Test("rows with expiries at both ends of the integers are purged and reported")
    func farApart() async throws {
        let store = try store(
            """
            INSERT INTO entries (id, key, value, expires_at) VALUES
                (-9223372036854775808, 'least', 'v', 1700000000000), (-1, 'minus one', 'v', 1700000000000),
                (9223372036854775807, 'greatest', 'v', 1700000000000);
            """)
        let removals = try store.store.removals()
        #expect(try await store.purgeExpired() == 3)
        #expect(removals.takeBuffered().map(\.key) == ["least", "minus one", "greatest"])
    }

    @Test("a purge ends although rows have an expiry that is no number")
    func textualExpiry() async throws {
        let store = try store(
            """
            INSERT INTO entries (key, value, expires_at) VALUES ('text', 'v', 'tomorrow'), ('blob', 'v', x'00');
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000)
            INSERT INTO entries (key, value, expires_at) SELECT 'dead:' || i, 'v', 1700000000000 FROM n;
            """)
        #expect(try await store.purgeExpired() == 3000)
        #expect(try await store.purgeExpired() == 0)
        let next = try store.store.engine.read("test") { reader in try reader.nextExpiry() }
        #expect(next == nil)
    }

    @Test("rows whose key is a BLOB are each listed once, and the listing ends")
    func blobKeys() async throws {
        let store = try store(
            "INSERT INTO entries (key, value) VALUES ('a', 'v'), ('z', 'v'), (x'41', 'v'), (x'42', 'v'), (x'', 'v');")
        for limit in 1...6 {
            var keys: [String] = []
            var cursor: TTLStore.Cursor?
            repeat {
                let page = try await store.keys(limit: limit, after: cursor)
                keys += page.elements
                cursor = page.next
            } while cursor != nil && keys.count < 20
            #expect(keys == ["a", "z", "", "A", "B"], "limit \(limit)")
        }
    }
}
