#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

extension TTLStore {
    /// The state of a file, and what one store has done with it since it was opened.
    ///
    /// The counts are kept in memory: no read writes anything. They end with the store, and leave out the work of other
    /// stores and other processes. The state of the file includes everybody's work.
    public struct Statistics: Hashable, Sendable {
        // MARK: The file

        /// Entries that have expired and are not yet deleted: the backlog.
        public var expiredEntries = 0
        /// How long the oldest expired entry has been due; nil if there is none.
        public var oldestOverdue: Duration?
        /// How long each expired entry has been due: how late it would be if it were deleted now.
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
        /// Whether that library has the WAL-reset bug (https://www.sqlite.org/wal.html#walresetbug): 3.7.0 to 3.51.2,
        /// except for 3.44.6 and 3.50.7 and what follows them in their branches. This library is safe with it; other
        /// programs that write to the file may not be.
        public var hasWALResetBug = false

        // MARK: Reads and writes

        /// Look-ups of one key that found a live entry: by `get`, `entry`, `contains` and `take`, inside a transaction
        /// or not; by `getOrCompute`, once for each call; and by `getAll`, for each of its keys. The look of a write at
        /// the entry that it changes, as in `exchange`, `increment` and `touch`, does not count.
        public var hits = 0
        /// Look-ups of one key that found no live entry: it was absent or expired.
        public var misses = 0
        /// Hits and misses that memory has answered, without SQLite; see <doc:ReadsFromMemory>. They count among `hits`
        /// and `misses`.
        public var memoryAnswers = 0
        /// The rows in memory, out of date or not, and keys that are known to have none.
        public var memoryRows = 0
        /// What they take, in bytes, as it counts against `Configuration.memory`.
        public var memorySize = 0
        /// Whether memory answers reads.
        public var memoryState = MemoryState.off
        /// Values that were stored, by any operation. A condition that did not hold stores none.
        public var sets = 0
        /// Live entries that were removed or taken, singly or in bulk, or given an expiry that had already passed.
        public var removals = 0

        /// Live entries that this store has deleted because of `Configuration.maximumEntries` or `maximumBytes`.
        /// Entries that had expired count as purged.
        public var evictedEntries = 0

        // MARK: The expirer

        /// Expired entries that this store has deleted, by its thread, by `purgeExpired()` or for its limits.
        public var purgedEntries = 0
        /// Batches in which they were purged.
        public var purgeBatches = 0
        /// The longest time for which one batch held the write lock.
        public var longestPurge = Duration.zero
        /// The longest time for which this store held the write lock at all: for a commit with all operations that
        /// shared it, a batch of the expirer, or the end of a checkpoint, where up to 20 ms of waiting for other
        /// processes count as well.
        public var longestHold = Duration.zero
        /// How late the purged entries have left the file: from the expiry of each until the end of the commit that
        /// deleted it. Entries that expired while no store was open are as late as they are.
        public var lateness = Histogram()
        /// How often this store has copied the whole log into the file.
        public var checkpoints = 0
        /// How often this store has made its own reads wait, so that SQLite could begin a long log anew. That takes a
        /// moment without any read.
        public var readerPauses = 0
        /// The longest of these pauses, about 250 ms at most.
        public var longestReaderPause = Duration.zero
        /// The threads that this store has: the expirer's; one that leads the commits of tasks, and one that ends their
        /// waits; up to `Configuration.maximumReaders` for reads of tasks, and two for their maintenance. Each starts
        /// when it is first needed and ends in `close()`.
        public var threads = 0
        /// The most threads that it had at the same time.
        public var peakThreads = 0
        /// How often the expirer's thread has woken up.
        public var wakeUps = 0
        /// Failed pieces of the expirer's work, and failed operations on the file without which `getOrCompute` went on.
        /// Errors that were thrown to a caller don't count.
        public var failures = 0
        /// The latest of those failures, even if the work has succeeded since.
        public var lastError: TTLStoreError?

        // MARK: Get or compute

        /// Values that `getOrCompute` has computed and not stored, because the file could not be used or the lease had
        /// run out. If the number grows, the cache saves no work: `lastError` may say why.
        public var uncachedComputations = 0
        /// Stored values that `getOrCompute` computed anew because they could not be decoded as the requested type.
        public var undecodableValues = 0

        /// Removals that were dropped because a buffer was full, over all sequences and the handler; see <doc:Events>.
        public var droppedRemovals = 0
    }
    /// Whether memory answers reads, see <doc:ReadsFromMemory>.
    public enum MemoryState: String, Hashable, Sendable {
        /// `Configuration.memory` is 0, the store lives in memory anyway, or the file has no shared index of its log.
        case off
        /// Nothing is remembered until the first commit after the log was made.
        case waiting
        /// Memory answers reads.
        case on
    }
}
