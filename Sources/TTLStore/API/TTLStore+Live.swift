import Synchronization

extension TTLStore {
    /// How many stores are open in this process.
    ///
    /// A store counts from the end of its opening until its connections are closed: once ``close()-536z5`` has returned
    /// it is gone. Watch it as you would watch for leaking threads. In a forked child only the child's own stores
    /// count: the stores of the parent can be neither used nor closed there. One atomic load.
    public static var openStoreCount: Int { LiveCounts.stores.load(ordering: .sequentiallyConsistent) }

    /// How many expirer threads run in this process.
    ///
    /// A thread counts until it has been joined. A thread that closes its own store, since its callback has asked for
    /// that, can't be joined, and counts until everything else is closed. One atomic load.
    public static var expirerThreadCount: Int { LiveCounts.threads.load(ordering: .sequentiallyConsistent) }
}
