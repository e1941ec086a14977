/// The removals that wait for one consumer, in the order of the commits. The buffer is bounded; removals that find it
/// full are dropped.
///
/// Batches are kept as they come, so that a purge costs no more than a reference.
struct RemovalBuffer {
    let demand: RemovalDemand
    /// How many removals were dropped.
    private(set) var dropped = 0
    private var batches: [[LeavingEntry]] = []
    /// The index of the batch that is being read, and how many of its removals have been read.
    private var current = 0
    private var taken = 0
    /// How many removals wait.
    private var count = 0
    /// The size of the waiting values in bytes.
    private var bytes = 0

    init(_ demand: RemovalDemand) { self.demand = demand }

    var isEmpty: Bool { count == 0 }

    /// - Returns: how many removals were dropped.
    mutating func append(_ batch: RemovalBatch) -> Int {
        let before = dropped
        dropped += batch.overflow
        let kept = demand.values ? withValues(batch.entries) : withoutValues(batch)
        let room = demand.limit - count
        dropped += max(0, kept.count - room)
        if !kept.isEmpty, room > 0 {
            batches.append(kept.count <= room ? kept : Array(kept.prefix(room)))
            count += min(kept.count, room)
        }
        return dropped - before
    }

    /// Values that only other consumers have asked for are not kept.
    private func withoutValues(_ batch: RemovalBatch) -> [LeavingEntry] {
        guard batch.hasValues else { return batch.entries }
        return batch.entries.map { entry in
            var entry = entry
            entry.content = .notRead
            return entry
        }
    }

    /// The entries, with the values for which there is room.
    private mutating func withValues(_ entries: [LeavingEntry]) -> [LeavingEntry] {
        let room = demand.limit - count
        var kept: [LeavingEntry] = []
        for entry in entries {
            switch entry.content {
            // The operation began before this consumer was added.
            case .notRead: break
            case .tooLarge: dropped += 1
            case .value(let value):
                let isOnly = isEmpty && kept.isEmpty
                if kept.count < room, isOnly || bytes + value.size <= RemovalDemand.valueBytes {
                    bytes += value.size
                    kept.append(entry)
                } else {
                    dropped += 1
                }
            }
        }
        return kept
    }

    /// Takes the oldest removal.
    mutating func takeFirst() -> TTLStore.Removal? {
        guard !isEmpty else { return nil }
        let entry = batches[current][taken]
        count -= 1
        taken += 1
        if taken == batches[current].count { endBatch() }
        guard demand.values, case .value(let value) = entry.content else { return entry.removal(nil) }
        bytes -= value.size
        return entry.removal(value)
    }

    private mutating func endBatch() {
        batches[current] = []
        current += 1
        taken = 0
        // Each batch is moved once on average.
        if current * 2 >= batches.count {
            batches.removeFirst(current)
            current = 0
        }
    }

    mutating func takeAll() -> [TTLStore.Removal] {
        var removals: [TTLStore.Removal] = []
        removals.reserveCapacity(count)
        while let removal = takeFirst() { removals.append(removal) }
        return removals
    }
}
