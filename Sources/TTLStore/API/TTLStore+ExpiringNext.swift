extension TTLStore {
    /// The entries that expire next, the soonest first, without their values. Entries that never expire are not among
    /// them; those that expire in the same millisecond come in any order.
    ///
    /// O(limit), by the index of expiries. A prefix or a tag costs at most as much as 10,000 entries, or `limit` where
    /// that is more: up to that number, all entries of the selection are looked at. Of a larger selection, only those
    /// are found that are among the 10,000 entries of the whole store that expire next.
    /// - Parameters:
    ///   - selection: which entries.
    ///   - limit: the most entries, from 1 to 100,000.
    /// - Throws: `invalidArgument` for a limit out of range; `invalidTag`; the errors of a read.
    public func expiringNext(
        _ selection: Selection = .all, limit: Int = 100
    ) throws(TTLStoreError) -> [ExpiringEntry] {
        try engine.read(.expiringNext(selection, limit: limit))
    }

    /// The entries that expire next, the soonest first, without their values. Entries that never expire are not among
    /// them; those that expire in the same millisecond come in any order.
    ///
    /// O(limit), by the index of expiries. A prefix or a tag costs at most as much as 10,000 entries, or `limit` where
    /// that is more: up to that number, all entries of the selection are looked at. Of a larger selection, only those
    /// are found that are among the 10,000 entries of the whole store that expire next.
    ///
    /// Suspends the task, whose cancellation is ignored.
    /// - Parameters:
    ///   - selection: which entries.
    ///   - limit: the most entries, from 1 to 100,000.
    /// - Throws: `invalidArgument` for a limit out of range; `invalidTag`; the errors of a read.
    public func expiringNext(
        _ selection: Selection = .all, limit: Int = 100
    ) async throws(TTLStoreError) -> [ExpiringEntry] {
        try await engine.read(.expiringNext(selection, limit: limit))
    }
}
