/// A claim on work that one process at a time should do, as a row of the kind 'store' in the table `leases`. It saves
/// work, and correctness does not depend on it: a holder that was stopped may find that another process took over.
struct WorkClaim {
    /// The longest time for which work may be claimed. A claim that seems to last longer was written by another clock,
    /// and is ignored.
    static let duration: Milliseconds = 2000

    /// The name of the claim on a backlog of expired entries.
    static let backlog = LockHolder.purgersClaim

    let name: String
    /// Unique to one user of one store in one process; names the process for people who read it.
    let owner: String

    init(name: String) {
        self.name = name
        owner = "process \(ProcessNumber.current), \(String(UInt32.random(in: .min ... .max), radix: 16))"
    }

    /// How much longer another owner holds the claim; nil if it is free.
    func heldByAnother(_ connection: Connection, now: Timestamp) throws(SQLiteError) -> Milliseconds? {
        let statement = try Statement(
            """
            SELECT expires_at FROM leases
            WHERE kind = 'store' AND name = ?1 AND owner <> ?2 AND \(LiveRule.held(now: "?3"))
            """, on: connection)
        try statement.bind(1, copying: Array(name.utf8))
        try statement.bind(2, copying: Array(owner.utf8))
        statement.bind(3, now)
        guard try statement.step() else { return nil }
        let rest = TimeConversion.milliseconds(from: now, to: statement.time(0))
        return (1...WorkClaim.duration).contains(rest) ? rest : nil
    }

    /// Acquires or prolongs it, inside the caller's transaction. Shorter where the times end that the file takes.
    func acquire(_ connection: Connection, now: Timestamp) throws(SQLiteError) {
        let statement = try Statement(
            """
            INSERT INTO leases (kind, name, owner, expires_at) VALUES ('store', ?1, ?2, ?3)
            ON CONFLICT (kind, name) DO UPDATE SET owner = excluded.owner, expires_at = excluded.expires_at
            """, on: connection)
        try statement.bind(1, copying: Array(name.utf8))
        try statement.bind(2, copying: Array(owner.utf8))
        statement.bind(3, TimeConversion.nearestStorable(now + WorkClaim.duration))
        try statement.run()
    }

    /// Gives the claim up, inside the caller's transaction.
    func release(_ connection: Connection) throws(SQLiteError) {
        let statement = try Statement(
            "DELETE FROM leases WHERE kind = 'store' AND name = ?1 AND owner = ?2", on: connection)
        try statement.bind(1, copying: Array(name.utf8))
        try statement.bind(2, copying: Array(owner.utf8))
        try statement.run()
    }
}
