/// Deletes entries that the limits of the store leave no room for, in bounded batches, in the order of eviction.
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
    private var batch = TimedBatch()
    /// Between its first batch and the one that has reached the goal.
    private var isUnderWay = false

    /// - Parameter budget: for how long a batch may hold the write lock, its commit included.
    init(clock: WallClock, budget: Milliseconds = TimedBatch.budget) {
        self.clock = clock
        batch.budget = budget
    }

    /// Evicts for its budget, down to a little below the limits, if they are exceeded.
    mutating func runBatch(_ store: some BatchStore) throws(TTLStoreError) -> Result {
        // A copy, so that a transaction that fails leaves the plan as it was.
        var eviction = self
        var batch = batch
        var result = try batch.run("evict", in: store) { writer, slot in try eviction.delete(writer, &slot) }
        eviction.batch = batch
        eviction.isUnderWay = result.isOver
        result.held = batch.held
        self = eviction
        return result
    }

    private func delete(_ writer: EntryWriter, _ slot: inout TimedBatch.Slot) throws -> Result {
        var result = Result()
        guard let limits = writer.limits else { return result }
        let now = clock.now
        // Another process may have evicted already.
        try writer.countRowsIfOutdated()
        let size = try limits.size(pending: 0)
        guard limits.limits.isExceeded(isUnderWay ? .goal : .limit, by: size) else {
            result.pages = try FilePages(writer.connection)
            return result
        }
        repeat {
            let size = try limits.size(pending: writer.counts.rows)
            let (count, wanted) = try slot.statement { width in
                let wanted = limits.limits.evictions(to: .goal, from: size, width: width)
                return (try writer.evict(wanted, now: now), wanted)
            }
            result.count += count
            // Where nothing is left to delete, the file is as small as it gets.
            result.isOver = count > 0 && count == wanted
        } while result.isOver && slot.hasTime
        if result.isOver {
            result.isOver = limits.limits.isExceeded(.goal, by: try limits.size(pending: writer.counts.rows))
        }
        result.pages = try FilePages(writer.connection)
        limits.gauge.setPages(result.pages.used)
        return result
    }
}
