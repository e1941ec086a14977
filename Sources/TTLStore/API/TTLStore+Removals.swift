extension TTLStore {
    /// What leaves the store from now on, and why: expired, removed, overwritten or evicted entries.
    ///
    /// Reported are changes that this store has committed, by operations that begin after this call has returned; not
    /// those of other processes or stores. When an operation returns, what it made leave is in the buffer. A buffer
    /// that is full never blocks the store: what comes then is dropped and counted. See <doc:Events> for what is
    /// guaranteed.
    ///
    /// Each call makes a sequence of its own, which costs every write of the store one more read of the row that
    /// leaves, until it has ended or nobody holds it any more. Doesn't block.
    /// - Parameters:
    ///   - values: whether the values are wanted, too. They are read before they go.
    ///   - limit: how many removals may wait to be read. From 1 to 1,000,000. Of values no more than 64 MiB wait, or
    ///     one.
    /// - Throws: `invalidArgument` for a limit out of range; `readOnlyStore`, since nothing leaves through such a
    ///   store; `closed`, `forked`, `reentrant`.
    public func removals(includingValues values: Bool = false, buffering limit: Int = 10_000) throws(TTLStoreError)
        -> Removals
    {
        Removals(subscription: try engine.subscribe(RemovalDemand(limit: limit, values: values)))
    }
}

extension Engine {
    fileprivate func subscribe(_ demand: RemovalDemand) throws(TTLStoreError) -> RemovalSubscription {
        _ = try writingQueue("removals")
        guard RemovalDemand.limits.contains(demand.limit) else {
            throw TTLStoreError(.invalidArgument, "the buffer's limit is from 1 to 1000000", in: "removals")
        }
        let stream = RemovalStream(demand)
        guard removals.add(stream) else { throw .closed("removals") }
        return RemovalSubscription(stream, removals)
    }
}
