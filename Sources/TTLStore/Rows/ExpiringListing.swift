/// The entries of a selection that expire next, at a bounded cost.
struct ExpiringListing {
    /// How many entries are looked at for a selection, at least.
    static let horizon = 10_000
    private static let columns = "key, expires_at, revision, tag"

    /// Nil for all entries.
    private let scope: EntryScope?
    private let limit: Int

    /// - Throws: `invalidTag`, `invalidArgument`.
    init(_ selection: TTLStore.Selection, limit: Int) throws(TTLStoreError) {
        scope =
            switch selection {
            case .all, .prefix(""): nil
            case .prefix, .tag: try EntryScope(selection, in: "expiringNext")
            }
        guard (1...EntryListing.maximumLimit).contains(limit) else {
            throw TTLStoreError(
                .invalidArgument, "the limit of entries is from 1 to \(EntryListing.maximumLimit)", in: "expiringNext")
        }
        self.limit = limit
    }

    func entries(_ reader: EntryReader, now: Timestamp) throws(SQLiteError) -> [TTLStore.ExpiringEntry] {
        guard let scope else { return try soonest(reader, lookingAt: limit, now: now) { _ in true } }
        let horizon = max(limit, ExpiringListing.horizon)
        // One state of the file for the count and the entries.
        try reader.holdSnapshot()
        defer { reader.releaseSnapshot() }
        if try isLarger(scope, than: horizon, reader) {
            return try soonest(reader, lookingAt: horizon, now: now) { scope.contains($0, key: 0, tag: 3) }
        }
        return try all(of: scope, atMost: horizon, reader, now: now)
    }

    private func soonest(
        _ reader: EntryReader, lookingAt horizon: Int, now: Timestamp, _ isWanted: (Statement) -> Bool
    ) throws(SQLiteError) -> [TTLStore.ExpiringEntry] {
        // A number: text, which can only have got past the schema's constraints, comes after all numbers.
        let statement = try Statement(
            """
            SELECT \(ExpiringListing.columns) FROM entries
            WHERE expires_at > ?2 AND expires_at <= \(Int64.max)
            ORDER BY expires_at
            LIMIT ?4
            """, on: reader.connection)
        statement.bind(2, now)
        statement.bind(4, Int64(horizon))
        var entries: [TTLStore.ExpiringEntry] = []
        while entries.count < limit, try statement.step() {
            if isWanted(statement), let entry = entry(statement, now: now) { entries.append(entry) }
        }
        return entries
    }

    /// Counts in the index of keys or of tags alone.
    private func isLarger(_ scope: EntryScope, than count: Int, _ reader: EntryReader) throws(SQLiteError) -> Bool {
        let statement = try Statement(
            "SELECT 1 FROM entries WHERE \(scope.sql()) LIMIT 1 OFFSET ?4", on: reader.connection)
        try scope.bind(statement)
        statement.bind(4, Int64(count))
        return try statement.step()
    }

    private func all(
        of scope: EntryScope, atMost count: Int, _ reader: EntryReader, now: Timestamp
    ) throws(SQLiteError) -> [TTLStore.ExpiringEntry] {
        let statement = try Statement(
            "SELECT \(ExpiringListing.columns) FROM entries WHERE \(scope.sql()) LIMIT ?4", on: reader.connection)
        try scope.bind(statement)
        statement.bind(4, Int64(count))
        var entries: [TTLStore.ExpiringEntry] = []
        while try statement.step() {
            if let entry = entry(statement, now: now) { entries.append(entry) }
        }
        return Array(entries.sorted { $0.expiresAt < $1.expiresAt }.prefix(limit))
    }

    /// Nil for an entry that has expired or never does.
    private func entry(_ row: Statement, now: Timestamp) -> TTLStore.ExpiringEntry? {
        guard let expiresAt = row.optionalTime(1), LiveRule.isLive(expiresAt, now: now) else { return nil }
        return TTLStore.ExpiringEntry(
            key: EntryColumns.text(row, 0),
            expiresAt: TimeConversion.date(expiresAt),
            remaining: TimeConversion.duration(from: now, to: expiresAt),
            revision: TTLStore.Revision(number: row.integer(2)),
            tag: EntryColumns.optionalText(row, 3))
    }
}

extension EntryScope {
    /// Whether a row belongs to the scope.
    /// - Parameters: the columns of its key and its tag.
    fileprivate func contains(_ row: Statement, key: Int32, tag: Int32) -> Bool {
        switch self {
        case .prefix(let range): row.withBytes(key) { $0.starts(with: range.lower) }
        case .tag(let wanted):
            row.type(tag) == .text && wanted.withBytes { bytes in row.withBytes(tag) { $0.elementsEqual(bytes) } }
        }
    }
}

extension ReadOperation where Success == [TTLStore.ExpiringEntry] {
    static func expiringNext(
        _ selection: TTLStore.Selection, limit: Int
    ) throws(TTLStoreError) -> ReadOperation {
        let listing = try ExpiringListing(selection, limit: limit)
        return ReadOperation("expiringNext") { reader, now in try listing.entries(reader, now: now) }
    }
}
