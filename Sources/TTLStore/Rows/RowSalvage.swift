internal import CTTLSQLite

/// Reads what can be read of a damaged file: the table alone, in the order of the rows, without an index.
///
/// A damaged page hides the rows in it. Where they end can't be seen from outside, so the next row that can be read is
/// looked for by its number.
struct RowSalvage {
    private let scope: EntryScope
    private let limit: Int
    /// After how many bytes of values a page ends; it has at least one row.
    private let bytes: Int
    /// The number of the first row that may be in the page; nil after the last number.
    private let first: Int64?

    init(_ scope: EntryScope, limit: Int, bytes: Int, after row: Int64?, in operation: String) throws(TTLStoreError) {
        guard (1...EntryListing.maximumLimit).contains(limit) else {
            throw TTLStoreError(.invalidArgument, "a page has 1 to \(EntryListing.maximumLimit) entries", in: operation)
        }
        (self.scope, self.limit, self.bytes) = (scope, limit, bytes)
        first = row.map { $0 < .max ? $0 + 1 : nil } ?? .min
    }

    /// A page of rows, or of nothing but a gap between rows.
    func page(_ reader: EntryReader, now: Timestamp) throws(SQLiteError) -> TTLStore.SalvagedPage {
        guard let first else { return TTLStore.SalvagedPage(entries: [], unreadable: nil, next: nil) }
        let table = try SalvagedTable(scope, reader, now: now, from: first, limit: limit)
        var entries: [TTLStore.Entry] = []
        var (last, size) = (Int64?.none, 0)
        do throws(SQLiteError) {
            while let row = try table.next() {
                last = row.number
                guard row.isSelected else { continue }
                let entry = table.entry(now: now)
                entries.append(entry)
                size += entry.value.size
                if size >= bytes { break }
            }
        } catch {
            guard error.isDamage else { throw error }
            if last == nil { return try gap(reader, now: now, from: first) }
            // The gap is the next page.
            return TTLStore.SalvagedPage(entries: entries, unreadable: nil, next: last)
        }
        table.end()
        return TTLStore.SalvagedPage(entries: entries, unreadable: nil, next: last)
    }

    /// How many numbers are tried one by one: more than rows fit into some pages.
    private static let slowSteps: Int64 = 1000
    /// After that each step is this part of the way, and no larger: between damaged pages behind a gap there may be
    /// whole ones, and a step must not lead far beyond them.
    private static let growth: Int64 = 64

    /// From a row that can't be read to before the next one that can.
    private func gap(
        _ reader: EntryReader, now: Timestamp, from first: Int64
    ) throws(SQLiteError) -> TTLStore.SalvagedPage {
        var isDiskSlow = false
        func isReadable(_ number: Int64) throws(SQLiteError) -> Bool {
            let table = try SalvagedTable(scope, reader, now: now, from: number, limit: 1)
            do throws(SQLiteError) { _ = try table.next() } catch {
                guard error.isDamage else { throw error }
                // A disk takes its time to fail.
                if error.primaryCode == SQLITE_IOERR { isDiskSlow = true }
                return false
            }
            table.end()
            return true
        }
        // SQLite numbers rows from 1 on.
        let start = max(first, 0)
        var (unreadable, readable) = (first, start)
        repeat {
            unreadable = readable
            let way = unreadable - start
            // In a large gap, or where numbers are far apart, ever larger steps.
            let step = 1 + (isDiskSlow ? way : max(0, way - RowSalvage.slowSteps) / RowSalvage.growth)
            readable = unreadable.addingReportingOverflow(step).overflow ? .max : unreadable + step
            guard readable < .max else {
                return TTLStore.SalvagedPage(entries: [], unreadable: first...Int64.max, next: nil)
            }
        } while try !isReadable(readable)
        while readable - unreadable > 1 {
            let middle = unreadable + (readable - unreadable) / 2
            if try isReadable(middle) { readable = middle } else { unreadable = middle }
        }
        return TTLStore.SalvagedPage(entries: [], unreadable: first...unreadable, next: unreadable)
    }
}

/// The rows of the table from a number on.
private final class SalvagedTable {
    private let statement: Statement
    private var number: Int64

    init(
        _ scope: EntryScope, _ reader: EntryReader, now: Timestamp, from number: Int64, limit: Int
    ) throws(SQLiteError) {
        // The conditions are columns: so each row counts as read, selected or not.
        statement = try Statement(
            """
            SELECT \(EntryColumns.all), id, \(scope.sql()) AND \(LiveRule.live(now: "?2"))
            FROM entries NOT INDEXED
            WHERE id >= ?6
            ORDER BY id
            LIMIT ?4
            """, on: reader.connection)
        try scope.bind(statement)
        statement.bind(2, now)
        statement.bind(4, Int64(limit))
        statement.bind(6, number)
        self.number = number
    }

    /// Nil at the end.
    /// - Throws: also where numbers do not ascend, as on a damaged page.
    func next() throws(SQLiteError) -> (number: Int64, isSelected: Bool)? {
        guard try statement.step() else { return nil }
        let found = statement.integer(7)
        guard found >= number, [.text, .blob].contains(statement.type(0)) else {
            statement.reset()
            throw .damagedIndex
        }
        number = found < .max ? found + 1 : found
        return (found, statement.integer(8) != 0)
    }

    /// The row that `next` has found.
    func entry(now: Timestamp) -> TTLStore.Entry { EntryColumns.entry(statement, now: now) }

    func end() { statement.reset() }
}

extension SQLiteError {
    /// Whether a part of the file can't be read, or makes no sense: not a lock, and not a lack of memory, which SQLite
    /// may report as a failed read.
    var isDamage: Bool {
        [SQLITE_CORRUPT, SQLITE_IOERR, SQLITE_TOOBIG].contains(primaryCode)
            && !SystemFailure(self).isCertainlyLackOfMemory
    }
}

extension ReadOperation where Success == TTLStore.SalvagedPage {
    static func salvage(
        _ selection: TTLStore.Selection, limit: Int, bytes: Int, after row: Int64?
    ) throws(TTLStoreError) -> ReadOperation {
        let scope = try EntryScope(selection, in: "salvage")
        let salvage = try RowSalvage(scope, limit: limit, bytes: bytes, after: row, in: "salvage")
        return ReadOperation("salvage") { reader, now in try salvage.page(reader, now: now) }
    }
}
