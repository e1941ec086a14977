/// Every statement on the table `entries` that runs for each operation. Listings build their statements in
/// `EntryListing`.
///
/// Parameters have the same number everywhere: `?1` key, `?2` now, `?3` expires_at or a limit, `?4` value, `?5` tag,
/// `?6` revision, `?7` another key.
enum EntrySQL: Int, StatementKind {
    case snapshot
    case value, row, valueAndExpiry, valueExpiryAndRevision, valueAndUpdate, entry, expiry, revision, isLive
    case set, setKeepingExpiry, setIfAbsent, setIfPresent, setIfPresentKeepingExpiry
    case setIfUnchanged, setIfUnchangedKeepingExpiry, replaceValue
    case remove, removeIfUnchanged, touch, persist
    case hasRow, rename
    case due, dueLast, dueBeyond, purge, nextExpiry, expiries, expiryOfRow
    case soonest, oldest, evict
    case leaving, leavingWithValue, leavingRows, leavingRowsWithValue
    case leavingRange, leavingRangeWithValue

    /// How many rows one `purge`, `evict` or `leavingRows` takes, by their ids from `?3` on. A statement opens the
    /// table and its indexes once, whatever the number of rows.
    static let purgeWidth = 64

    /// A statement and its properties.
    private struct Form {
        let text: String
        /// Whether it has the parameter for the time.
        let hasNow: Bool
        /// Whether `?3` is an expiry.
        let hasExpiry: Bool
        /// Whether `?5` is a tag.
        let hasTag: Bool
        /// Why a live entry leaves when the statement changes its row; nil where the entry stays, or is reported by
        /// other means.
        let causeForLive: TTLStore.Removal.Cause?

        init(_ text: String, expiry: Bool = false, tag: Bool = false, cause: TTLStore.Removal.Cause? = nil) {
            self.text = text
            hasNow = Form.hasNow(text)
            hasExpiry = expiry
            hasTag = tag
            causeForLive = cause
        }

        /// As `text.contains("?2")`, which takes half a millisecond for all forms, and a short process makes them once.
        private static func hasNow(_ text: String) -> Bool {
            var previous: UInt8 = 0
            for byte in text.utf8 {
                if previous == UInt8(ascii: "?"), byte == UInt8(ascii: "2") { return true }
                previous = byte
            }
            return false
        }
    }

    /// By the statements' numbers.
    private static let forms = allCases.map(\.form)

    var text: String { EntrySQL.forms[rawValue].text }
    var hasNow: Bool { EntrySQL.forms[rawValue].hasNow }
    var hasExpiry: Bool { EntrySQL.forms[rawValue].hasExpiry }
    var hasTag: Bool { EntrySQL.forms[rawValue].hasTag }
    var causeForLive: TTLStore.Removal.Cause? { EntrySQL.forms[rawValue].causeForLive }
    /// Whether the statement deletes the row of a given key.
    var isRemoval: Bool { causeForLive == .removed }

    private var form: Form {
        let live = LiveRule.live(now: "?2")
        let expired = LiveRule.expired(now: "?2")
        return switch self {
        case .snapshot:
            Form("SELECT 1 FROM sqlite_schema")
        case .value:
            Form("SELECT value FROM entries WHERE key = ?1 AND \(live)")
        case .row:
            // Expired as well, for a memory that applies the rule with each look-up.
            Form("SELECT \(EntryColumns.all) FROM entries WHERE key = ?1")
        case .valueAndExpiry:
            Form("SELECT value, expires_at FROM entries WHERE key = ?1 AND \(live)")
        case .valueExpiryAndRevision:
            Form("SELECT value, expires_at, revision FROM entries WHERE key = ?1 AND \(live)")
        case .valueAndUpdate:
            Form("SELECT value, updated_at FROM entries WHERE key = ?1 AND \(live)")
        case .entry:
            Form("SELECT \(EntryColumns.all) FROM entries WHERE key = ?1 AND \(live)")
        case .expiry:
            Form("SELECT expires_at FROM entries WHERE key = ?1 AND \(live)")
        case .revision:
            Form("SELECT revision FROM entries WHERE key = ?1 AND \(live)")
        case .isLive:
            Form("SELECT 1 FROM entries WHERE key = ?1 AND \(live)")
        case .set:
            Form(
                EntrySQL.insert + EntrySQL.overwrite(expiresAt: "excluded.expires_at"), expiry: true, tag: true,
                cause: .overwritten)
        case .setKeepingExpiry:
            Form(
                EntrySQL.insert
                    + EntrySQL.overwrite(
                        expiresAt: "CASE WHEN \(live) THEN entries.expires_at ELSE excluded.expires_at END"),
                expiry: true, tag: true, cause: .overwritten)
        case .setIfAbsent:
            Form(
                EntrySQL.insert + EntrySQL.overwrite(expiresAt: "excluded.expires_at")
                    + " WHERE \(expired)", expiry: true, tag: true, cause: .overwritten)
        case .setIfPresent:
            Form(
                EntrySQL.update(expiresAt: "?3") + " WHERE key = ?1 AND \(live)", expiry: true, tag: true,
                cause: .overwritten)
        case .setIfPresentKeepingExpiry:
            Form(
                EntrySQL.update(expiresAt: "expires_at") + " WHERE key = ?1 AND \(live)", tag: true, cause: .overwritten
            )
        case .setIfUnchanged:
            Form(
                EntrySQL.update(expiresAt: "?3") + " WHERE key = ?1 AND revision = ?6 AND \(live)", expiry: true,
                tag: true, cause: .overwritten)
        case .setIfUnchangedKeepingExpiry:
            Form(
                EntrySQL.update(expiresAt: "expires_at") + " WHERE key = ?1 AND revision = ?6 AND \(live)", tag: true,
                cause: .overwritten)
        case .replaceValue:
            Form(
                "UPDATE entries SET value = ?4, updated_at = ?2, revision = revision + 1 WHERE key = ?1 AND \(live)",
                cause: .overwritten)
        case .remove:
            Form("DELETE FROM entries WHERE key = ?1 AND \(live)", cause: .removed)
        case .removeIfUnchanged:
            Form("DELETE FROM entries WHERE key = ?1 AND revision = ?6 AND \(live)", cause: .removed)
        case .touch:
            Form("UPDATE entries SET expires_at = ?3 WHERE key = ?1 AND \(live)", expiry: true)
        case .persist:
            Form("UPDATE entries SET expires_at = NULL WHERE key = ?1 AND \(live) AND entries.expires_at IS NOT NULL")
        case .hasRow:
            Form("SELECT 1 FROM entries WHERE key = ?1")
        case .rename:
            Form("UPDATE OR REPLACE entries SET key = ?7, revision = revision + 1 WHERE key = ?1 AND \(live)")
        case .due:
            Form("SELECT id, expires_at FROM entries WHERE \(expired) ORDER BY expires_at LIMIT ?3")
        case .dueLast:
            Form("SELECT id, expires_at FROM entries WHERE \(expired) ORDER BY expires_at DESC LIMIT ?3")
        case .dueBeyond:
            Form("SELECT 1 FROM entries WHERE \(expired) ORDER BY expires_at LIMIT 1 OFFSET ?3")
        case .purge:
            // The rule of expiry is in the same statement as the deletion, so an entry that was extended since its id
            // was read is not deleted. The row itself decides, not an index, which may be damaged.
            Form(
                """
                DELETE FROM entries NOT INDEXED
                WHERE id IN (\(EntrySQL.ids))
                    AND \(expired)
                """)
        case .leavingRows:
            Form("SELECT tag, \(live), NULL, key, id FROM entries NOT INDEXED WHERE id IN (\(EntrySQL.ids))")
        case .leavingRowsWithValue:
            Form("SELECT tag, \(live), value, key, id FROM entries NOT INDEXED WHERE id IN (\(EntrySQL.ids))")
        case .leavingRange:
            Form("SELECT tag, \(live), NULL, key, id FROM entries NOT INDEXED WHERE id BETWEEN ?3 AND ?4")
        case .leavingRangeWithValue:
            Form("SELECT tag, \(live), value, key, id FROM entries NOT INDEXED WHERE id BETWEEN ?3 AND ?4")
        case .leaving:
            Form("SELECT tag, \(live), NULL FROM entries WHERE key = ?1")
        case .leavingWithValue:
            Form("SELECT tag, \(live), value FROM entries WHERE key = ?1")
        case .nextExpiry:
            // A number: text, which can only have got past the schema's constraints, comes after all numbers.
            Form("SELECT expires_at FROM entries WHERE expires_at <= \(Int64.max) ORDER BY expires_at LIMIT 1")
        case .expiries:
            Form("SELECT id, expires_at FROM entries WHERE expires_at <= \(Int64.max) ORDER BY expires_at")
        case .expiryOfRow:
            Form("SELECT expires_at FROM entries NOT INDEXED WHERE id = ?3")
        case .soonest:
            Form(
                """
                SELECT id, expires_at FROM entries
                WHERE expires_at IS NOT NULL AND key IS NOT ?1
                ORDER BY expires_at, id
                LIMIT ?3
                """)
        case .oldest:
            // The index of ages serves it, which a store with limits makes.
            Form(
                """
                SELECT id, expires_at FROM entries
                WHERE expires_at IS NULL AND key IS NOT ?1
                ORDER BY updated_at, id
                LIMIT ?3
                """)
        case .evict:
            Form("DELETE FROM entries NOT INDEXED WHERE id IN (\(EntrySQL.ids))")
        }
    }

    private static let ids = (3..<3 + purgeWidth).map { "?\($0)" }.joined(separator: ", ")

    init(setting condition: SetCondition, keepingExpiry: Bool) {
        self =
            switch condition {
            case .always: keepingExpiry ? .setKeepingExpiry : .set
            case .ifAbsent: .setIfAbsent
            case .ifPresent: keepingExpiry ? .setIfPresentKeepingExpiry : .setIfPresent
            case .ifUnchanged: keepingExpiry ? .setIfUnchangedKeepingExpiry : .setIfUnchanged
            }
    }

    private static let insert = """
        INSERT INTO entries (key, value, expires_at, created_at, updated_at, tag) VALUES (?1, ?4, ?3, ?2, ?2, ?5)

        """

    /// An expired row is overwritten as if it were new: it keeps only its id, and its write count grows.
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
            value = ?4, expires_at = \(expiresAt), updated_at = ?2, revision = revision + 1, tag = ?5
        """
    }
}
