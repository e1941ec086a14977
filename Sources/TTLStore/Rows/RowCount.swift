/// A store's knowledge of the number of rows in its file. Pure: it compares and adds numbers.
///
/// A number is only ever taken together with the version of the file: `PRAGMA data_version` of the writing connection,
/// read in the same write transaction. No other connection can commit while that is open. Commits of this store leave
/// the version as it is, and add their changes to the number. So the number is exact in every later write transaction
/// that finds the same version. Another version means that another connection has committed in between.
struct RowCount: Equatable, Sendable {
    /// The most rows that the store should have.
    let limit: Int
    /// The number as of the latest commit of this store; nil before the first count. It leaves out rows that other
    /// connections have added or deleted since the count.
    private(set) var rows: Int?
    private var version: Int64 = 0
    /// Whether the count ended early, so that there may be more rows.
    private var isLowerBound = false

    init(limit: Int) { self.limit = limit }

    /// A count may end after this many rows, a few more than the margin: some of them can be evicted.
    var enough: Int {
        let (sum, overflow) = margin.addingReportingOverflow(limit / 64 + 64)
        return overflow ? .max : sum
    }

    /// Whether it is better to count a file with that many pages in use to its end. SQLite counts a whole index four
    /// times as fast as its first rows (7 ns a row instead of 30), since it looks only at the headers of its pages.
    func isSmall(pages: Int) -> Bool { pages <= enough / 4 }

    private var margin: Int { Limits.Level.margin.bound(limit) }

    /// Whether a write transaction that has found the version may evict by the number.
    /// - Parameter pending: rows that the transaction has added, less the deleted ones.
    func isCurrent(at version: Int64, pending: Int) -> Bool {
        self.version == version && isConclusive(pending: pending)
    }

    /// False where only a count can tell whether there are too many rows, even if no other connection has committed:
    /// before the first count, and when the rows that an early-ended count has found are evicted.
    func isConclusive(pending: Int) -> Bool {
        guard let rows else { return false }
        return !isLowerBound || rows + pending > margin
    }

    /// A write transaction has counted.
    /// - Parameters:
    ///   - isAll: whether the count reached the last row, instead of ending at `enough`.
    ///   - pending: rows that the transaction had added until then, less the deleted ones. They enter the number with
    ///     the commit, so a rollback leaves it right.
    ///   - version: the version that the transaction has found.
    mutating func counted(_ found: Int, isAll: Bool, pending: Int, version: Int64) {
        rows = found - pending
        isLowerBound = !isAll && found >= enough
        self.version = version
    }

    /// This store has committed.
    /// - Parameter change: rows that were added, less the deleted ones.
    mutating func committed(_ change: Int) { rows? += change }
}
