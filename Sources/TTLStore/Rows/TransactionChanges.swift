/// The changes of one transaction, known before it is committed.
struct TransactionChanges {
    /// The earliest expiry that was written: the thread has to wake up for it.
    var earliestExpiry: Timestamp?
    var counts = WriteCounts()
    /// The entries that leave the store, for the consumers of removals.
    var removals = RemovalBatch()
    /// What the memory of reads has to forget.
    var keys = ChangedKeys()
    /// Set by work that must not be committed although it did not throw.
    var mustRollBack = false
}

/// How much a transaction has changed.
struct WriteCounts {
    var sets = 0
    var removals = 0
    var evictions = 0
    /// For entries that an eviction found expired: when they expired, and when they were deleted.
    var expired: [(expiry: Timestamp, at: Timestamp)] = []
    /// Rows that were added, less the deleted ones. Only a store with limits tells insertions from overwrites.
    var rows = 0
    /// `PRAGMA data_version`, if the transaction has looked at it.
    var version: Int64?
}

/// The keys that a transaction may have changed, live or expired.
struct ChangedKeys {
    private(set) var keys: [Key] = []
    /// Whether other keys may have changed as well.
    private(set) var areMore = false
    /// Expired rows were deleted by this time; their keys are not listed.
    private(set) var purgedUntil: Timestamp?

    private static let limit = 1000

    mutating func note(_ key: Key) {
        guard !areMore else { return }
        keys.append(key)
        if keys.count > ChangedKeys.limit { noteAll() }
    }

    mutating func noteAll() {
        areMore = true
        keys = []
    }

    mutating func notePurge(by now: Timestamp) { purgedUntil = max(purgedUntil ?? now, now) }
}
