internal import CTTLSQLite

extension Engine {
    func statistics() throws(TTLStoreError) -> TTLStore.Statistics {
        var statistics = activity.snapshot
        let now = clock.now
        try read("statistics") { reader in
            let connection = reader.connection
            let pages = try FilePages(connection)
            let pageSize = try connection.count("PRAGMA page_size") ?? 0
            statistics.fileSize = pages.total * pageSize
            statistics.freeSize = pages.free * pageSize
            statistics.schemaVersion = try connection.count("PRAGMA user_version") ?? 0
            let (overdue, oldest) = try reader.overdue(now: now)
            statistics.expiredEntries = overdue.count
            statistics.overdue = overdue
            statistics.oldestOverdue = oldest.map { TimeConversion.duration(from: $0, to: now) }
            statistics.nextExpiry = try reader.firstExpiry(after: now).map(TimeConversion.date)
        }
        statistics.logSize = file.path.map { Int(FileSystem.size(of: $0 + "-wal")) } ?? 0
        addMemory(to: &statistics)
        (statistics.threads, statistics.peakThreads) = (threads.count, threads.peak)
        statistics.droppedRemovals = removals.dropped
        statistics.sqliteVersion = String(cString: sqlite3_libversion())
        statistics.hasWALResetBug = WALResetBug.isPresent(in: sqlite3_libversion_number())
        return statistics
    }

    private func addMemory(to statistics: inout TTLStore.Statistics) {
        guard let memory else { return }
        let figures = memory.figures
        statistics.hits += figures.hits
        statistics.misses += figures.misses
        statistics.memoryAnswers = figures.hits + figures.misses
        (statistics.memoryRows, statistics.memorySize) = (figures.rows, figures.size)
        statistics.memoryState = memory.hasLog ? .on : .waiting
    }
}

extension EntryReader {
    /// How long each expired entry has been due, and the oldest expiry. Reads the index of expiries alone.
    fileprivate func overdue(
        now: Timestamp
    ) throws(SQLiteError) -> (lengths: TTLStore.Histogram, oldest: Timestamp?) {
        let statement = try Statement(
            "SELECT expires_at FROM entries WHERE \(LiveRule.expired(now: "?1")) ORDER BY expires_at", on: connection)
        statement.bind(1, now)
        var (lengths, oldest) = (TTLStore.Histogram(), Timestamp?.none)
        while try statement.step() {
            let expiry = statement.time(0)
            oldest = oldest ?? expiry
            lengths.add(from: expiry, to: now)
        }
        return (lengths, oldest)
    }

    fileprivate func firstExpiry(after now: Timestamp) throws(SQLiteError) -> Timestamp? {
        let statement = try Statement("SELECT min(expires_at) FROM entries WHERE expires_at > ?1", on: connection)
        statement.bind(1, now)
        return try statement.step() ? statement.optionalTime(0) : nil
    }
}
