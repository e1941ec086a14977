/// The errors of a damaged index of expiries: rows for which it lists another expiry than they have.
///
/// The row itself decides whether it is deleted. A row that the index calls due and the deletion spares may have been
/// extended since the index was read. Or the index is damaged, and would call the row due for ever. If the next read of
/// the index names such a row again, index and row are compared in one state of the file, which is a proof. Rows that
/// are named wrongly are passed over from then on, and the others are purged as before.
struct IndexDoubt {
    /// With more misnamed rows, nothing is purged: passing them over would take too long.
    static let limit = 100_000

    /// Rows that a deletion has spared since the index was last read.
    private(set) var spared: Set<Int64> = []
    /// The wrong rows of the index.
    private(set) var misnamed: Set<DueRow> = []

    /// A deletion at that time, with the write lock held, got `rows` and has deleted `deleted`.
    mutating func note(_ rows: ArraySlice<DueRow>, deleted: [DueRow], now: Timestamp) {
        guard deleted.count < rows.count else { return }
        let gone = Set(deleted.map(\.id))
        // After a clock that was set back, a row may not be due any more.
        for row in rows where row.expiresAt <= now && !gone.contains(row.id) { spared.insert(row.id) }
    }

    /// The rows that are due, without the ones that only the index calls due.
    /// - Returns: the rows, and whether wrong ones were found that were not known before.
    /// - Throws: `SQLITE_CORRUPT_INDEX` if there are too many wrong rows.
    mutating func due(
        _ reader: EntryReader, now: Timestamp, limit: Int
    ) throws(SQLiteError) -> (rows: [DueRow], foundDamage: Bool) {
        if spared.isEmpty, misnamed.isEmpty { return (try reader.due(now: now, limit: limit), false) }
        // One state of the file for the index and the rows.
        try reader.holdSnapshot()
        defer { reader.releaseSnapshot() }
        let suspects = spared.union(misnamed.map(\.id))
        var found: Set<DueRow> = []
        var rows: [DueRow] = []
        for row in try reader.due(now: now, limit: limit + misnamed.count) {
            if suspects.contains(row.id), try !reader.agrees(with: row) {
                found.insert(row)
            } else {
                rows.append(row)
            }
        }
        guard found.count <= IndexDoubt.limit else { throw .damagedIndex }
        let isNew = !found.isSubset(of: misnamed)
        misnamed = found
        spared = []
        return (rows, isNew)
    }
}

extension EntryReader {
    /// The earliest expiry in the file, due or not, without the wrong rows of the index.
    func nextExpiry(passingOver rows: Set<DueRow>) throws(SQLiteError) -> Timestamp? {
        guard !rows.isEmpty else { return try nextExpiry() }
        let statement = try statements(.expiries)
        defer { statement.reset() }
        while try statement.step() {
            let row = DueRow(id: statement.integer(0), expiresAt: statement.time(1))
            if !rows.contains(row) { return row.expiresAt }
        }
        return nil
    }

    /// Whether the row has the expiry that the index lists for it.
    fileprivate func agrees(with row: DueRow) throws(SQLiteError) -> Bool {
        let statement = try statements(.expiryOfRow)
        statement.bind(3, row.id)
        guard try statement.step() else { return false }
        defer { statement.reset() }
        return statement.optionalTime(0) == row.expiresAt
    }
}
