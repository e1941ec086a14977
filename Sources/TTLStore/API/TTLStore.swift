/// A persistent key-value store with a time to live per key, in one SQLite file.
///
/// An entry is live as long as `now < expiresAt`. Every operation applies this one rule, to one reading of the clock
/// for each operation or transaction, and is atomic across threads and processes. An expired entry is absent for all
/// operations, whether it has been deleted or not. One thread that the store owns deletes expired entries in batches.
///
/// ```swift
/// let store = try TTLStore(path: "sessions.db")
/// try store.set("session:7", "alice", expiring: .after(.seconds(1800)))
/// let user = try store.get("session:7")
/// store.close()
/// ```
///
/// Each operation exists twice under one name: the synchronous one blocks the calling thread, the `async` one suspends
/// the task and never blocks the cooperative pool. Inside an `async` function the compiler picks the second. A task
/// that is cancelled while an operation runs gets its result all the same, so that it knows whether a write took place.
/// Only `backup`, `check`, `vacuum`, `restore`, and `getOrCompute` while it waits, throw `CancellationError`.
///
/// A store may be used from any number of threads, and the file by any number of processes. Call ``close()-536z5`` when
/// you are done; a store that is dropped is closed as well.
public final class TTLStore: Sendable {
    /// The longest key, in bytes of UTF-8. Longer keys, and the empty key, are `invalidKey` errors.
    public static let maximumKeyLength = Key.maximumLength

    /// The settings that the store was opened with.
    public var configuration: Configuration { engine.configuration }

    let engine: Engine

    private init(engine: Engine) { self.engine = engine }

    /// Opens the store in a file, which is created if it is missing and `configuration.access` allows it.
    ///
    /// A new file has mode 0600 and new folders 0700, whatever the umask. A symbolic link is followed. A file that is
    /// not this library's is refused and left untouched. Costs about a millisecond, for which it blocks the calling
    /// thread.
    /// - Throws: one of the codes of opening in ``TTLStoreError/Code``; `busy` if other processes keep the file locked
    ///   for longer than `configuration.busyTimeout`; `clockOutOfRange` for a new file; `corrupt`, `diskFull`,
    ///   `ioError`, `outOfMemory`; `fileReplaced` if the file is exchanged meanwhile.
    public convenience init(path: String, configuration: Configuration = Configuration()) throws(TTLStoreError) {
        self.init(engine: try Engine(.path(path), configuration))
    }

    /// Opens the store in a file, which is created if it is missing and `configuration.access` allows it.
    ///
    /// A new file has mode 0600 and new folders 0700, whatever the umask. A symbolic link is followed. A file that is
    /// not this library's is refused and left untouched. Costs about a millisecond, on a thread for this call alone.
    /// Suspends the task, whose cancellation is ignored.
    /// - Throws: one of the codes of opening in ``TTLStoreError/Code``; `busy` if other processes keep the file locked
    ///   for longer than `configuration.busyTimeout`; `clockOutOfRange` for a new file; `corrupt`, `diskFull`,
    ///   `ioError`, `outOfMemory`; `fileReplaced` if the file is exchanged meanwhile.
    public convenience init(path: String, configuration: Configuration = Configuration()) async throws(TTLStoreError) {
        let engine = try await LoneThread.run("TTLStore.open") { () throws(TTLStoreError) in
            try Engine(.path(path), configuration)
        }
        self.init(engine: engine)
    }

    /// Opens a store that lives in memory and ends with `close()`: for tests. It behaves like one in a file, except
    /// that reads take turns with writes. `configuration.access` is ignored.
    /// - Throws: `invalidConfiguration`, `clockOutOfRange`, `outOfMemory`, `cannotOpen`.
    public static func inMemory(configuration: Configuration = Configuration()) throws(TTLStoreError) -> TTLStore {
        var configuration = configuration
        configuration.access = .create
        return TTLStore(engine: try Engine(.memory, configuration))
    }

    deinit { engine.close() }

    /// Ends the store: its threads, its connections, and every operation that waits.
    ///
    /// When it returns, the threads have ended, no file descriptor is left (except the ones that SQLite keeps while
    /// another store of the process has the file open, see <doc:Closing>), and every acknowledged write is in the file
    /// or its log, unless one of the two was deleted or replaced. From the call on, operations throw `closed`, also an
    /// operation that waits for a lock of another process. May be called from any thread, from several at once, and
    /// more than once. With automatic purging, expired entries are deleted for about another 10 ms, if the lock is
    /// free. Takes less than 100 ms even while another process holds the write lock; <doc:Closing> lists what may take
    /// longer, such as a running callback of the program.
    ///
    /// Called from inside `Configuration.onExpirerActivity`, that is on the thread itself, it returns at once, and the
    /// thread closes the store when the callback has returned. Called inside the closure of a transaction it returns at
    /// once as well; the transaction is rolled back and the store is closed when the closure has returned. Called
    /// elsewhere, it waits for a running closure or callback, which must not wait for the thread that closes.
    public func close() { engine.close() }

    /// Ends the store: its threads, its connections, and every operation that waits.
    ///
    /// When it returns, the threads have ended, no file descriptor is left (except the ones that SQLite keeps while
    /// another store of the process has the file open, see <doc:Closing>), and every acknowledged write is in the file
    /// or its log, unless one of the two was deleted or replaced. From the call on, operations throw `closed`, also an
    /// operation that waits for a lock of another process. May be called from any thread, from several at once, and
    /// more than once. With automatic purging, expired entries are deleted for about another 10 ms, if the lock is
    /// free. Takes less than 100 ms even while another process holds the write lock; <doc:Closing> lists what may take
    /// longer, such as a running callback of the program.
    ///
    /// Called from inside `Configuration.onExpirerActivity`, that is on the thread itself, it returns at once, and the
    /// thread closes the store when the callback has returned. Called inside the closure of a transaction it returns at
    /// once as well; the transaction is rolled back and the store is closed when the closure has returned. Called
    /// elsewhere, it waits for a running closure or callback, which must not wait for the thread that closes.
    ///
    /// Suspends the task, whose cancellation is ignored. Closing runs on one thread for this alone, however many tasks
    /// close the store.
    public func close() async {
        await engine.closeSuspending()
    }
}
