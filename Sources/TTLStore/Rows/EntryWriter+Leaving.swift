internal import CTTLSQLite

/// What entries were when they leave, read only if a consumer follows the removals.
extension EntryWriter {
    /// The entry that the statement is about to replace or remove, live or expired, if it writes at all.
    func leaving(by sql: EntrySQL, _ key: Key, now: Timestamp) throws(SQLiteError) -> LeavingEntry? {
        guard let cause = sql.causeForLive, let demand = removals.demand else { return nil }
        return try reader.leaving(key, as: cause, now: now, withValue: demand.values)
    }

    /// The live entries that a removal is about, as many as fit a consumer's buffer; nil without a consumer.
    func leaving(_ scope: EntryScope, now: Timestamp) throws(SQLiteError) -> [LeavingEntry]? {
        guard let demand = removals.demand else { return nil }
        return try LeavingValues.read(demand.values) { (values) throws(SQLiteError) in
            try leaving(scope, values, now: now)
        }
    }

    private func leaving(
        _ scope: EntryScope, _ values: LeavingValues, now: Timestamp
    ) throws(SQLiteError) -> [LeavingEntry] {
        let statement = try Statement(
            """
            SELECT tag, 1, \(values == .read ? "value" : "NULL"), key FROM entries
            WHERE \(scope.sql()) AND \(LiveRule.live(now: "?2")) LIMIT ?4
            """, on: connection)
        try scope.bind(statement)
        statement.bind(2, now)
        statement.bind(4, Int64(removals.room))
        var entries: [LeavingEntry] = []
        var bytes = 0
        while try statement.step() {
            let key = statement.withBytes(3) { String(decoding: $0, as: UTF8.self) }
            // Not copied where there would be no room for it: a range may hold any number of values.
            let entry = EntryColumns.leaving(
                statement, key, as: .removed, bytes < RemovalDemand.valueBytes ? values : values.left)
            bytes += entry.size
            entries.append(entry)
        }
        return entries
    }

    /// Deletes at most `EntrySQL.purgeWidth` rows, by their ids in ascending order, with `purge` or `evict`.
    func delete(_ sql: EntrySQL, _ ids: [Int64], now: Timestamp) throws(SQLiteError) {
        let statement = try statements(sql)
        statement.bind(rows: ids[...], now: now)
        try statement.run()
    }

    /// What all rows with those ids hold, if there is room for any: the purge spares some of them, nobody knows which.
    func expiring(_ ids: [Int64], now: Timestamp) throws(SQLiteError) -> [LeavingRow]? {
        guard let demand = removals.demand else { return nil }
        return try reader.leaving(
            ids[...], asLive: .expired, limit: removals.room > 0 ? ids.count : 0, bytes: RemovalDemand.valueBytes,
            withValues: demand.values, now: now)
    }

    /// What the rows with those ids hold, as many as fit a consumer's buffer; nil without a consumer.
    func leaving(
        _ ids: [Int64], asLive cause: TTLStore.Removal.Cause, now: Timestamp
    ) throws(SQLiteError) -> [LeavingRow]? {
        guard let demand = removals.demand else { return nil }
        return try reader.leaving(
            ids[...], asLive: cause, limit: removals.room, bytes: RemovalDemand.valueBytes, withValues: demand.values,
            now: now)
    }
}

/// A row that is about to leave.
struct LeavingRow {
    let id: Int64
    let entry: LeavingEntry
}

extension Statement {
    /// For the statements that take rows by their ids.
    fileprivate func bind(rows ids: ArraySlice<Int64>, now: Timestamp) {
        clearBindings()
        bind(2, now)
        for (index, id) in ids.enumerated() { bind(Int32(3 + index), id) }
    }
}

extension EntryReader {
    /// At most `limit` of at most `EntrySQL.purgeWidth` rows, by their ids in ascending order.
    ///
    /// A SELECT before the DELETE costs less than RETURNING, which copies each row to a table of its own. A function
    /// that reports rows from the DELETE's condition costs most: since it may fail, SQLite keeps a copy of each page to
    /// undo the statement. Where the ids lie close together, as in a backlog, a range of them needs no search for each.
    /// - Parameters:
    ///   - cause: why a live one leaves.
    ///   - bytes: after so many bytes of values no more of them are read.
    func leaving(
        _ ids: ArraySlice<Int64>, asLive cause: TTLStore.Removal.Cause, limit: Int, bytes limitOfBytes: Int,
        withValues: Bool, now: Timestamp
    ) throws(SQLiteError) -> [LeavingRow] {
        try LeavingValues.read(withValues) { (values) throws(SQLiteError) in
            try leaving(ids, asLive: cause, limit: limit, bytes: limitOfBytes, values, now: now)
        }
    }

    private func leaving(
        _ ids: ArraySlice<Int64>, asLive cause: TTLStore.Removal.Cause, limit: Int, bytes limitOfBytes: Int,
        _ values: LeavingValues, now: Timestamp
    ) throws(SQLiteError) -> [LeavingRow] {
        guard let first = ids.first, let last = ids.last else { return [] }
        let statement: Statement
        // A person may have numbered rows by hand, from one end of the integers to the other.
        let (span, overflow) = last.subtractingReportingOverflow(first)
        if !overflow, span < 2 * ids.count {
            statement = try statements(values == .read ? .leavingRangeWithValue : .leavingRange)
            statement.bind(2, now)
            statement.bind(3, first)
            statement.bind(4, last)
        } else {
            statement = try statements(values == .read ? .leavingRowsWithValue : .leavingRows)
            statement.bind(rows: ids, now: now)
        }
        defer { statement.reset() }
        var rest = ids
        var rows: [LeavingRow] = []
        var bytes = 0
        rows.reserveCapacity(min(limit, ids.count))
        while rows.count < limit, try statement.step() {
            let id = statement.integer(4)
            while let next = rest.first, next < id { rest.removeFirst() }
            guard rest.first == id else { continue }
            let key = statement.withBytes(3) { String(decoding: $0, as: UTF8.self) }
            let entry = EntryColumns.leaving(statement, key, as: cause, bytes < limitOfBytes ? values : values.left)
            bytes += entry.size
            rows.append(LeavingRow(id: id, entry: entry))
        }
        return rows
    }

    fileprivate func leaving(
        _ key: Key, as cause: TTLStore.Removal.Cause, now: Timestamp, withValue: Bool
    ) throws(SQLiteError) -> LeavingEntry? {
        try LeavingValues.read(withValue) { (values) throws(SQLiteError) in
            try readRow(values == .read ? .leavingWithValue : .leaving, key, now: now) { row in
                EntryColumns.leaving(row, key.text, as: cause, values)
            }
        }
    }
}

/// What is made of the values of entries that leave.
private enum LeavingValues {
    case read, notWanted
    /// They are wanted, and there is no room for them.
    case tooLarge

    /// For the values that follow when there is no room any more.
    var left: LeavingValues { self == .read ? .tooLarge : self }

    /// What `body` reads. Where a value is larger than is read at all, none of them is: it must not keep its entry in
    /// the file.
    static func read<Success>(
        _ areWanted: Bool, _ body: (LeavingValues) throws(SQLiteError) -> Success
    ) throws(SQLiteError) -> Success {
        guard areWanted else { return try body(.notWanted) }
        do throws(SQLiteError) { return try body(.read) } catch {
            guard error.primaryCode == SQLITE_TOOBIG else { throw error }
            return try body(.tooLarge)
        }
    }
}

extension EntryColumns {
    /// From a row of tag, whether it is live, and value or NULL.
    fileprivate static func leaving(
        _ row: Statement, _ key: String, as cause: TTLStore.Removal.Cause, _ values: LeavingValues
    ) -> LeavingEntry {
        let content: LeavingEntry.Content =
            switch values {
            case .read: .value(value(row, 2))
            case .notWanted: .notRead
            case .tooLarge: .tooLarge
            }
        return LeavingEntry(
            key: key, tag: optionalText(row, 0), cause: row.integer(1) == 0 ? .expired : cause, content: content)
    }
}
