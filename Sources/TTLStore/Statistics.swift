#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

extension TTLStore {
    /// The state of a store and what its expirer has done since the store was opened.
    public struct Statistics: Hashable, Sendable {
        /// Entries that have expired and are not yet deleted.
        public var expiredEntries = 0
        /// How long the oldest of them has been due.
        public var oldestOverdue: Duration?
        /// When the next live entry expires; nil if none does.
        public var nextExpiry: Date?
        /// The size of the file, in bytes.
        public var fileSize = 0
        /// The size of the log beside it (`-wal`), in bytes.
        public var logSize = 0
        /// The part of the file that is free for new entries, in bytes.
        public var freeSize = 0
        /// The schema version of the file.
        public var schemaVersion = 0
        /// The version of the SQLite library in use.
        public var sqliteVersion = ""

        /// Entries that this store has purged.
        public var purgedEntries = 0
        /// Batches in which they were purged.
        public var purgeBatches = 0
        /// The longest time for which one batch held the write lock.
        public var longestPurge = Duration.zero
        /// How often the expirer has copied the log into the file.
        public var checkpoints = 0
        /// How often the expirer's thread has woken up.
        public var wakeUps = 0
        /// Pieces of the expirer's work that have failed.
        public var failures = 0
        /// The latest of those failures, even if the work has succeeded since.
        public var lastError: TTLStoreError?
    }
}

/// What the expirer counts.
final class ActivityCounters: @unchecked Sendable {
    // Sendable: the lock guards `counts`.
    private let lock = Lock()
    private var counts = TTLStore.Statistics()

    func note(_ result: Purge.Result) {
        guard result.count > 0 else { return }
        lock.withLock {
            counts.purgedEntries += result.count
            counts.purgeBatches += 1
            counts.longestPurge = max(counts.longestPurge, .milliseconds(result.held))
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

    /// A copy to which the state of the file is to be added.
    var snapshot: TTLStore.Statistics { lock.withLock { counts } }
}
