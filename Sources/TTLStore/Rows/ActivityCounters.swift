import Synchronization

/// What a store has done since it was opened.
final class ActivityCounters: @unchecked Sendable {
    // Sendable: the lock guards `counts`; the others are atomic.
    private let lock = Lock()
    private var counts = TTLStore.Statistics()
    private let hits = Atomic<Int>(0)
    private let misses = Atomic<Int>(0)
    private let sets = Atomic<Int>(0)
    private let removals = Atomic<Int>(0)
    private let evictions = Atomic<Int>(0)
    /// In nanoseconds.
    private let longestHold = Atomic<Int64>(0)

    // MARK: On the way of every operation

    /// A key was looked up. One relaxed addition.
    func noteRead(found: Bool) {
        if found { hits.add(1, ordering: .relaxed) } else { misses.add(1, ordering: .relaxed) }
    }

    /// Adds the counts of one commit.
    func note(_ written: WriteCounts) {
        if written.sets > 0 { sets.add(written.sets, ordering: .relaxed) }
        if written.removals > 0 { removals.add(written.removals, ordering: .relaxed) }
        if written.evictions > 0 { evictions.add(written.evictions, ordering: .relaxed) }
        guard !written.expired.isEmpty else { return }
        lock.withLock {
            counts.purgedEntries += written.expired.count
            for (expiry, deletion) in written.expired { counts.lateness.add(from: expiry, to: deletion) }
        }
    }

    /// The write lock was held since that moment. Called by the holder of the turn, so by one thread at a time.
    func noteHold(since begun: MonotonicTime) {
        let held = MonotonicTime.now.nanoseconds - begun.nanoseconds
        if held > longestHold.load(ordering: .relaxed) { longestHold.store(held, ordering: .relaxed) }
    }

    // MARK: By the batch

    /// Reads were kept waiting since that moment.
    func noteReaderPause(since begun: MonotonicTime) {
        let pause = MonotonicTime.now.milliseconds(since: begun)
        lock.withLock {
            counts.readerPauses += 1
            counts.longestReaderPause = max(counts.longestReaderPause, .milliseconds(pause))
        }
    }

    /// A batch has deleted entries.
    /// - Parameters:
    ///   - expiries: of each deleted entry.
    ///   - end: when the entries had left the file.
    ///   - held: for how long the write lock was held.
    func notePurge(of expiries: [Timestamp], until end: Timestamp, held: Milliseconds) {
        guard !expiries.isEmpty else { return }
        lock.withLock {
            counts.purgedEntries += expiries.count
            counts.purgeBatches += 1
            counts.longestPurge = max(counts.longestPurge, .milliseconds(held))
            for expiry in expiries { counts.lateness.add(from: expiry, to: end) }
        }
    }

    func noteCheckpoint() { lock.withLock { counts.checkpoints += 1 } }

    func noteWakeUp() { lock.withLock { counts.wakeUps += 1 } }

    func noteFailure(_ error: TTLStoreError) {
        lock.withLock {
            counts.failures += 1
            counts.lastError = error
        }
    }

    /// The value of a computation was returned and not stored.
    func noteUncachedComputation() { lock.withLock { counts.uncachedComputations += 1 } }

    func noteUndecodableValue() { lock.withLock { counts.undecodableValues += 1 } }

    /// A copy, without the state of the file.
    var snapshot: TTLStore.Statistics {
        var snapshot = lock.withLock { counts }
        snapshot.hits = hits.load(ordering: .relaxed)
        snapshot.misses = misses.load(ordering: .relaxed)
        snapshot.sets = sets.load(ordering: .relaxed)
        snapshot.removals = removals.load(ordering: .relaxed)
        snapshot.evictedEntries = evictions.load(ordering: .relaxed)
        snapshot.longestHold = .nanoseconds(longestHold.load(ordering: .relaxed))
        return snapshot
    }
}
