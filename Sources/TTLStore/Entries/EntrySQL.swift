/// Every statement on the table `entries` that runs for each operation. Listings build theirs in `EntryListing`.
///
/// Parameters have the same number everywhere: `?1` key, `?2` now, `?3` expires_at or a limit, `?4` value.
enum EntrySQL: Int, CaseIterable {
    case value, entry, expiry, isLive
    case set, setKeepingExpiry, setIfAbsent, setIfPresent, setIfPresentKeepingExpiry
    case remove, touch, persist
    case due, purge, nextExpiry

    /// How many rows one `purge` statement takes, by their ids from `?3` on. A statement opens the table and its indexes
    /// once, whatever the number of rows.
    static let purgeWidth = 64

    var text: String {
        let live = LiveRule.live(now: "?2")
        return switch self {
        case .value:
            "SELECT value FROM entries WHERE key = ?1 AND \(live)"
        case .entry:
            "SELECT \(EntryColumns.all) FROM entries WHERE key = ?1 AND \(live)"
        case .expiry:
            "SELECT expires_at FROM entries WHERE key = ?1 AND \(live)"
        case .isLive:
            "SELECT 1 FROM entries WHERE key = ?1 AND \(live)"
        case .set:
            EntrySQL.insert + EntrySQL.overwrite(expiresAt: "excluded.expires_at")
        case .setKeepingExpiry:
            EntrySQL.insert
                + EntrySQL.overwrite(
                    expiresAt: "CASE WHEN \(live) THEN entries.expires_at ELSE excluded.expires_at END")
        case .setIfAbsent:
            EntrySQL.insert + EntrySQL.overwrite(expiresAt: "excluded.expires_at")
                + " WHERE \(LiveRule.expired(now: "?2"))"
        case .setIfPresent:
            EntrySQL.update(expiresAt: "?3") + " WHERE key = ?1 AND \(live)"
        case .setIfPresentKeepingExpiry:
            EntrySQL.update(expiresAt: "expires_at") + " WHERE key = ?1 AND \(live)"
        case .remove:
            "DELETE FROM entries WHERE key = ?1 AND \(live)"
        case .touch:
            "UPDATE entries SET expires_at = ?3 WHERE key = ?1 AND \(live)"
        case .persist:
            "UPDATE entries SET expires_at = NULL WHERE key = ?1 AND \(live) AND entries.expires_at IS NOT NULL"
        case .due:
            "SELECT id FROM entries WHERE \(LiveRule.expired(now: "?2")) ORDER BY expires_at LIMIT ?3"
        case .purge:
            // The rule stands in the same statement as the deletion: an entry that was extended since its id was read
            // is not deleted.
            """
            DELETE FROM entries
            WHERE id IN (\((3..<3 + EntrySQL.purgeWidth).map { "?\($0)" }.joined(separator: ", ")))
                AND \(LiveRule.expired(now: "?2"))
            """
        case .nextExpiry:
            "SELECT expires_at FROM entries WHERE expires_at IS NOT NULL ORDER BY expires_at LIMIT 1"
        }
    }

    private static let insert = """
        INSERT INTO entries (key, value, expires_at, created_at, updated_at) VALUES (?1, ?4, ?3, ?2, ?2)

        """

    /// An expired row is overwritten like a new one: only its number lives on, with a higher write count.
    private static func overwrite(expiresAt: String) -> String {
        """
        ON CONFLICT (key) DO UPDATE SET
            value = excluded.value,
            expires_at = \(expiresAt),
            created_at = CASE WHEN \(LiveRule.expired(now: "?2")) THEN ?2 ELSE entries.created_at END,
            updated_at = ?2,
            revision = entries.revision + 1,
            tag = excluded.tag
        """
    }

    private static func update(expiresAt: String) -> String {
        """
        UPDATE entries SET
            value = ?4, expires_at = \(expiresAt), updated_at = ?2, revision = revision + 1, tag = NULL
        """
    }
}

/// The columns of a whole entry, in the order in which `StatementSet` and `EntryListing` read them.
enum EntryColumns {
    static let all = "key, value, expires_at, created_at, updated_at, revision"

    static func entry(_ row: Statement, now: Timestamp) -> TTLStore.Entry {
        let expiresAt = row.optionalInteger(2)
        return TTLStore.Entry(
            key: row.withBytes(0) { String(decoding: $0, as: UTF8.self) },
            value: value(row, 1),
            expiresAt: expiresAt.map(TimeConversion.date),
            remaining: expiresAt.map { TimeConversion.duration(from: now, to: $0) },
            createdAt: TimeConversion.date(row.integer(3)),
            updatedAt: TimeConversion.date(row.integer(4)),
            revision: TTLStore.Revision(number: row.integer(5)))
    }

    static func value(_ row: Statement, _ column: Int32) -> Value {
        let type = row.type(column)
        if type == .integer { return .integer(row.integer(column)) }
        return row.withBytes(column) { bytes in
            guard type == .text, let text = String(validating: bytes, as: UTF8.self) else {
                return .bytes(Array(bytes))
            }
            return .text(text)
        }
    }
}

/// The prepared statements of one connection, each made when it is first needed.
final class StatementSet {
    let connection: Connection
    private var prepared: [Statement?]

    init(_ connection: Connection) {
        self.connection = connection
        prepared = Array(repeating: nil, count: EntrySQL.allCases.count)
    }

    /// The statement, with the parameters `?1` and `?2` still to bind.
    func callAsFunction(_ sql: EntrySQL) throws(SQLiteError) -> Statement {
        if let statement = prepared[sql.rawValue] { return statement }
        let statement = try Statement(sql.text, on: connection, persistent: true)
        prepared[sql.rawValue] = statement
        return statement
    }
}
