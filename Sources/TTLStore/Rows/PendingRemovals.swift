/// The entries that one transaction has removed.
struct RemovalBatch {
    var entries: [LeavingEntry] = []
    /// Whether some entries hold a value.
    var hasValues = false
    /// How many more entries have left, for which no consumer has room.
    var overflow = 0

    var isEmpty: Bool { entries.isEmpty && overflow == 0 }
}

/// The entries that the writer's transaction removes, kept until the commit. It belongs to the writer.
final class PendingRemovals {
    let feed: RemovalFeed
    private var batch = RemovalBatch()
    /// The size of the values in the batch.
    private var bytes = 0

    init(_ feed: RemovalFeed) { self.feed = feed }

    /// What to read of a leaving entry; nil without a consumer.
    var demand: RemovalDemand? { feed.demand }

    /// How many more entries of this transaction fit a consumer's buffer.
    var room: Int { max(0, (demand?.limit ?? 0) - batch.entries.count) }

    func add(_ entry: LeavingEntry) {
        guard room > 0 else {
            batch.overflow += 1
            return
        }
        var entry = entry
        if case .value(let value) = entry.content {
            batch.hasValues = true
            if bytes == 0 || bytes + value.size <= RemovalDemand.valueBytes {
                bytes += value.size
            } else {
                entry.content = .tooLarge
            }
        }
        batch.entries.append(entry)
    }

    /// Adds the entries that were read, of `count` that have left. There was no room to read the others.
    func add(_ entries: [LeavingEntry], of count: Int) {
        if bytes == 0, entries.count <= room, !(demand?.values ?? true) {
            if batch.entries.isEmpty { batch.entries = entries } else { batch.entries += entries }
        } else {
            for entry in entries { add(entry) }
        }
        batch.overflow += count - entries.count
    }

    /// Called after a rollback.
    func forget() {
        guard !batch.isEmpty else { return }
        batch = RemovalBatch()
        bytes = 0
    }

    /// Called after a commit.
    func take() -> RemovalBatch {
        defer { forget() }
        return batch
    }
}
