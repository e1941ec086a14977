import Foundation
import TTLStore
import TTLTestSupport
import Testing

@Suite("Rows that only another program can have written") struct HandEditedRowTests {
    private func store(_ sql: String) throws -> StoreUnderTest {
        let store = try Setting.inFile.open()
        try shell(store.path, sql)
        return store
    }

    @Test("a key that is not UTF-8 is listed with a replacement character, counted and removed, and hides no other")
    func keyNotUTF8() async throws {
        let store = try store(
            """
            INSERT INTO entries (key, value) VALUES
                (CAST(x'ff' AS TEXT), 'ff'), (CAST(x'61ff62' AS TEXT), 'in a'), (CAST(x'c3' AS TEXT), 'cut off'),
                (CAST(x'eda080' AS TEXT), 'surrogate'), ('a', 'a'), ('z', 'z'), ('é', 'é');
            """)
        #expect(try await store.count() == 7)
        #expect(try await store.count(.prefix("a")) == 2)
        for limit in 1...8 {
            var values: [TTLStore.Value] = []
            var cursor: TTLStore.Cursor?
            repeat {
                let page = try await store.entries(limit: limit, after: cursor)
                values += page.elements.map(\.value)
                cursor = page.next
            } while cursor != nil && values.count < 20
            #expect(
                values == ["a", "in a", "z", "cut off", "é", "surrogate", "ff"].map { .text($0) }, "limit \(limit)")
        }
        #expect(try await store.keys(.prefix("a")).elements == ["a", "a\u{FFFD}b"])
        #expect(try await store.get("\u{FFFD}") == nil)
        #expect(try await store.removeAll(.prefix("a")) == 2)
        #expect(try await store.removeAll(.prefix("")) == 5)
    }

    @Test("a NUL inside a key is a part of the key")
    func keyWithNUL() async throws {
        let store = try store("INSERT INTO entries (key, value) VALUES (CAST(x'610062' AS TEXT), 'v');")
        #expect(try await store.keys().elements == ["a\0b"])
        #expect(try await store.get("a\0b") == "v")
        #expect(try await store.get("a") == nil)
        try await store.set("a\0b", "new")
        #expect(try await store.count() == 1)
        #expect(try await store.remove("a\0b"))
    }

    @Test("text that is not UTF-8 is read as bytes, none of them lost")
    func textNotUTF8() async throws {
        let store = try store("INSERT INTO entries (key, value) VALUES ('k', CAST(x'61ff00fe' AS TEXT));")
        #expect(try await store.get("k", as: TTLStore.Value.self) == .bytes([0x61, 0xFF, 0x00, 0xFE]))
        #expect(try await store.entry("k")?.value == .bytes([0x61, 0xFF, 0x00, 0xFE]))
        #expect(try await store.entries().elements.map(\.value) == [.bytes([0x61, 0xFF, 0x00, 0xFE])])
        await expectFailure(.wrongKind) { try await store.get("k") }
    }

    @Test("reading a hand-edited value as another kind throws wrongKind, and as its own kind works")
    func otherKind() async throws {
        let store = try store(
            "INSERT INTO entries (key, value) VALUES ('text', 'v'), ('bytes', x'00ff'), ('integer', 5), ('five', '5');")
        #expect(try await store.get("bytes", as: TTLStore.Value.self) == .bytes([0x00, 0xFF]))
        #expect(try await store.get("integer", as: TTLStore.Value.self) == .integer(5))
        #expect(try await store.get("five", as: TTLStore.Value.self) == .text("5"))
        await expectFailure(.wrongKind) { try await store.get("integer") }
        await expectFailure(.wrongKind) { try await store.get("bytes", as: Int.self) }
        #expect(try await store.entries().elements.count == 4)
    }

    @Test(
        "values that got past the constraints are read without a trap, overwritten and removed")
    func uncheckedRows() async throws {
        let store = try store(
            """
            PRAGMA ignore_check_constraints = ON;
            INSERT INTO entries (key, value) VALUES ('real', 1.5);
            INSERT INTO entries (key, value, expires_at) VALUES ('text', 'v', 'tomorrow'), ('seconds', 'v', 1800000000);
            INSERT INTO entries (key, value, expires_at)
            VALUES ('huge', 'v', 9223372036854775807), ('least', 'v', -9223372036854775808);
            INSERT INTO entries (key, value, created_at, updated_at) VALUES ('times', 'v', 'x', -9223372036854775808);
            INSERT INTO entries (key, value, revision) VALUES ('revision', 'v', -5);
            """)
        #expect(try await store.get("real", as: TTLStore.Value.self) == .bytes(Array("1.5".utf8)))
        for key in ["text", "times", "revision", "huge"] { #expect(try await store.entry(key) != nil, "\(key)") }
        for key in ["seconds", "least"] { #expect(try await store.entry(key) == nil, "\(key)") }
        _ = try store.contents()
        _ = try await store.statistics()
        #expect(try await store.purgeExpired() == 2)
        for key in ["real", "text", "huge", "times", "revision"] {
            #expect(try await store.touch(key, expiring: .keep, when: .ifRemainingLess(than: .seconds(1))) != .absent)
            #expect(try await store.remove(key), "\(key)")
        }
        #expect(try await store.count() == 0)
    }

    @Test(
        "an invalid time is compared without a trap, by each condition and in each operation",
        arguments: [
            "'-9223372036854775808 and a day'", "'tomorrow'", "x'00'", "1e300", "9223372036854775807",
            "253402300800000", "1800000000000.5",
        ])
    func strangeTimes(time: String) async throws {
        let conditions: [TTLStore.TouchCondition] = [
            .always, .ifPermanent, .ifExpiring, .ifLater, .ifEarlier,
            .ifRemainingLess(than: .seconds(Int64.max / 1000)),
        ]
        for condition in conditions {
            let store = try store(
                """
                PRAGMA ignore_check_constraints = ON;
                INSERT INTO entries (key, value, expires_at, updated_at) VALUES ('k', 'v', \(time), \(time));
                INSERT INTO leases (kind, name, owner, expires_at) VALUES ('lease', 'job', 'x', \(time));
                INSERT INTO leases (kind, name, owner, expires_at) VALUES ('store', 'expirer', 'x', \(time));
                """)
            // The earliest time by which anything is stored: 1973-03-03.
            store.clock.advance(by: .milliseconds(100_000_000_000 - store.clock.now))
            #expect(try await store.touch("k", expiring: .after(.seconds(5)), when: condition) != .absent)
            #expect(try await store.get("k", touching: .after(.seconds(6)), when: condition) == "v")
            _ = try await store.getOrCompute("k", as: String.self, staleAfter: .seconds(1)) { "w" }
            _ = try await store.acquireLease("job", for: .seconds(1))
            _ = try await store.lease(named: "job")
            _ = try await (store.persist("k"), store.statistics(), store.purgeExpired(), store.entry("k"))
            _ = try store.store.summaries()
            #expect(try await store.remove("k"))
            await store.close()
        }
    }

    @Test("a revision at the end of the integers is an error for the next write, and no trap")
    func lastRevision() async throws {
        let store = try store("INSERT INTO entries (key, value, revision) VALUES ('k', 'v', 9223372036854775807);")
        let before = try store.contents()
        await expectFailure(.database) { try await store.set("k", "new") }
        #expect(try store.contents() == before)
        #expect(try await store.remove("k"))
        #expect(try await store.set("k", "new") == .stored)
    }
}
