internal import CTTLSQLite

/// Reads entries before they leave, if there is a consumer of removals.
extension EntryWriter {
    /// The entry that the statement is about to replace or remove, live or expired, if it writes at all.
    func leaving(by sql: EntrySQL, _ key: Key, now: Timestamp) throws(SQLiteError) -> LeavingEntry? {
        guard let cause = sql.causeForLive else { return nil }
        return try leaving(key, as: cause, now: now)
    }

    /// The entry that has the key, live or expired.
    func leaving(
        _ key: Key, as cause: TTLStore.Removal.Cause, now: Timestamp
    ) throws(SQLiteError) -> LeavingEntry? {
        guard let demand = removals.demand else { return nil }
        return try reader.leaving(key, as: cause, now: now, withValue: demand.values)
    }

    /// The live entries of the scope, which are about to be removed, as many as fit a consumer's buffer; nil without a
    /// consumer.
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
            // Values beyond the room are not copied: a range may hold any number of them.
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

    /// Lists the keys of at most `EntrySQL.purgeWidth` rows that are about to be deleted.
    func noteChanges(_ ids: [Int64], now: Timestamp) throws(SQLiteError) {
        let statement = try statements(.leavingRows)
        statement.bind(rows: ids[...], now: now)
        defer { statement.reset() }
        while try statement.step() {
            // A key that is no key of the library's was never looked up.
            if let key = try? Key(EntryColumns.text(statement, 3), in: "evict") { noteChange(key) }
        }
    }

    /// The contents of all rows with those ids, if there is room for any. The purge may spare some rows, and which ones
    /// is not known before.
    func expiring(_ ids: [Int64], now: Timestamp) throws(SQLiteError) -> [LeavingRow]? {
        guard let demand = removals.demand else { return nil }
        return try reader.leaving(
            ids[...], asLive: .expired, limit: removals.room > 0 ? ids.count : 0, bytes: RemovalDemand.valueBytes,
            withValues: demand.values, now: now)
    }

    /// The contents of the rows with those ids, as many as fit a consumer's buffer; nil without a consumer.
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
    /// Binds the parameters of the statements that take rows by their ids.
    fileprivate func bind(rows ids: ArraySlice<Int64>, now: Timestamp) {
        clearBindings()
        bind(2, now)
        for (index, id) in ids.enumerated() { bind(Int32(3 + index), id) }
    }
}

extension EntryReader {
    /// At most `limit` of the rows with those ids, which are at most `EntrySQL.purgeWidth` and ascend.
    ///
    /// A SELECT before the DELETE costs less than RETURNING, which copies each row into a temporary table. A function
    /// that reports rows from the DELETE's condition costs most: since it may fail, SQLite keeps a copy of each page to
    /// undo the statement. Where the ids lie close together, as in a backlog, a range of them needs no search for each.
    /// - Parameters:
    ///   - cause: why a live entry leaves.
    ///   - bytes: how many bytes of values are read at most.
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
        // The difference may overflow, since people may number rows by hand.
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

/// What happens to the values of leaving entries.
private enum LeavingValues {
    case read, notWanted
    /// They are wanted, and the buffer has no room for them.
    case tooLarge

    /// The treatment of the following values when the room is used up.
    var left: LeavingValues { self == .read ? .tooLarge : self }

    /// The result of `body`. If a value is beyond the limit of reads, `body` runs again without values, since such a
    /// value must not keep its entry in the file.
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
    /// From the columns for the tag, whether the row is live, and the value or NULL.
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
