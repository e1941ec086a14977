internal import CTTLSQLite

/// What a writer knows of the limits and does about them. It belongs to the holder of the turn.
final class WriterLimits {
    /// How many entries a write evicts at most where there are too many: more than it can add, and few enough not to be
    /// felt.
    static let evictionsPerWrite = 4
    /// How often a writer counts the rows at most while others write: not for more than a small part of the time.
    private static let recountInterval: Milliseconds = 1000
    private static let recountFactor: Milliseconds = 32

    let gauge: SizeGauge
    /// True where there is no thread to do it.
    private let isAlone: Bool
    private let pageCount: Statement
    private let freePages: Statement
    private let dataVersion: DataVersion
    private var recountAt = MonotonicTime(nanoseconds: 0)

    init(
        _ limits: Limits, _ connection: Connection, _ dataVersion: DataVersion, isAlone: Bool
    ) throws(SQLiteError) {
        gauge = SizeGauge(limits)
        self.isAlone = isAlone
        self.dataVersion = dataVersion
        pageCount = try Statement("PRAGMA page_count", on: connection, persistent: true)
        freePages = try Statement("PRAGMA freelist_count", on: connection, persistent: true)
    }

    var limits: Limits { gauge.limits }

    /// From where on writers evict.
    fileprivate var level: Limits.Level { isAlone ? .limit : .margin }

    /// It changes when another connection has committed something.
    func version() throws(SQLiteError) -> Int64 { try dataVersion.read() }

    /// - Parameter pending: rows that the open transaction has added.
    func size(pending: Int) throws(SQLiteError) -> Limits.Size {
        if limits.pages != nil {
            gauge.setPages(Int(try (pageCount.firstInteger() ?? 0) - (freePages.firstInteger() ?? 0)))
        }
        var size = gauge.size
        size.entries = size.entries.map { $0 + pending }
        return size
    }

    /// True if the rows have to be counted here, since no thread does it, and others may have written some.
    fileprivate func needsCount() throws(SQLiteError) -> Bool {
        isAlone ? try needsCountBeforeEvicting() : false
    }

    /// True if others have written since the rows were counted, and they have not been counted here for a second.
    fileprivate func needsCountBeforeEvicting() throws(SQLiteError) -> Bool {
        guard limits.entries != nil, MonotonicTime.now >= recountAt else { return false }
        recountAt = .now + WriterLimits.recountInterval
        return gauge.isOutdated(try version())
    }

    /// A writer has counted the rows, from that moment until now.
    fileprivate func noteCount(since begun: MonotonicTime) {
        let duration = MonotonicTime.now.milliseconds(since: begun)
        recountAt = .now + max(WriterLimits.recountInterval, WriterLimits.recountFactor * duration)
    }
}

extension EntryWriter {
    /// Before an insertion, so that `enforceLimits` can tell it from an overwriting one.
    func expectInsertion() throws(SQLiteError) {
        guard let limits else { return }
        sqlite3_set_last_insert_rowid(connection.handle, 0)
        // What others have added since the last look is not this write's to make up for.
        if limits.limits.pages != nil { _ = try limits.size(pending: 0) }
    }

    /// After a value was written: evicts some entries if it has taken the store beyond its limits.
    ///
    /// The write itself does not fail because of it, unless its transaction is lost.
    func enforceLimits(sparing key: Key, now: Timestamp) throws(SQLiteError) {
        guard let limits else { return }
        if sqlite3_last_insert_rowid(connection.handle) != 0 { counts.rows += 1 }
        do throws(SQLiteError) {
            if try limits.needsCount() { try countRowsInWrite() }
            let pagesBefore = limits.gauge.size.pages
            var size = try limits.size(pending: counts.rows)
            guard limits.limits.isExceeded(limits.level, by: size) else { return }
            // Another process may have evicted what there is too much.
            if try limits.needsCountBeforeEvicting() {
                try countRowsInWrite()
                size = try limits.size(pending: counts.rows)
                guard limits.limits.isExceeded(limits.level, by: size) else { return }
            }
            let count = limits.limits.evictions(to: .limit, from: size, width: WriterLimits.evictionsPerWrite)
            var evicted = try evict(count, sparing: key, now: now)
            // However small the others are: the write sets twice as many pages free as it took, so that the file does
            // not outgrow its limit, and one with a lower limit than before gets smaller.
            let target = size.pages - 2 * max(0, size.pages - pagesBefore)
            var width = 2 * WriterLimits.evictionsPerWrite
            while evicted > 0, size.pages > target, limits.limits.isTooLarge(limits.level, size) {
                evicted = try evict(width, sparing: key, now: now)
                width = min(2 * width, EntrySQL.purgeWidth)
                size = try limits.size(pending: counts.rows)
            }
        } catch {
            guard connection.isInTransaction else { throw error }
        }
    }

    /// Runs `commit`, on another connection of the store's own that has the write lock and has added and deleted no
    /// entries: to this connection it looks like a commit of others, after which the rows would be counted again.
    func keepingRowCount(_ commit: () throws -> Void) throws {
        // Nobody else can commit before.
        let isCounted = try !areRowsOutdated()
        try commit()
        if isCounted, let limits, limits.limits.entries != nil { limits.gauge.adopt(try limits.version()) }
    }

    func countRowsIfOutdated() throws(SQLiteError) {
        if try areRowsOutdated() { try countRowsInWrite() }
    }

    private func countRowsInWrite() throws(SQLiteError) {
        let begun = MonotonicTime.now
        try countRows()
        limits?.noteCount(since: begun)
    }

    /// True if others have written since the rows were counted, and their number matters.
    func areRowsOutdated() throws(SQLiteError) -> Bool {
        guard let limits, limits.limits.entries != nil else { return false }
        return limits.gauge.isOutdated(try limits.version())
    }

    /// Counts all rows, if their number is limited. O(entries).
    /// - Parameter most: with a higher limit nothing is counted, with a lower one not many more rows than it allows.
    func countRows(atMost most: Int? = nil) throws(SQLiteError) {
        guard let limits, let limit = limits.limits.entries else { return }
        if let most, limit > most { return }
        // A few more than the limit are enough to evict some.
        let enough = most.map { _ in limit + limit / 64 + EntrySQL.purgeWidth }
        let counted = try reader.countRows(atMost: enough)
        limits.gauge.correct(
            counted: counted - counts.rows, before: limits.gauge.rowsSoFar, version: try limits.version())
    }

    /// Deletes entries in the order of eviction: those that have expired, then those that expire soonest, then, of
    /// those that never do, those that were written longest ago.
    /// - Parameters:
    ///   - count: at most `EntrySQL.purgeWidth`.
    ///   - key: of an entry that stays; nil for none.
    /// - Returns: how many there were.
    @discardableResult
    func evict(_ count: Int, sparing key: Key? = nil, now: Timestamp) throws(SQLiteError) -> Int {
        guard count > 0 else { return 0 }
        var rows = try victims(.soonest, count, sparing: key)
        if rows.count < count { rows += try victims(.oldest, count - rows.count, sparing: key) }
        guard !rows.isEmpty else { return 0 }
        // In the order of the table: neighbours share pages.
        try evict(ids: rows.map(\.id).sorted(), now: now)
        counts.rows -= rows.count
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
        try delete(.evict, ids, now: now)
        if let leaving { removals.add(leaving.map(\.entry), of: connection.changes) }
    }

    private func victims(
        _ sql: EntrySQL, _ count: Int, sparing key: Key?
    ) throws(SQLiteError) -> [(id: Int64, expiresAt: Timestamp?)] {
        let statement = try statements(sql)
        try statement.bind(1, key)
        statement.bind(3, Int64(count))
        var rows: [(id: Int64, expiresAt: Timestamp?)] = []
        while try statement.step() { rows.append((statement.integer(0), statement.optionalInteger(1))) }
        return rows
    }
}

extension EntryReader {
    /// All rows, live and expired, or so many if there are more. O(the result).
    func countRows(atMost limit: Int? = nil) throws(SQLiteError) -> Int {
        // By the smallest index, as SQLite counts all of them.
        let rows = limit.map { "(SELECT 1 FROM entries LIMIT \($0))" } ?? "entries"
        return Int(try connection.integer("SELECT count(*) FROM \(rows)") ?? 0)
    }
}
