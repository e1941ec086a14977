#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

extension TTLStore {
    /// The state of a file, and what one store has done with it since it was opened.
    ///
    /// The counts are kept in memory: no read writes anything. They end with the store, and what other stores and other
    /// processes do is not among them; the state of the file is everybody's.
    public struct Statistics: Hashable, Sendable {
        // MARK: The file

        /// Entries that have expired and are not yet deleted: the backlog.
        public var expiredEntries = 0
        /// How long the oldest of them has been due; nil if there are none.
        public var oldestOverdue: Duration?
        /// For how long each of them has been due: how late it leaves the file, if that were now.
        public var overdue = Histogram()
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

        // MARK: Reads and writes

        /// Look-ups of one key that found a live entry: by `get`, `entry`, `contains` and `take`, inside a
        /// transaction or not; by `getOrCompute`, once for each call; and by `getAll`, for each of its keys. Where a
        /// write looks at what it is about to change, as `exchange`, `increment` and `touch` do, it counts as none.
        public var hits = 0
        /// Those that found none, because there was none or it had expired.
        public var misses = 0
        /// Values that were stored, by whatever operation. A condition that did not hold stores none.
        public var sets = 0
        /// Live entries that were removed or taken, one by one or many at once, or by an expiry that had passed
        /// already.
        public var removals = 0

        /// Live entries that this store has deleted because of `Configuration.maximumEntries` or `maximumBytes`. Those
        /// that it found expired meanwhile count as purged.
        public var evictedEntries = 0

        // MARK: The expirer

        /// Expired entries that this store has deleted, by its thread, by `purgeExpired()` or for its limits.
        public var purgedEntries = 0
        /// Batches in which they were purged.
        public var purgeBatches = 0
        /// The longest time for which one batch held the write lock.
        public var longestPurge = Duration.zero
        /// The longest time for which this store held the write lock at all: for a commit with all that shared it, a
        /// batch of the expirer, or the end of a checkpoint, where up to 20 ms of waiting for others count as well.
        public var longestHold = Duration.zero
        /// How late the purged entries have left the file: from the expiry of each until the end of the commit that
        /// deleted it. Entries that expired while no store was open are as late as they are.
        public var lateness = Histogram()
        /// How often this store has copied the whole log into the file.
        public var checkpoints = 0
        /// How often this store has kept its own reads waiting so that a long log could be begun anew, which takes a
        /// moment without any read.
        public var readerPauses = 0
        /// For how long it has done so at most. Some 250 ms bound it.
        public var longestReaderPause = Duration.zero
        /// The threads that this store has: the expirer's; one that leads the commits of tasks, and one that ends
        /// their waits; up to `Configuration.maximumReaders` for their reads, and two for their maintenance. Each is
        /// started when it is first needed, and ended by `close()`.
        public var threads = 0
        /// How many threads it had at the same time.
        public var peakThreads = 0
        /// How often the expirer's thread has woken up.
        public var wakeUps = 0
        /// Pieces of the expirer's work that have failed, and operations on the file without which `getOrCompute` went
        /// on; a caller that was told of an error is not among them.
        public var failures = 0
        /// The latest of those failures, even if the work has succeeded since.
        public var lastError: TTLStoreError?

        // MARK: Get or compute

        /// Values that `getOrCompute` has computed and not stored, because the file could not be used or the lease had
        /// run out. If the number grows, the cache is of no use: `lastError` may say why.
        public var uncachedComputations = 0
        /// Stored values that `getOrCompute` computed anew since they were no values of the type that was asked for.
        public var undecodableValues = 0

        /// Removals that found a full buffer, of all sequences and of the handler; see <doc:Events>.
        public var droppedRemovals = 0
    }
}
