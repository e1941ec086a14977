/// Deletes entries that the limits of the store leave no room for, in bounded batches, on the expirer's thread.
struct Eviction {
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

    /// Evicts for its budget, down to a little below the limits. Counts the entries before, in the same transaction, if
    /// others have written.
    mutating func runBatch(_ engine: Engine, timeout: Milliseconds) throws(TTLStoreError) -> Result {
        // A copy, so that a transaction that fails leaves the plan as it was.
        var batch = self
        var (begun, deleted) = (MonotonicTime.now, MonotonicTime.now)
        var result = try engine.transaction("evict", timeout: timeout) { writer in
            begun = .now
            let result = try batch.delete(writer)
            deleted = .now
            return result
        }
        let ended = MonotonicTime.now
        batch.lastCommit = ended.milliseconds(since: deleted)
        batch.isUnderWay = result.isOver
        result.held = ended.milliseconds(since: begun)
        self = batch
        return result
    }

    /// The one batch that a closing store still does, on a writer that nobody else uses any more.
    mutating func runLastBatch(_ writer: EntryWriter) throws -> Result {
        guard writer.limits != nil else { return Result() }
        return try writer.inLastTransaction { try delete(writer, counting: .whenQuick) }
    }

    private mutating func delete(_ writer: EntryWriter, counting: Counting = .always) throws -> Result {
        var result = Result()
        guard let limits = writer.limits else { return result }
        let now = clock.now
        var size = try writer.sizeForEviction(counting: counting)
        // What called for it may have been rolled back, or removed since.
        guard limits.limits.isExceeded(isUnderWay ? .goal : .limit, by: size) else {
            result.pages = try FilePages(writer.connection)
            return result
        }
        // Counting has its own time.
        let begun = MonotonicTime.now
        let budget = max(min(2, budget), budget - lastCommit)
        repeat {
            let wanted = limits.limits.evictions(to: .goal, from: size, width: width.rows)
            let statement = MonotonicTime.now
            let count = try writer.evict(wanted, now: now)
            width.adapt(begun: statement)
            result.count += count
            // Where nothing is left to delete, the file is as small as it gets.
            result.isOver = count > 0 && count == wanted
            // A count that ended early is made again where it is used up.
            size = try writer.sizeForEviction(counting: counting)
        } while result.isOver && MonotonicTime.now.milliseconds(since: begun) <= budget
        if result.isOver { result.isOver = limits.limits.isExceeded(.goal, by: size) }
        result.pages = try FilePages(writer.connection)
        limits.gauge.setPages(result.pages.used)
        return result
    }
}
