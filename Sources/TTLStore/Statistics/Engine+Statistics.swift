internal import CTTLSQLite

extension Engine {
    func statistics() throws(TTLStoreError) -> TTLStore.Statistics {
        var statistics = activity.snapshot
        let now = clock.now
        try read("statistics") { reader in
            let connection = reader.connection
            let pages = try FilePages(connection)
            let pageSize = Int(try connection.integer("PRAGMA page_size") ?? 0)
            statistics.fileSize = pages.total * pageSize
            statistics.freeSize = pages.free * pageSize
            statistics.schemaVersion = Int(try connection.integer("PRAGMA user_version") ?? 0)
            let expired = try reader.expired(now: now)
            statistics.expiredEntries = expired.count
            statistics.oldestOverdue = expired.oldest.map { TimeConversion.duration(from: $0, to: now) }
            statistics.nextExpiry = try reader.firstExpiry(after: now).map(TimeConversion.date)
        }
        statistics.logSize = file.path.map { Int(FileSystem.size(of: $0 + "-wal")) } ?? 0
        statistics.droppedRemovals = removals.dropped
        statistics.sqliteVersion = String(cString: sqlite3_libversion())
        return statistics
    }
}

extension EntryReader {
    fileprivate func expired(now: Timestamp) throws(SQLiteError) -> (count: Int, oldest: Timestamp?) {
        let statement = try Statement(
            "SELECT count(*), min(expires_at) FROM entries WHERE \(LiveRule.expired(now: "?1"))", on: connection)
        statement.bind(1, now)
        guard try statement.step() else { return (0, nil) }
        return (Int(statement.integer(0)), statement.optionalInteger(1))
    }

    fileprivate func firstExpiry(after now: Timestamp) throws(SQLiteError) -> Timestamp? {
        let statement = try Statement("SELECT min(expires_at) FROM entries WHERE expires_at > ?1", on: connection)
        statement.bind(1, now)
        return try statement.step() ? statement.optionalInteger(0) : nil
    }
}
