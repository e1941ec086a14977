/// The row of an entry that had expired when it was read.
struct DueRow: Hashable {
    var id: Int64
    var expiresAt: Timestamp
}

/// Reads entries on one connection. Each call is one read transaction, or part of the caller's.
final class EntryReader {
    let statements: StatementSet<EntrySQL>
    private let activity: ActivityCounters
    /// Whether the connection is the writing one, which may have a transaction open.
    let isWriters: Bool

    var connection: Connection { statements.connection }

    let leases: LeaseTable

    init(_ connection: Connection, activity: ActivityCounters, isWriters: Bool = false) {
        self.isWriters = isWriters
        statements = StatementSet(connection)
        leases = LeaseTable(connection)
        self.activity = activity
    }

    /// Counts a caller's look-up of one key as a hit or a miss.
    func counted<Found>(_ found: Found?) -> Found? {
        activity.noteRead(found: found != nil)
        return found
    }

    /// The live value of a key, read by `body` from the row's first column. One index seek and the row.
    func readRow<Result>(
        _ sql: EntrySQL, _ key: Key, now: Timestamp?, _ body: (Statement) -> Result
    ) throws(SQLiteError) -> Result? {
        let statement = try statements(sql)
        return try key.withBytes { (bytes) throws(SQLiteError) in
            try statement.bindBorrowed(1, text: bytes)
            if let now { statement.bind(2, now) }
            guard try statement.step() else { return nil }
            let result = body(statement)
            statement.reset()
            return result
        }
    }

    /// The value, as text without the detour over `Value` or of another kind.
    enum TextOrValue {
        case text(String)
        case other(Value)
    }

    func text(_ key: Key, now: Timestamp) throws(SQLiteError) -> TextOrValue? {
        try readRow(.value, key, now: now) { row in
            guard row.type(0) == .text,
                let text = row.withBytes(0, { String(validating: $0, as: UTF8.self) })
            else { return .other(EntryColumns.value(row, 0)) }
            return .text(text)
        }
    }

    func value(_ key: Key, now: Timestamp) throws(SQLiteError) -> Value? {
        try readRow(.value, key, now: now) { EntryColumns.value($0, 0) }
    }

    func valueAndExpiry(_ key: Key, now: Timestamp) throws(SQLiteError) -> (value: Value, expiresAt: Timestamp?)? {
        try readRow(.valueAndExpiry, key, now: now) { (EntryColumns.value($0, 0), $0.optionalTime(1)) }
    }

    func valueExpiryAndRevision(
        _ key: Key, now: Timestamp
    ) throws(SQLiteError) -> (value: Value, expiresAt: Timestamp?, revision: TTLStore.Revision)? {
        try readRow(.valueExpiryAndRevision, key, now: now) { row in
            (EntryColumns.value(row, 0), row.optionalTime(1), TTLStore.Revision(number: row.integer(2)))
        }
    }

    func valueAndUpdate(_ key: Key, now: Timestamp) throws(SQLiteError) -> (value: Value, updatedAt: Timestamp)? {
        try readRow(.valueAndUpdate, key, now: now) { (EntryColumns.value($0, 0), $0.time(1)) }
    }

    /// In the order of the keys, all as of one moment.
    func values(_ keys: [Key], now: Timestamp) throws -> [Value?] {
        try inOneSnapshot { try keys.map { try value($0, now: now) } }
    }

    func inOneSnapshot<Result>(_ body: () throws -> Result) throws -> Result {
        try holdSnapshot()
        defer { releaseSnapshot() }
        return try body()
    }

    /// From now on reads see the file as of this moment, until `releaseSnapshot()`.
    ///
    /// A statement in the middle of its rows keeps the read transaction open. Its end, unlike a COMMIT, can't fail and
    /// leave the connection in the past.
    func holdSnapshot() throws(SQLiteError) { _ = try statements(.snapshot).step() }

    func releaseSnapshot() { try? statements(.snapshot).reset() }

    func entry(_ key: Key, now: Timestamp) throws(SQLiteError) -> TTLStore.Entry? {
        try readRow(.entry, key, now: now) { EntryColumns.entry($0, now: now) }
    }

    func revision(_ key: Key, now: Timestamp) throws(SQLiteError) -> TTLStore.Revision? {
        try readRow(.revision, key, now: now) { TTLStore.Revision(number: $0.integer(0)) }
    }

    func isLive(_ key: Key, now: Timestamp) throws(SQLiteError) -> Bool {
        try readRow(.isLive, key, now: now) { _ in true } ?? false
    }

    /// Whether there is an entry, live or expired.
    func hasRow(_ key: Key) throws(SQLiteError) -> Bool {
        try readRow(.hasRow, key, now: nil) { _ in true } ?? false
    }

    /// The outer optional is nil for an absent entry, the inner one for an entry that never expires.
    func expiry(_ key: Key, now: Timestamp) throws(SQLiteError) -> Timestamp?? {
        try readRow(.expiry, key, now: now) { $0.optionalTime(0) }
    }

    /// The rows that are due, at most `limit`, the longest expired first. O(limit).
    func due(now: Timestamp, limit: Int) throws(SQLiteError) -> [DueRow] { try due(.due, now: now, limit) }

    /// The rows that are due, at most `limit`, the latest expired first. O(limit).
    func dueLast(now: Timestamp, limit: Int) throws(SQLiteError) -> [DueRow] { try due(.dueLast, now: now, limit) }

    /// Whether more than `count` rows are due. O(count).
    func isBacklog(longerThan count: Int, now: Timestamp) throws(SQLiteError) -> Bool {
        let statement = try statements(.dueBeyond)
        statement.bind(2, now)
        statement.bind(3, Int64(count))
        guard try statement.step() else { return false }
        statement.reset()
        return true
    }

    private func due(_ sql: EntrySQL, now: Timestamp, _ limit: Int) throws(SQLiteError) -> [DueRow] {
        let statement = try statements(sql)
        statement.bind(2, now)
        statement.bind(3, Int64(limit))
        var rows: [DueRow] = []
        while try statement.step() { rows.append(DueRow(id: statement.integer(0), expiresAt: statement.time(1))) }
        return rows
    }

    /// The earliest expiry in the file, due or not. One step into the expiry index.
    func nextExpiry() throws(SQLiteError) -> Timestamp? {
        let statement = try statements(.nextExpiry)
        guard try statement.step() else { return nil }
        defer { statement.reset() }
        return statement.time(0)
    }
}
