/// Deletes entries that the limits of the store leave no room for, in bounded batches, on the expirer's thread.
struct Eviction {
    /// How often a batch is put off because others have written since the rows were counted.
    private static let recounts = 2

    /// A closing store has some milliseconds to count the rows: of a file of so many pages, 32 MiB, or so many rows.
    private static let quicklyCounted = (pages: 8192, rows: 500_000)

    struct Result: Equatable {
        /// How many entries were deleted.
        var count = 0
        /// Whether more are to be deleted.
        var isOver = false
        var pages = FilePages()
        /// For how long the write lock was held, in milliseconds, rounded up.
        var held: Milliseconds = 0
    }

    private let clock: WallClock
    private let budget: Milliseconds
    /// Between its first batch and the one that has reached the goal.
    private var isUnderWay = false
    private var width = StatementWidth()
    /// How long the last commit took, to leave room for the next one.
    private var lastCommit: Milliseconds = 1

    /// - Parameter budget: for how long a batch may hold the write lock, its commit included.
    init(clock: WallClock, budget: Milliseconds = Purge.budget) {
        self.clock = clock
        self.budget = budget
    }

    /// Evicts for its budget, down to a little below the limits.
    mutating func runBatch(_ engine: Engine, timeout: Milliseconds) throws(TTLStoreError) -> Result {
        for attempt in 0...Eviction.recounts {
            try engine.countRows(timeout: timeout)
            guard let gauge = engine.sizeGauge, gauge.limits.isExceeded(isUnderWay ? .goal : .limit, by: gauge.size)
            else { break }
            if let result = try runBatch(engine, timeout: timeout, isLastAttempt: attempt == Eviction.recounts) {
                return result
            }
        }
        isUnderWay = false
        return Result(pages: try engine.pages())
    }

    /// - Returns: nil if the rows have to be counted again: another process may have evicted already. Where others
    ///   write all the time, the last attempt evicts a little at least.
    private mutating func runBatch(
        _ engine: Engine, timeout: Milliseconds, isLastAttempt: Bool
    ) throws(TTLStoreError) -> Result? {
        // A copy, so that a transaction that fails leaves the plan as it was.
        var batch = self
        var (begun, deleted) = (MonotonicTime.now, MonotonicTime.now)
        let outcome: Result? = try engine.transaction("evict", timeout: timeout) { writer in
            begun = .now
            let isOutdated = try writer.areRowsOutdated()
            if isOutdated, !isLastAttempt { return nil }
            let result = try batch.delete(writer, since: begun, once: isOutdated)
            deleted = .now
            return result
        }
        guard var result = outcome else { return nil }
        let ended = MonotonicTime.now
        batch.lastCommit = ended.milliseconds(since: deleted)
        batch.isUnderWay = result.isOver
        result.held = ended.milliseconds(since: begun)
        self = batch
        return result
    }

    /// The one batch that a closing store still does, on a writer that nobody else uses any more.
    mutating func runLastBatch(_ writer: EntryWriter) throws -> Result {
        guard let limits = writer.limits else { return Result() }
        if try writer.areRowsOutdated() {
            let isSmall = try FilePages(writer.connection).used <= Eviction.quicklyCounted.pages
            try writer.countRows(atMost: isSmall ? nil : Eviction.quicklyCounted.rows)
        }
        guard limits.limits.isExceeded(.limit, by: try limits.size(pending: 0)) else {
            return Result()
        }
        return try writer.inLastTransaction { try delete(writer, since: .now) }
    }

    /// - Parameter once: whether one statement is enough.
    private mutating func delete(
        _ writer: EntryWriter, since begun: MonotonicTime, once: Bool = false
    ) throws -> Result {
        var result = Result()
        guard let limits = writer.limits else { return result }
        let now = clock.now
        // What called for it may have been rolled back, or removed since.
        let size = try limits.size(pending: writer.counts.rows)
        guard limits.limits.isExceeded(isUnderWay ? .goal : .limit, by: size) else {
            result.pages = try FilePages(writer.connection)
            return result
        }
        let budget = max(min(2, budget), budget - lastCommit)
        repeat {
            let size = try limits.size(pending: writer.counts.rows)
            let wanted = limits.limits.evictions(to: .goal, from: size, width: width.rows)
            let statement = MonotonicTime.now
            let count = try writer.evict(wanted, now: now)
            width.adapt(begun: statement)
            result.count += count
            // Where nothing is left to delete, the file is as small as it gets.
            result.isOver = count > 0 && count == wanted
        } while !once && result.isOver && MonotonicTime.now.milliseconds(since: begun) <= budget
        if result.isOver {
            result.isOver = limits.limits.isExceeded(.goal, by: try limits.size(pending: writer.counts.rows))
        }
        result.pages = try FilePages(writer.connection)
        limits.gauge.setPages(result.pages.used)
        return result
    }
}
