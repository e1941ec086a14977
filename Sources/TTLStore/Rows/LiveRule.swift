/// The one rule of expiry, as SQL, and for a row that was read.
///
/// An entry is live if `now < expires_at`, or if it never expires. Every statement that reads, changes or deletes
/// entries for a caller takes its condition from here; a lease is held by the same rule. The views in `Migrations/`
/// state the same rule for the `sqlite3` shell.
enum LiveRule {
    /// True for a live row. `now` is the statement's parameter for the time, e.g. `?2`.
    static func live(now: String) -> String { "(entries.expires_at IS NULL OR entries.expires_at > \(now))" }

    /// True for a live row whose expiry was read; nil means never.
    static func isLive(_ expiresAt: Timestamp?, now: Timestamp) -> Bool { expiresAt.map { now < $0 } ?? true }

    /// True for an expired row; the expiry index serves it.
    static func expired(now: String) -> String { "entries.expires_at <= \(now)" }

    /// True for a lease that is held. SQLite sorts text and BLOBs after all numbers: without a look at the type, such a
    /// lease would be held for ever.
    static func held(now: String) -> String { "(typeof(leases.expires_at) = 'integer' AND leases.expires_at > \(now))" }
}
