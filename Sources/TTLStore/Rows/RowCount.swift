/// What a store knows of the number of rows in its file. Pure: it compares and adds numbers.
///
/// A number is only ever taken together with the version of the file: `PRAGMA data_version` of the writing connection,
/// read in the same write transaction. Nobody else can commit while that is open; commits of the store's own leave the
/// version as it is, and add what they have changed. So the number is exact in every later write transaction that
/// finds the same version. In one that finds another version, others have committed in between.
struct RowCount: Equatable, Sendable {
    /// The most rows that the store should have.
    let limit: Int
    /// As of the latest commit of this store; nil before the first count. Rows that others have added or deleted since
    /// the count are not in it.
    private(set) var rows: Int?
    private var version: Int64 = 0
    /// Whether the count ended early, so that there may be more rows.
    private var isLowerBound = false

    init(limit: Int) { self.limit = limit }

    /// A count need not go on after so many rows: where a few more than the margin are found, some can be evicted.
    var enough: Int {
        let (sum, overflow) = margin.addingReportingOverflow(limit / 64 + 64)
        return overflow ? .max : sum
    }

    /// Whether a file with so many pages in use is better counted to its end. SQLite counts a whole index four times as
    /// fast as its first rows (7 ns a row instead of 30), since it looks only at the headers of its pages.
    func isSmall(pages: Int) -> Bool { pages <= enough / 4 }

    private var margin: Int { Limits.Level.margin.bound(limit) }

    /// Whether a write transaction that has found that version may evict by the number.
    /// - Parameter pending: rows that the transaction has added, less the deleted ones.
    func isCurrent(at version: Int64, pending: Int) -> Bool {
        self.version == version && isConclusive(pending: pending)
    }

    /// False where only a count can tell whether there are too many rows, even if nobody else has committed: before the
    /// first one, and when the rows that were found by one that ended early are evicted.
    func isConclusive(pending: Int) -> Bool {
        guard let rows else { return false }
        return !isLowerBound || rows + pending > margin
    }

    /// A write transaction has counted.
    /// - Parameters:
    ///   - isAll: whether it has gone on to the last row, rather than ended at `enough`.
    ///   - pending: rows that the transaction had added until then, less the deleted ones. They are not in
    ///     the number until the transaction is committed, so one that is rolled back leaves it right.
    ///   - version: as the transaction has found it.
    mutating func counted(_ found: Int, isAll: Bool, pending: Int, version: Int64) {
        rows = found - pending
        isLowerBound = !isAll && found >= enough
        self.version = version
    }

    /// This store has committed.
    /// - Parameter change: rows that were added, less the deleted ones.
    mutating func committed(_ change: Int) { rows? += change }
}
