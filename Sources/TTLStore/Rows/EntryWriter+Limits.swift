internal import CTTLSQLite

/// The writer's knowledge of the store's limits and size. It belongs to the holder of the turn.
final class WriterLimits {
    /// How many entries a write evicts at most where there are too many: more than it can add, and few enough to cost
    /// it little.
    static let evictionsPerWrite = 4

    /// A copy of the size, for other threads.
    let gauge: SizeGauge
    /// True where no thread evicts.
    private let hasNoExpirer: Bool
    private let pageCount: Statement
    private let freePages: Statement
    private let allRows: Statement
    private let firstRows: Statement
    /// Nil where any number of entries is allowed.
    private(set) var rows: RowCount?
    private(set) var pace: CountPace

    init(_ limits: Limits, _ connection: Connection, hasNoExpirer: Bool) throws(SQLiteError) {
        gauge = SizeGauge(limits)
        self.hasNoExpirer = hasNoExpirer
        rows = limits.entries.map { RowCount(limit: $0) }
        pace = CountPace(limit: limits.entries ?? 0)
        pageCount = try Statement("PRAGMA page_count", on: connection, persistent: true)
        freePages = try Statement("PRAGMA freelist_count", on: connection, persistent: true)
        allRows = try Statement("SELECT count(*) FROM entries", on: connection, persistent: true)
        firstRows = try Statement(
            "SELECT count(*) FROM (SELECT 1 FROM entries LIMIT ?1)", on: connection, persistent: true)
    }

    var limits: Limits { gauge.limits }

    /// The level from which on writers evict.
    fileprivate var level: Limits.Level { hasNoExpirer ? .limit : .margin }

    /// The last known size: other processes may have changed the number of entries.
    /// - Parameter pending: rows that the open transaction has added.
    func size(pending: Int) throws(SQLiteError) -> Limits.Size {
        var size = Limits.Size(entries: rows?.rows.map { $0 + pending })
        if limits.pages != nil {
            size.pages = try usedPages()
            gauge.setPages(size.pages)
        }
        return size
    }

    private func usedPages() throws(SQLiteError) -> Int {
        FilePages(total: try pageCount.firstCount(), free: try freePages.firstCount()).used
    }

    /// Whether a write has to look at the number of entries.
    fileprivate func wantsCheck(pending: Int) -> Bool {
        guard let rows else { return false }
        return !rows.isConclusive(pending: pending) || pace.wantsCheck(at: .now)
    }

    /// The open transaction has inserted or evicted `count` rows.
    fileprivate func noteChanges(_ count: Int) { pace.changed(count) }

    fileprivate func noteCheck() { pace.checked(at: .now) }

    /// Counts the rows in the open transaction, which has read that file version. O(min(rows, limit)).
    fileprivate func count(pending: Int, version: Int64) throws(SQLiteError) {
        guard var rows else { return }
        let begun = MonotonicTime.now
        let isAll = rows.isSmall(pages: try usedPages())
        if !isAll { firstRows.bind(1, Int64(rows.enough)) }
        let found = try (isAll ? allRows : firstRows).firstCount() ?? 0
        rows.counted(found, isAll: isAll, pending: pending, version: version)
        self.rows = rows
        pace.counted(from: begun, to: .now)
        publish()
    }

    /// Called after a commit.
    func committed(_ change: Int) {
        guard rows?.rows != nil else { return }
        rows?.committed(change)
        publish()
    }

    private func publish() { if let rows = rows?.rows { gauge.setRows(rows) } }
}

/// Whether a transaction that wants to evict counts the rows first, if other processes have committed.
enum Counting {
    case always
    /// If it has been a while since the last count, or this store has changed many rows since: see `CountPace`.
    case whenDue
    /// If it takes some milliseconds at most.
    case whenQuick
}

extension EntryWriter {
    /// The index of ages, which a store with limits makes and uses.
    static let indexOfAges =
        "CREATE INDEX IF NOT EXISTS entries_by_age ON entries (updated_at) WHERE expires_at IS NULL"

    /// Takes over the limits of a store that is being opened. Counts nothing.
    ///
    /// The index of ages exists only in files that were opened with limits: other files need not pay for it with each
    /// entry that never expires.
    func adopt(_ configuration: TTLStore.Configuration, pageSize: Int) throws {
        guard let limits = Limits(configuration, pageSize: pageSize) else { return }
        try connection.execute(EntryWriter.indexOfAges)
        self.limits = try WriterLimits(limits, connection, hasNoExpirer: configuration.purging == .manual)
    }

    /// Before an insertion, so that `enforceLimits` can tell it from an overwriting one.
    func expectInsertion() throws(SQLiteError) {
        guard let limits else { return }
        sqlite3_set_last_insert_rowid(connection.handle, 0)
        // This write does not make up for what others have added since the last look.
        if limits.limits.pages != nil { _ = try limits.size(pending: 0) }
    }

    /// After a value was written: evicts some entries if it has taken the store beyond its limits.
    ///
    /// The first call counts the entries. The write does not fail if counting or evicting fails, unless its transaction
    /// is lost.
    func enforceLimits(sparing key: Key, now: Timestamp) throws(SQLiteError) {
        guard let limits else { return }
        if sqlite3_last_insert_rowid(connection.handle) != 0 {
            counts.rows += 1
            limits.noteChanges(1)
        }
        do throws(SQLiteError) { try makeRoom(limits, sparing: key, now: now) } catch {
            guard connection.isInTransaction else { throw error }
        }
    }

    private func makeRoom(_ limits: WriterLimits, sparing key: Key, now: Timestamp) throws(SQLiteError) {
        let pagesBefore = limits.gauge.size.pages
        let arrears = limits.pace.arrears
        var size = try limits.size(pending: counts.rows)
        guard limits.wantsCheck(pending: counts.rows) || limits.limits.isExceeded(limits.level, by: size)
        else { return }
        size = try sizeForEviction(counting: .whenDue)
        guard limits.limits.isExceeded(limits.level, by: size) else { return }
        // Where it was too early to count, earlier writes have made no room for what they inserted.
        let width = WriterLimits.evictionsPerWrite + arrears - limits.pace.arrears
        var left = limits.limits.evictions(to: .limit, from: size, width: width)
        var evicted = 0
        while left > 0 {
            let count = try evict(min(left, EntrySQL.purgeWidth), sparing: key, now: now)
            evicted += count
            left = count > 0 ? left - count : 0
        }
        // The write frees twice as many pages as it took, however small the other entries are. So the file does not
        // outgrow its limit, and shrinks if the limit is lower than before.
        let target = size.pages - 2 * max(0, size.pages - pagesBefore)
        var more = 2 * WriterLimits.evictionsPerWrite
        while evicted > 0, size.pages > target, limits.limits.isTooLarge(limits.level, size) {
            evicted = try evict(more, sparing: key, now: now)
            more = min(2 * more, EntrySQL.purgeWidth)
            size = try limits.size(pending: counts.rows)
        }
    }

    /// The size by which the open transaction, which has the write lock, may evict. Its number of entries is exact or a
    /// lower bound. It is nil where other processes have committed and `counting` forbids a count: better to evict late
    /// than to evict entries for which there is room.
    ///
    /// Costs one look at the file's version in each transaction; a count is O(min(rows, limit)).
    func sizeForEviction(counting: Counting = .always) throws(SQLiteError) -> Limits.Size {
        guard let limits else { return Limits.Size() }
        guard let rows = limits.rows else { return try limits.size(pending: counts.rows) }
        var isCurrent = rows.isCurrent(at: try version(), pending: counts.rows)
        if isCurrent {
            limits.noteCheck()
        } else if try allows(counting, limits) {
            try limits.count(pending: counts.rows, version: try version())
            isCurrent = true
        }
        var size = try limits.size(pending: counts.rows)
        if !isCurrent { size.entries = nil }
        return size
    }

    /// `PRAGMA data_version` in the open transaction, in which it can't change.
    private func version() throws(SQLiteError) -> Int64 {
        if let version = counts.version { return version }
        let version = try dataVersion.read()
        counts.version = version
        return version
    }

    private func allows(_ counting: Counting, _ limits: WriterLimits) throws(SQLiteError) -> Bool {
        switch counting {
        case .always: true
        case .whenDue: limits.pace.allowsCount(at: .now)
        case .whenQuick:
            // Half a million rows, or a file of 32 MiB.
            if limits.limits.entries ?? 0 <= 500_000 { true } else { try FilePages(connection).used <= 8192 }
        }
    }

    /// Deletes entries in the order of eviction: expired entries, then the entries that expire soonest, then, of the
    /// permanent entries, the ones that were written longest ago.
    /// - Parameters:
    ///   - count: at most `EntrySQL.purgeWidth`.
    ///   - key: of an entry that stays; nil for none.
    /// - Returns: how many entries were deleted.
    @discardableResult
    func evict(_ count: Int, sparing key: Key? = nil, now: Timestamp) throws(SQLiteError) -> Int {
        guard count > 0 else { return 0 }
        var rows = try victims(.soonest, count, sparing: key)
        if rows.count < count { rows += try victims(.oldest, count - rows.count, sparing: key) }
        guard !rows.isEmpty else { return 0 }
        // Deleted in the order of the table: neighbours share pages.
        try evict(ids: rows.map(\.id).sorted(), now: now)
        counts.rows -= rows.count
        limits?.noteChanges(rows.count)
        for row in rows {
            if let expiresAt = row.expiresAt, expiresAt <= now {
                counts.expired.append((expiresAt, now))
            } else {
                counts.evictions += 1
            }
        }
        return rows.count
    }

    /// - Parameter ids: at most `EntrySQL.purgeWidth`, in ascending order.
    func evict(ids: [Int64], now: Timestamp) throws(SQLiteError) {
        let leaving = try leaving(ids, asLive: .evicted, now: now)
        if listsKeys { try noteChanges(ids, now: now) }
        try delete(.evict, ids, now: now)
        // Otherwise a damaged index that lists missing rows would make the eviction go on for ever.
        guard connection.changes > 0 else { throw .damagedIndex }
        if let leaving { removals.add(leaving.map(\.entry), of: connection.changes) }
    }

    private func victims(
        _ sql: EntrySQL, _ count: Int, sparing key: Key?
    ) throws(SQLiteError) -> [(id: Int64, expiresAt: Timestamp?)] {
        let statement = try statements(sql)
        try statement.bind(1, key)
        statement.bind(3, Int64(count))
        var rows: [(id: Int64, expiresAt: Timestamp?)] = []
        while try statement.step() { rows.append((statement.integer(0), statement.optionalTime(1))) }
        return rows
    }
}
