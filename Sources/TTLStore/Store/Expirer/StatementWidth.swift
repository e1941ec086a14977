/// How many rows the next statement of a batch takes. A statement can't be ended half way, so it takes fewer rows where
/// the rows are large.
struct StatementWidth {
    private(set) var rows = 1

    /// Called after a statement of that width.
    mutating func adapt(begun: MonotonicTime) {
        let isQuick = MonotonicTime.now.nanoseconds - begun.nanoseconds < 500_000
        rows = isQuick ? min(rows * 2, EntrySQL.purgeWidth) : max(1, rows / 2)
    }
}
