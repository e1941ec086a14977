extension TTLStore {
    /// Deletes all entries that have expired, in batches that hold the write lock for 2 to 10 ms, with pauses in which
    /// others write, and gives free pages back in the same way. Where nobody else has written for a second, a
    /// batch may hold the lock for about 120 ms; it ends when another thread or task of the program waits to write.
    ///
    /// Reads are right without it, and with automatic purging there is no need to call it.
    /// - Parameter progress: called after each batch with the number of entries deleted so far, on the calling thread,
    ///   outside every lock.
    /// - Returns: how many entries were deleted: all that were due when the file was last read.
    /// - Throws: the errors of a write. The batches before it stay deleted.
    @discardableResult
    public func purgeExpired(progress: ((Int) -> Void)? = nil) throws(TTLStoreError) -> Int {
        try engine.purgeByHand(progress)
    }

    /// Deletes all entries that have expired, in batches that hold the write lock for 2 to 10 ms, with pauses in which
    /// others write, and gives free pages back in the same way. Where nobody else has written for a second, a
    /// batch may hold the lock for about 120 ms; it ends when another thread or task of the program waits to write.
    ///
    /// Reads are right without it, and with automatic purging there is no need to call it. Suspends the task, whose
    /// cancellation is ignored. Runs on a thread of the store's own; two such operations, or backups, checks and
    /// vacuums, run at the same time, others wait for up to `Configuration.busyTimeout`, then throw `busy`.
    /// - Parameter progress: called after each batch with the number of entries deleted so far, on that thread, outside
    ///   every lock.
    /// - Returns: how many entries were deleted: all that were due when the file was last read.
    /// - Throws: the errors of a write. The batches before it stay deleted.
    @discardableResult
    public func purgeExpired(progress: (@Sendable (Int) -> Void)? = nil) async throws(TTLStoreError) -> Int {
        try await engine.purgeByHand(progress)
    }
}
