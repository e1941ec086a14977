/// The changes of one transaction, known before it is committed.
struct TransactionChanges {
    /// The earliest expiry that was written: the thread has to wake up for it.
    var earliestExpiry: Timestamp?
    var counts = WriteCounts()
    /// The entries that leave the store, for the consumers of removals.
    var removals = RemovalBatch()
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
