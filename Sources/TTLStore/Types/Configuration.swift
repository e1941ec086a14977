extension TTLStore {
    /// The settings of a store. Each has a default.
    public struct Configuration: Sendable {
        /// What may be done to the file.
        public enum Access: Hashable, Sendable {
            /// Read and write; a missing file is created (0600), and so are missing folders (0700).
            case create
            /// Read and write; a missing file is an error.
            case existing
            /// Read only. There is no expirer, nothing is purged, and every change is a `readOnlyStore` error.
            ///
            /// In a folder that may not be written, a writer that comes later is noticed within a second; see
            /// <doc:SeveralProcesses>.
            case readOnly
        }

        /// What survives a loss of power. A process that is killed loses nothing in either case.
        public enum Durability: Hashable, Sendable {
            /// The last moments before a power loss may be missing afterwards; the file is intact
            /// (`PRAGMA synchronous = NORMAL`).
            case normal
            /// Every acknowledged write is there: each commit waits for the disk (`PRAGMA synchronous = FULL`).
            case full
        }

        /// Who deletes expired entries. Reads never return them in either case.
        public enum Purging: Hashable, Sendable {
            /// One thread that the store owns.
            case automatic
            /// The caller, by `purgeExpired()`. There is no expirer; a writer that takes the log beyond
            /// `maximumLogSize` checkpoints it.
            case manual
        }

        /// What may be done to the file.
        public var access = Access.create
        /// What survives a loss of power.
        public var durability = Durability.normal
        /// Who deletes expired entries.
        public var purging = Purging.automatic
        /// The time to live that `Expiry.default` means; nil means that entries live until they are removed.
        public var defaultTimeToLive: Duration?
        /// The largest value in bytes: of UTF-8 for text. From 1 to 512 MiB. A read returns values up to the larger of
        /// this and 16 MiB, and throws `valueTooLarge` for a larger one. Only another program, or a store with another
        /// setting, can have written such a value. It can be removed, expires, and its key is listed.
        public var maximumValueSize = 16 << 20
        /// How long an operation waits for a lock of another process, for other work of this store, or for a reader,
        /// before it fails with `busy`; see <doc:ThreadsAndWaits>. From zero to a day. For other work of this store it
        /// waits for a second at least, so zero means that it waits for no lock of another process.
        public var busyTimeout = Duration.seconds(5)
        /// How many connections serve reads at the same time, opened when needed. From 0 to 64. With 0, reads use the
        /// connection that writes, and wait for this store's writes: a process that reads once is faster.
        public var maximumReaders = 4
        /// The size in bytes of the memory that answers reads of unchanged entries without SQLite; 0 turns it off. From
        /// 0 to 64 GiB. The store's thread gives back what is used when memory has answered nothing for a minute or
        /// two. See <doc:ReadsFromMemory>.
        public var memory = 8 << 20
        /// The size in bytes at which the log (`-wal`) is too long. A writer that takes the log beyond it copies the
        /// log into the file itself, since the thread can't keep up or does not exist. From half of it on, writers wait
        /// while the thread copies; see <doc:ThreadsAndWaits>. From 1 MiB.
        public var maximumLogSize = 32 << 20
        /// The most entries that the file should hold, including expired ones that are not yet deleted; nil for any
        /// number. Entries beyond it are evicted, see <doc:Limits>. From 1. The first write of a value counts the
        /// entries (7 ms for a million); where several processes write, later writes count as well, at most once a
        /// second and for 1/32 of the time, unless they have to evict.
        public var maximumEntries: Int?
        /// The most bytes of the file that should be in use, without its free pages; nil for any number. The log beside
        /// the file has a limit of its own, `maximumLogSize`. From 256 KiB.
        public var maximumBytes: Int?
        /// Where the time comes from.
        public var clock = WallClock.system
        /// Called after each piece of the expirer's work, on its thread, outside every lock. It may call the store,
        /// and close it; `close()` on another thread waits for it.
        public var onExpirerActivity: (@Sendable (ExpirerActivity) -> Void)?

        /// Called with the entries that have left the store and why, after the commit, on a serial queue of Dispatch,
        /// outside every lock. Each call gets all removals that were committed since the last call began, in the order
        /// of the commits. It may call the store, and close it. See <doc:Events>.
        ///
        /// The buffer holds 10,000 removals: a handler that is slower than the store loses removals beyond that, and
        /// `Statistics.droppedRemovals` counts them. `close()` does not wait for the handler, which still gets the
        /// removals that are in the buffer. A handler that holds the store keeps it from being dropped.
        public var onRemovals: (@Sendable ([Removal]) -> Void)?
        /// Whether `onRemovals` gets the values, too. They are read before their entries are deleted. The buffer holds
        /// values of up to 64 MiB, or one larger value.
        public var removalsIncludeValues = false

        /// The defaults.
        public init() {}
    }

    /// A piece of the expirer's work.
    public enum ExpirerActivity: Hashable, Sendable {
        /// A batch of expired entries was deleted.
        case purged(count: Int)
        /// The log was copied into the file.
        case checkpointed
        /// Free pages were given back to the file system.
        case shrunk(pages: Int)
        /// Entries were deleted because of `Configuration.maximumEntries` or `maximumBytes`.
        case evicted(count: Int)
        /// Work failed, and is tried again later. The store stays usable; see `Statistics.lastError`. A lock that
        /// another process held for more than 50 ms counts as well.
        case failed(TTLStoreError)
    }
}

extension TTLStore.Configuration {
    var busyTimeoutMilliseconds: Milliseconds {
        busyTimeout > .zero ? TimeConversion.milliseconds(busyTimeout) ?? 0 : 0
    }

    /// What `maximumValueSize` may be.
    static let valueSizes = 1...512 << 20

    /// The size in bytes of a row with the largest value that a read returns.
    var longestRow: Int { max(maximumValueSize, 16 << 20) + (64 << 10) }

    func validate() throws(TTLStoreError) {
        func require(_ condition: Bool, _ message: String) throws(TTLStoreError) {
            if !condition { throw TTLStoreError(.invalidConfiguration, message, in: "open") }
        }
        try require(
            TTLStore.Configuration.valueSizes.contains(maximumValueSize), "maximumValueSize is from 1 byte to 512 MiB")
        try require(
            busyTimeout >= .zero && busyTimeout <= .seconds(86_400), "busyTimeout is from zero to a day")
        try require((0...64).contains(maximumReaders), "maximumReaders is from 0 to 64")
        try require((0...64 << 30).contains(memory), "memory is from 0 to 64 GiB")
        try require(maximumLogSize >= 1 << 20, "maximumLogSize is at least 1 MiB")
        try require(maximumEntries ?? 1 >= 1, "maximumEntries is at least 1, or nil")
        try require(maximumBytes ?? .max >= 256 << 10, "maximumBytes is at least 256 KiB, or nil")
        if let defaultTimeToLive {
            // Measured from the earliest time, not from the clock: a file can be opened until its last day.
            try require(
                TimeConversion.timestamp(defaultTimeToLive, after: TimeConversion.earliest) != nil,
                "defaultTimeToLive is longer than zero and ends before the year 10000")
        }
    }
}
