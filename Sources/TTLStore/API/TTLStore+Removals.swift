extension TTLStore {
    /// The entries that leave the store from now on, and why: expired, removed, overwritten or evicted.
    ///
    /// The sequence reports changes that this store commits, by operations that begin after this call has returned, and
    /// no changes of other processes or stores. When an operation returns, its removals are in the buffer. A full
    /// buffer never blocks the store: further removals are dropped and counted. <doc:Events> lists the guarantees.
    ///
    /// Each call makes a sequence of its own. As long as it has not ended or been released, every write of the store
    /// reads the row that leaves. Doesn't block.
    /// - Parameters:
    ///   - values: whether removals have the values, too. They are read before their entries are deleted.
    ///   - limit: how many removals may wait in the buffer, from 1 to 1,000,000. It holds values of up to 64 MiB, or
    ///     one larger value.
    /// - Throws: `invalidArgument` for a limit out of range; `readOnlyStore`, since nothing leaves a read-only store;
    ///   `closed`, `forked`, `reentrant`.
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
