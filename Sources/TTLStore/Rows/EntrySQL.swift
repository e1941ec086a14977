/// Every statement on the table `entries` that runs for each operation. Listings build theirs in `EntryListing`.
///
/// Parameters have the same number everywhere: `?1` key, `?2` now, `?3` expires_at or a limit, `?4` value, `?5` tag,
/// `?6` revision.
enum EntrySQL: Int, CaseIterable {
    case snapshot
    case value, valueAndExpiry, valueExpiryAndRevision, valueAndUpdate, entry, expiry, revision, isLive
    case set, setKeepingExpiry, setIfAbsent, setIfPresent, setIfPresentKeepingExpiry
    case setIfUnchanged, setIfUnchangedKeepingExpiry, replaceValue
    case remove, removeIfUnchanged, touch, persist
    case due, dueLast, dueBeyond, purge, nextExpiry, expiries, expiryOfRow
    case soonest, oldest, evict
    case leaving, leavingWithValue, leavingRows, leavingRowsWithValue
    case leavingRange, leavingRangeWithValue

    /// How many rows one `purge`, `evict` or `leavingRows` takes, by their ids from `?3` on. A statement opens the
    /// table and its indexes once, whatever the number of rows.
    static let purgeWidth = 64

    var text: String {
        let live = LiveRule.live(now: "?2")
        return switch self {
        case .snapshot:
            "SELECT 1 FROM sqlite_schema"
        case .value:
            "SELECT value FROM entries WHERE key = ?1 AND \(live)"
        case .valueAndExpiry:
            "SELECT value, expires_at FROM entries WHERE key = ?1 AND \(live)"
        case .valueExpiryAndRevision:
            "SELECT value, expires_at, revision FROM entries WHERE key = ?1 AND \(live)"
        case .valueAndUpdate:
            "SELECT value, updated_at FROM entries WHERE key = ?1 AND \(live)"
        case .entry:
            "SELECT \(EntryColumns.all) FROM entries WHERE key = ?1 AND \(live)"
        case .expiry:
            "SELECT expires_at FROM entries WHERE key = ?1 AND \(live)"
        case .revision:
            "SELECT revision FROM entries WHERE key = ?1 AND \(live)"
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
        case .setIfUnchanged:
            EntrySQL.update(expiresAt: "?3") + " WHERE key = ?1 AND revision = ?6 AND \(live)"
        case .setIfUnchangedKeepingExpiry:
            EntrySQL.update(expiresAt: "expires_at") + " WHERE key = ?1 AND revision = ?6 AND \(live)"
        case .replaceValue:
            "UPDATE entries SET value = ?4, updated_at = ?2, revision = revision + 1 WHERE key = ?1 AND \(live)"
        case .remove:
            "DELETE FROM entries WHERE key = ?1 AND \(live)"
        case .removeIfUnchanged:
            "DELETE FROM entries WHERE key = ?1 AND revision = ?6 AND \(live)"
        case .touch:
            "UPDATE entries SET expires_at = ?3 WHERE key = ?1 AND \(live)"
        case .persist:
            "UPDATE entries SET expires_at = NULL WHERE key = ?1 AND \(live) AND entries.expires_at IS NOT NULL"
        case .due:
            "SELECT id, expires_at FROM entries WHERE \(LiveRule.expired(now: "?2")) ORDER BY expires_at LIMIT ?3"
        case .dueLast:
            "SELECT id, expires_at FROM entries WHERE \(LiveRule.expired(now: "?2")) ORDER BY expires_at DESC LIMIT ?3"
        case .dueBeyond:
            "SELECT 1 FROM entries WHERE \(LiveRule.expired(now: "?2")) ORDER BY expires_at LIMIT 1 OFFSET ?3"
        case .purge:
            // The rule stands in the same statement as the deletion: an entry that was extended since its id was read
            // is not deleted. It is decided by the row itself, not by an index, which may be damaged.
            """
            DELETE FROM entries NOT INDEXED
            WHERE id IN (\(EntrySQL.ids))
                AND \(LiveRule.expired(now: "?2"))
            """
        case .leavingRows:
            "SELECT tag, \(live), NULL, key, id FROM entries NOT INDEXED WHERE id IN (\(EntrySQL.ids))"
        case .leavingRowsWithValue:
            "SELECT tag, \(live), value, key, id FROM entries NOT INDEXED WHERE id IN (\(EntrySQL.ids))"
        case .leavingRange:
            "SELECT tag, \(live), NULL, key, id FROM entries NOT INDEXED WHERE id BETWEEN ?3 AND ?4"
        case .leavingRangeWithValue:
            "SELECT tag, \(live), value, key, id FROM entries NOT INDEXED WHERE id BETWEEN ?3 AND ?4"
        case .leaving:
            "SELECT tag, \(live), NULL FROM entries WHERE key = ?1"
        case .leavingWithValue:
            "SELECT tag, \(live), value FROM entries WHERE key = ?1"
        case .nextExpiry:
            // A number: text, which can only have got past the schema's constraints, comes after all numbers.
            "SELECT expires_at FROM entries WHERE expires_at <= \(Int64.max) ORDER BY expires_at LIMIT 1"
        case .expiries:
            "SELECT id, expires_at FROM entries WHERE expires_at <= \(Int64.max) ORDER BY expires_at"
        case .expiryOfRow:
            "SELECT expires_at FROM entries NOT INDEXED WHERE id = ?3"
        case .soonest:
            """
            SELECT id, expires_at FROM entries
            WHERE expires_at IS NOT NULL AND key IS NOT ?1
            ORDER BY expires_at, id
            LIMIT ?3
            """
        case .oldest:
            // Served by the index of ages, which a store with limits makes.
            """
            SELECT id, expires_at FROM entries
            WHERE expires_at IS NULL AND key IS NOT ?1
            ORDER BY updated_at, id
            LIMIT ?3
            """
        case .evict:
            "DELETE FROM entries NOT INDEXED WHERE id IN (\(EntrySQL.ids))"
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

    var hasExpiry: Bool {
        switch self {
        case .set, .setKeepingExpiry, .setIfAbsent, .setIfPresent, .setIfUnchanged, .touch: true
        default: false
        }
    }

    var hasTag: Bool {
        switch self {
        case .set, .setKeepingExpiry, .setIfAbsent, .setIfPresent, .setIfPresentKeepingExpiry: true
        case .setIfUnchanged, .setIfUnchangedKeepingExpiry: true
        default: false
        }
    }

    var isRemoval: Bool { self == .remove || self == .removeIfUnchanged }

    /// Why a live entry leaves when the statement changes its row; nil where it stays, or rows are reported otherwise.
    var causeForLive: TTLStore.Removal.Cause? {
        switch self {
        case .set, .setKeepingExpiry, .setIfAbsent, .setIfPresent, .setIfPresentKeepingExpiry: .overwritten
        case .setIfUnchanged, .setIfUnchangedKeepingExpiry, .replaceValue: .overwritten
        case .remove, .removeIfUnchanged: .removed
        default: nil
        }
    }

    private static let insert = """
        INSERT INTO entries (key, value, expires_at, created_at, updated_at, tag) VALUES (?1, ?4, ?3, ?2, ?2, ?5)

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
            value = ?4, expires_at = \(expiresAt), updated_at = ?2, revision = revision + 1, tag = ?5
        """
    }
}
