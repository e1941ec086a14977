/// What one transaction has removed.
struct RemovalBatch {
    var entries: [LeavingEntry] = []
    /// Whether some of them hold a value.
    var hasValues = false
    /// How many more have left, for which nobody has room.
    var overflow = 0

    var isEmpty: Bool { entries.isEmpty && overflow == 0 }
}

/// What the writer's transaction removes, kept until it is committed. The writer's.
final class PendingRemovals {
    let feed: RemovalFeed
    private var batch = RemovalBatch()
    /// Of the values in it.
    private var bytes = 0

    init(_ feed: RemovalFeed) { self.feed = feed }

    /// What is to be read of an entry that leaves; nil without a consumer.
    var demand: RemovalDemand? { feed.demand }

    /// How many more of this transaction fit a consumer's buffer.
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

    /// Of `count` that have left, there was no room to read more than those.
    func add(_ entries: [LeavingEntry], of count: Int) {
        if bytes == 0, entries.count <= room, !(demand?.values ?? true) {
            if batch.entries.isEmpty { batch.entries = entries } else { batch.entries += entries }
        } else {
            for entry in entries { add(entry) }
        }
        batch.overflow += count - entries.count
    }

    /// After a transaction that was rolled back.
    func forget() {
        guard !batch.isEmpty else { return }
        batch = RemovalBatch()
        bytes = 0
    }

    /// After a commit.
    func take() -> RemovalBatch {
        defer { forget() }
        return batch
    }
}
