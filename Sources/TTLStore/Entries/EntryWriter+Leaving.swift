/// What entries were when they leave, read only if somebody wants to know.
extension EntryWriter {
    /// The entry that the statement is about to replace or remove, live or expired, if it writes at all.
    func leaving(by sql: EntrySQL, _ key: Key, now: Timestamp) throws(SQLiteError) -> LeavingEntry? {
        guard let cause = sql.causeForLive, let demand = removals.demand else { return nil }
        return try reader.leaving(key, as: cause, now: now, withValue: demand.values)
    }

    /// The live entries that a removal is about, as many as somebody may have room for; nil if nobody wants to know.
    func leaving(_ scope: EntryScope, now: Timestamp) throws(SQLiteError) -> [LeavingEntry]? {
        guard let demand = removals.demand else { return nil }
        let statement = try Statement(
            """
            SELECT tag, 1, \(demand.values ? "value" : "NULL"), key FROM entries
            WHERE \(scope.sql()) AND \(LiveRule.live(now: "?2")) LIMIT ?4
            """, on: connection)
        try scope.bind(statement)
        statement.bind(2, now)
        statement.bind(4, Int64(removals.room))
        var entries: [LeavingEntry] = []
        while try statement.step() {
            let key = statement.withBytes(3) { String(decoding: $0, as: UTF8.self) }
            entries.append(EntryColumns.leaving(statement, key, as: .removed))
        }
        return entries
    }

    /// Deletes at most `EntrySQL.purgeWidth` rows, by their ids in ascending order, with `purge` or `evict`.
    func delete(_ sql: EntrySQL, _ ids: [Int64], now: Timestamp) throws(SQLiteError) {
        let leaving = try leaving(ids[...], asLive: sql == .evict ? .evicted : nil, now: now)
        let statement = try statements(sql)
        statement.bind(rows: ids[...], now: now)
        try statement.run()
        if let leaving { removals.add(leaving, of: connection.changes) }
    }

    /// As many of the rows as somebody may have room for; nil if nobody wants to know.
    ///
    /// A SELECT before costs less than RETURNING, which copies each row to a table of its own. A function that reports
    /// rows from the DELETE's condition costs most: since it may fail, SQLite keeps a copy of each page to undo the
    /// statement. Where the ids lie close together, as in a backlog, a range of them needs no search for each.
    /// - Parameter asLive: why live ones leave; nil if the statement spares them.
    private func leaving(
        _ ids: ArraySlice<Int64>, asLive cause: TTLStore.Removal.Cause?, now: Timestamp
    ) throws(SQLiteError) -> [LeavingEntry]? {
        guard let demand = removals.demand else { return nil }
        guard let first = ids.first, let last = ids.last else { return [] }
        let statement: Statement
        if last - first < 2 * ids.count {
            statement = try statements(demand.values ? .leavingRangeWithValue : .leavingRange)
            statement.bind(2, now)
            statement.bind(3, first)
            statement.bind(4, last)
        } else {
            statement = try statements(demand.values ? .leavingRowsWithValue : .leavingRows)
            statement.bind(rows: ids, now: now)
        }
        defer { statement.reset() }
        let room = removals.room
        var rest = ids
        var entries: [LeavingEntry] = []
        entries.reserveCapacity(min(room, ids.count))
        while entries.count < room, try statement.step() {
            let id = statement.integer(4)
            while let next = rest.first, next < id { rest.removeFirst() }
            let isLive = statement.integer(1) != 0
            guard rest.first == id, let cause = isLive ? cause : .expired else { continue }
            let key = statement.withBytes(3) { String(decoding: $0, as: UTF8.self) }
            entries.append(EntryColumns.leaving(statement, key, as: cause))
        }
        return entries
    }
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
    fileprivate func leaving(
        _ key: Key, as cause: TTLStore.Removal.Cause, now: Timestamp, withValue: Bool
    ) throws(SQLiteError) -> LeavingEntry? {
        try readRow(withValue ? .leavingWithValue : .leaving, key, now: now) { row in
            EntryColumns.leaving(row, key.text, as: cause)
        }
    }
}

extension EntryColumns {
    /// From a row of tag, whether it is live, and value or NULL.
    fileprivate static func leaving(
        _ row: Statement, _ key: String, as cause: TTLStore.Removal.Cause
    ) -> LeavingEntry {
        LeavingEntry(
            key: key, tag: row.type(0) == .null ? nil : row.withBytes(0) { String(decoding: $0, as: UTF8.self) },
            cause: row.integer(1) == 0 ? .expired : cause,
            content: row.type(2) == .null ? .notRead : .value(value(row, 2)))
    }
}
