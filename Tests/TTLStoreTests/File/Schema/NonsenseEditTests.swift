import Foundation
import TTLStore
import TTLTestSupport
import Testing

/// An invalid edit in the shell, and the reason that the refusal must name.
struct NonsenseEdit: Sendable, CustomTestStringConvertible {
    let sql: String
    let reason: String

    var testDescription: String { sql }

    private static let value = "value is text, a blob or an integer"
    private static let expiry = "expires_at is in milliseconds since 1970 (not seconds), before the year 10000, or NULL"
    private static let created = "created_at is in milliseconds since 1970 (not seconds), before the year 10000"
    private static let updated = "updated_at is in milliseconds since 1970 (not seconds), before the year 10000"
    private static let key = "key is text of 1 to 1024 bytes"
    private static let tag = "tag is text of 1 to 1024 bytes, or NULL"
    private static let revision = "revision is an integer of 0 or more"
    private static let ttl = "ttl is a number of seconds greater than 0, or NULL for never"
    private static let both = "give ttl or expires_at, not both"
    private static let date = "expires_at is a time to come as ISO 8601 text in UTC, like 2027-01-01T00:00:00Z"
    private static let kept = "created_at, updated_at and revision are kept by the file"

    /// For a column of either, by inserting and by updating.
    private static func column(_ table: String, _ column: String, _ values: [String], _ reason: String)
        -> [NonsenseEdit]
    {
        values.flatMap { value in
            let (columns, values) =
                column == "key" ? ("key, value", "\(value), 'v'") : ("key, value, \(column)", "'new', 'v', \(value)")
            return [
                NonsenseEdit(sql: "INSERT INTO \(table) (\(columns)) VALUES (\(values))", reason: reason),
                NonsenseEdit(sql: "UPDATE \(table) SET \(column) = \(value) WHERE key = 'k'", reason: reason),
            ]
        }
    }

    private static let times = [
        "1800000000", "1800000000000000", "-1", "0", "'tomorrow'", "'2027-01-01'", "x'00'", "1e300", "253402300800000",
        "99999999999",
    ]
    private static let longText = "hex(zeroblob(513))"

    static let onEntries: [NonsenseEdit] =
        column("entries", "expires_at", times + ["1800000000000.5"], expiry)
        + column("entries", "created_at", times, created)
        + column("entries", "updated_at", times, updated)
        + column("entries", "created_at", ["NULL"], "NOT NULL constraint failed: entries.created_at")
        + column("entries", "updated_at", ["NULL"], "NOT NULL constraint failed: entries.updated_at")
        + column("entries", "revision", ["-1", "1.5", "'one'", "x'01'", "1e19"], revision)
        + column("entries", "revision", ["NULL"], "NOT NULL constraint failed: entries.revision")
        + column("entries", "tag", ["''", "x'01'", longText], tag)
        + column("entries", "key", ["''", "x''", "x'6B'", "CAST(x'' AS TEXT)", longText, "zeroblob(2000)"], key)
        + column("entries", "key", ["NULL"], "NOT NULL constraint failed: entries.key")
        + ["1.5", "9e999", "julianday('now')"].flatMap {
            [
                NonsenseEdit(sql: "INSERT INTO entries (key, value) VALUES ('new', \($0))", reason: value),
                NonsenseEdit(sql: "UPDATE entries SET value = \($0)", reason: value),
            ]
        }
        + [
            NonsenseEdit(
                sql: "INSERT INTO entries (key, value) VALUES ('k', 'v')",
                reason: "UNIQUE constraint failed: entries.key"),
            NonsenseEdit(
                sql: "INSERT INTO entries (key, value) VALUES ('new', NULL)",
                reason: "NOT NULL constraint failed: entries.value"),
            NonsenseEdit(
                sql: "INSERT INTO entries (key) VALUES ('new')", reason: "NOT NULL constraint failed: entries.value"),
            NonsenseEdit(sql: "UPDATE entries SET value = NULL", reason: "NOT NULL constraint failed: entries.value"),
            NonsenseEdit(sql: "UPDATE entries SET key = 'k'", reason: "UNIQUE constraint failed: entries.key"),
            NonsenseEdit(
                sql: "INSERT INTO entries (id, key, value) VALUES ('one', 'new', 'v')", reason: "datatype mismatch"),
        ]

    static let onLive: [NonsenseEdit] =
        column("live", "ttl", ["0", "-1", "-0.5", "'60'", "'soon'", "x'01'", "''"], ttl)
        + column("live", "ttl", ["1e300", "1e12"], expiry)
        + column(
            "live", "expires_at",
            ["'2020-01-01T00:00:00Z'", "'tomorrow'", "''", "1800000000000", "1800000000", "x'01'", "'2027-13-01'"], date
        )
        + column("live", "created_at", ["'2027-01-01T00:00:00Z'", "1800000000000", "0"], kept)
        + column("live", "updated_at", ["'2027-01-01T00:00:00Z'", "1800000000000"], kept)
        + column("live", "revision", ["1", "-1", "'one'"], kept)
        + column("live", "tag", ["''", "x'01'", longText], tag)
        + column("live", "key", ["''", "x'6B'", longText], key)
        + column("live", "key", ["NULL"], "NOT NULL constraint failed: entries.key")
        + [
            NonsenseEdit(
                sql: "INSERT INTO live (key, value, ttl, expires_at) VALUES ('new', 'v', 5, '2999-01-01T00:00:00Z')",
                reason: both),
            NonsenseEdit(sql: "UPDATE live SET ttl = 5, expires_at = '2999-01-01T00:00:00Z'", reason: both),
            NonsenseEdit(sql: "UPDATE live SET ttl = 5, expires_at = NULL", reason: both),
            NonsenseEdit(
                sql: "INSERT INTO live (key, value) VALUES ('k', 'v')",
                reason: "UNIQUE constraint failed: entries.key"),
            NonsenseEdit(sql: "INSERT INTO live (key, value) VALUES ('new', 1.5)", reason: value),
            NonsenseEdit(
                sql: "INSERT INTO live (key, value) VALUES ('new', NULL)",
                reason: "NOT NULL constraint failed: entries.value"),
            NonsenseEdit(sql: "UPDATE live SET value = 1.5", reason: value),
            NonsenseEdit(sql: "UPDATE live SET value = NULL", reason: "NOT NULL constraint failed: entries.value"),
            NonsenseEdit(
                sql: "UPDATE live SET key = 'other' WHERE key = 'k'", reason: "UNIQUE constraint failed: entries.key"),
            NonsenseEdit(sql: "UPDATE live SET created_at = NULL", reason: kept),
        ]

    static let elsewhere: [NonsenseEdit] = [
        NonsenseEdit(sql: "DELETE FROM expired", reason: "cannot modify expired because it is a view"),
        NonsenseEdit(
            sql: "INSERT INTO expired (key) VALUES ('k')", reason: "cannot modify expired because it is a view"),
        NonsenseEdit(
            sql: "INSERT INTO sessions (handle) VALUES ('k')", reason: "cannot modify sessions because it is a view"),
        NonsenseEdit(
            sql: "UPDATE sessions SET subject = 'k'", reason: "cannot modify sessions because it is a view"),
        NonsenseEdit(
            sql: "INSERT INTO migrations (number, name) VALUES (1, 'again')", reason: "UNIQUE constraint failed"),
    ]
}

@Suite("Nonsense in the sqlite3 shell") struct NonsenseEditTests {
    @Test("an invalid edit of entries is refused with the reason, and nothing changes")
    func entries() throws { try refuse(NonsenseEdit.onEntries) }

    @Test("an invalid edit of the view live is refused with the reason, and nothing changes")
    func live() throws { try refuse(NonsenseEdit.onLive) }

    @Test("an edit of the views expired and sessions, and a second row for a migration, is refused")
    func elsewhere() throws { try refuse(NonsenseEdit.elsewhere) }

    /// On one open store: an edit that got through would show in the following ones.
    private func refuse(_ edits: [NonsenseEdit]) throws {
        let store = try Setting.inFile.open { $0.clock = .system }
        let path = try store.path
        try store.store.set("k", "value", expiring: .after(.seconds(10_000)))
        try store.store.set("other", "value")
        let before = try shell(path, ".dump")
        for edit in edits {
            let outcome = try ChildProcess.sqlite3(path, edit.sql + ";")
            #expect(outcome.status != 0, "\(edit.sql)")
            #expect(outcome.errors.contains(edit.reason), "\(edit.sql): \(outcome.errors)")
        }
        #expect(try shell(path, ".dump") == before)
        #expect(try store.store.keys().elements == ["k", "other"])
    }
}
