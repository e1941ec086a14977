/// Deletes the entries beyond the limits of the store, in bounded batches, in the order of eviction.
struct Eviction {
    struct Result: Equatable {
        /// How many entries were deleted.
        var count = 0
        /// Whether more entries have to be deleted.
        var isOver = false
        var pages = FilePages()
        /// How long the write lock was held, in milliseconds, rounded up.
        var held: Milliseconds = 0
        /// For how long others have the lock afterwards, if there is more to do.
        var pause: Milliseconds = 0
    }

    /// As many pages as the usual cache holds.
    private static let cachedPages = 400

    private let clock: WallClock
    private var batch: TimedBatch
    /// True from the first batch until a batch has reached the goal.
    private var isUnderWay = false

    init(clock: WallClock, pace: BatchPace = BatchPace(mostPages: Eviction.cachedPages)) {
        self.clock = clock
        batch = TimedBatch(pace: pace)
    }

    /// If the limits are exceeded, evicts down to a little below them, for its budget. If other processes have written,
    /// counts the entries first, in the same transaction.
    mutating func runBatch(
        _ store: some BatchStore, counting: Counting = .always
    ) throws(TTLStoreError) -> Result {
        // Changes a copy, so that a failed transaction leaves the plan as it was.
        var eviction = self
        var batch = batch
        var result = try batch.run("evict", in: store) { writer, slot in
            try eviction.delete(writer, &slot, counting)
        }
        eviction.batch = batch
        eviction.isUnderWay = result.isOver
        result.held = batch.held
        result.pause = batch.pause
        self = eviction
        return result
    }

    private func delete(
        _ writer: EntryWriter, _ slot: inout TimedBatch.Slot, _ counting: Counting
    ) throws -> Result {
        var result = Result()
        guard let limits = writer.limits else { return result }
        let now = try clock.storableNow(in: "evict")
        var size = try writer.sizeForEviction(counting: counting)
        // The entries beyond the limits may have been rolled back, or removed since.
        guard limits.limits.isExceeded(isUnderWay ? .goal : .limit, by: size) else {
            result.pages = try FilePages(writer.connection)
            return result
        }
        // Counting does not use up the time for deleting.
        slot.beginAgain()
        repeat {
            let (count, wanted) = try slot.statement { width in
                let wanted = limits.limits.evictions(to: .goal, from: size, width: width)
                return (try writer.evict(wanted, now: now), wanted)
            }
            result.count += count
            // If nothing is left to delete, the file is as small as it gets.
            result.isOver = count > 0 && count == wanted
            // Counts again, if the last count ended early and all the rows that it found are evicted.
            size = try writer.sizeForEviction(counting: counting)
        } while result.isOver && slot.mayGoOn()
        if result.isOver { result.isOver = limits.limits.isExceeded(.goal, by: size) }
        result.pages = try FilePages(writer.connection)
        limits.gauge.setPages(result.pages.used)
        return result
    }
}
