import Synchronization

extension TTLStore {
    /// How many stores are open in this process.
    ///
    /// A store counts from the end of its opening until its connections are closed: once ``close()-536z5`` has
    /// returned it is gone. Watch it as you would watch for leaking threads. In a forked child, where the stores of the
    /// parent can be neither used nor closed, only those count that the child has opened. One atomic load.
    public static var openStoreCount: Int { LiveCounts.stores.load(ordering: .sequentiallyConsistent) }

    /// How many expirers' threads run in this process.
    ///
    /// A thread counts until it has been joined. One that closes its own store, asked by its callback, can't be joined,
    /// and counts until everything else is closed. One atomic load.
    public static var expirerThreadCount: Int { LiveCounts.threads.load(ordering: .sequentiallyConsistent) }
}
