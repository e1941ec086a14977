import CTTLSQLite

/// The leases of callers on one connection. Each method is part of the caller's transaction.
///
/// Acquiring inserts a row, so each holder gets a number of its own, higher than the numbers of earlier holders.
final class LeaseTable {
    /// Keeps names of different uses apart.
    enum Kind: String {
        case lease, compute
    }

    /// A lease that is held.
    struct Holding: Equatable, Sendable {
        let token: Int64
        let owner: String
        let expiresAt: Timestamp
    }

    /// How many leases that have run out, of any name, each acquiring deletes: more than one, so that names used once
    /// don't pile up.
    static let cleaning = 10

    private let statements: StatementSet<SQL>
    private var connection: Connection { statements.connection }

    init(_ connection: Connection) { statements = StatementSet(connection) }

    /// The present holder; nil if the lease is free.
    func holding(_ kind: Kind, _ name: Key, now: Timestamp) throws(SQLiteError) -> Holding? {
        let statement = try bound(.holding, kind, name, now)
        guard try statement.step() else { return nil }
        defer { statement.reset() }
        return holding(in: statement)
    }

    /// The present holders of all leases with a name of the range, in the order of the names' bytes.
    func all(
        _ kind: Kind, _ names: KeyRange, now: Timestamp
    ) throws(SQLiteError) -> [(name: String, holding: Holding)] {
        let statement = try statements(.all)
        try statement.bind(1, copying: Array(kind.rawValue.utf8))
        try statement.bind(2, copying: names.lower)
        statement.bind(3, now)
        // Every text comes before the empty BLOB.
        try statement.bind(4, copying: names.upper ?? [], asText: names.upper != nil)
        var found: [(name: String, holding: Holding)] = []
        var last: [UInt8]?
        defer { statement.reset() }
        while try statement.step() {
            let name = statement.withBytes(3) { Array($0) }
            // With a damaged index the names could go round for ever.
            if let last, !last.lexicographicallyPrecedes(name) { throw .damagedIndex }
            found.append((String(decoding: name, as: UTF8.self), holding(in: statement)))
            last = name
        }
        return found
    }

    private func holding(in row: Statement) -> Holding {
        Holding(
            token: row.integer(0), owner: row.withBytes(1) { String(decoding: $0, as: UTF8.self) },
            expiresAt: row.time(2))
    }

    /// Acquires the lease; nil if it is held, also if the same owner holds it.
    func acquire(
        _ kind: Kind, _ name: Key, owner: Key, until expiresAt: Timestamp, now: Timestamp
    ) throws(SQLiteError) -> Holding? {
        guard try holding(kind, name, now: now) == nil else { return nil }
        try bound(.removeExpired, kind, name, now).run()
        try clean(now: now)
        let statement = try bound(.insert, kind, name, expiresAt)
        try statement.bind(4, owner)
        guard try statement.step() else {
            throw SQLiteError(code: SQLITE_ERROR, message: "a lease was inserted without a number")
        }
        let token = statement.integer(0)
        try statement.run()
        return Holding(token: token, owner: owner.text, expiresAt: expiresAt)
    }

    /// Gives the holder another expiry; false if it has lost the lease.
    func renew(
        _ kind: Kind, _ name: Key, token: Int64, until expiresAt: Timestamp, now: Timestamp
    ) throws(SQLiteError) -> Bool {
        let statement = try bound(.renew, kind, name, now)
        statement.bind(4, token)
        statement.bind(5, expiresAt)
        try statement.run()
        return connection.changes > 0
    }

    /// False if the holder had lost the lease.
    func release(_ kind: Kind, _ name: Key, token: Int64, now: Timestamp) throws(SQLiteError) -> Bool {
        let statement = try bound(.release, kind, name, now)
        statement.bind(4, token)
        try statement.run()
        return connection.changes > 0
    }

    /// Releases a computation's lease by its token, whatever its name.
    func releaseComputation(token: Int64) throws(SQLiteError) {
        let statement = try statements(.releaseComputation)
        statement.bind(4, token)
        try statement.run()
    }

    private func clean(now: Timestamp) throws(SQLiteError) {
        let statement = try statements(.clean)
        statement.bind(3, now)
        try statement.run()
    }

    private func bound(
        _ sql: SQL, _ kind: Kind, _ name: Key, _ time: Timestamp
    ) throws(SQLiteError) -> Statement {
        let statement = try statements(sql)
        try statement.bind(1, copying: Array(kind.rawValue.utf8))
        try statement.bind(2, name)
        statement.bind(3, time)
        return statement
    }
}

extension LeaseTable {
    /// Parameters: `?1` kind, `?2` name, `?3` now or the new row's expiry, `?4` owner, token, or the first
    /// name after a range; `?5` the renewed expiry.
    private enum SQL: Int, StatementKind {
        case holding, all, removeExpired, insert, renew, release, releaseComputation, clean

        var text: String {
            let held = LiveRule.held(now: "?3")
            return switch self {
            case .holding:
                "SELECT id, owner, expires_at FROM leases WHERE kind = ?1 AND name = ?2 AND \(held)"
            case .all:
                """
                SELECT id, owner, expires_at, name FROM leases
                WHERE kind = ?1 AND name >= ?2 AND name < ?4 AND \(held) ORDER BY name
                """
            case .removeExpired:
                "DELETE FROM leases WHERE kind = ?1 AND name = ?2 AND NOT \(held)"
            case .insert:
                "INSERT INTO leases (kind, name, owner, expires_at) VALUES (?1, ?2, ?4, ?3) RETURNING id"
            case .renew:
                "UPDATE leases SET expires_at = ?5 WHERE kind = ?1 AND name = ?2 AND id = ?4 AND \(held)"
            case .release:
                "DELETE FROM leases WHERE kind = ?1 AND name = ?2 AND id = ?4 AND \(held)"
            case .releaseComputation:
                "DELETE FROM leases WHERE kind = 'compute' AND id = ?4"
            case .clean:
                // The partial index serves it, so the store's own row is never looked at. The rule is repeated for the
                // row itself: with a damaged index, a lease that is held stays.
                """
                DELETE FROM leases NOT INDEXED WHERE id IN (
                    SELECT id FROM leases WHERE kind <> 'store' AND expires_at <= ?3
                    ORDER BY expires_at LIMIT \(LeaseTable.cleaning))
                    AND kind <> 'store' AND leases.expires_at <= ?3
                """
            }
        }
    }
}

extension EntryWriter {
    var leases: LeaseTable { reader.leases }
}

extension TTLStore.Lease {
    init(_ name: String, _ holding: LeaseTable.Holding) {
        self.name = name
        owner = holding.owner
        expiresAt = TimeConversion.date(holding.expiresAt)
        token = holding.token
    }
}
