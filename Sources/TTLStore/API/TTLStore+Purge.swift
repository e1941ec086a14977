extension TTLStore {
    /// Deletes all entries that have expired, in batches that hold the write lock for about 10 ms, with pauses of the
    /// same length in which others write, and gives free pages back in the same way.
    ///
    /// There is no need to call it for correctness, and with automatic purging none at all.
    /// - Parameter progress: called after each batch with the number of entries deleted so far, on the calling thread,
    ///   outside every lock.
    /// - Returns: how many entries were deleted: all that were due when the file was last read.
    /// - Throws: the errors of a write. The batches before it stay deleted.
    @discardableResult
    public func purgeExpired(progress: ((Int) -> Void)? = nil) throws(TTLStoreError) -> Int {
        try engine.purgeByHand(progress)
    }

    /// As the synchronous form; it runs on a thread of the store's own, and so does `progress`. The cancellation of the
    /// task is ignored.
    @discardableResult
    public func purgeExpired(progress: (@Sendable (Int) -> Void)? = nil) async throws(TTLStoreError) -> Int {
        try await engine.purgeByHand(progress)
    }
}
