#if Hummingbird
public import Hummingbird
public import Logging
import Synchronization
public import TTLStore

/// Hummingbird's key-value storage in a file that survives restarts, with an exact time to live per key.
///
/// ```swift
/// let persist = try await TTLStorePersistDriver(path: "app.db")
/// let router = Router()
/// router.put("/votes/:name") { request, context in
///     try await persist.create(key: context.parameters.require("name"), value: 1, expires: .seconds(3600))
///     return HTTPResponse.Status.created
/// }
/// let app = Application(router: router, services: [persist])
/// try await app.runService()
/// ```
///
/// A value expires when `now >= expiry`, by the rule and the clock of the store, and is absent from then on for each
/// function of the driver, whether its row has been deleted or not. Each write is one atomic step: of any number of
/// concurrent `create` with one key, by any number of drivers and processes on one file, one succeeds. Each function
/// suspends its task, never blocks the cooperative pool, and ignores the cancellation of its task, so that the caller
/// knows whether a write took place.
///
/// Every error of the store reaches the caller, as a `TTLStoreError`. `PersistError` means only what its cases say.
///
/// A driver works from its construction on, also the expiry, whether it is a service of an application or not. As a
/// service it reports the statistics of the store and closes the store at the end; see ``run()``.
///
/// ## What lies in the file
///
/// The key of an entry is the ``keyPrefix`` and the key. The value is JSON text, but an integer is an INTEGER and
/// bytes are a BLOB. So `value->>'$.user'` in the `sqlite3` shell reads a member of a value, and
/// `TTLStore.get(_:as:)` reads numbers, bytes, and types of your own. A string is JSON as well and has quotation marks:
/// `value->>'$'` removes them. They tell a string from the JSON of another type, so that a value is never read as a
/// string that it was not. `TTLStore.increment` works on integers.
public final class TTLStorePersistDriver: PersistDriver {
    /// The beginning of all keys in the file: `ttl.persist:`. Other parts of this package have other ones.
    public static let defaultKeyPrefix = "ttl.persist:"

    /// The store that has the values, for anything that the protocol doesn't offer, such as
    /// `store.removeAll(.prefix(driver.keyPrefix))`.
    public let store: TTLStore

    /// What stands before each key in the file.
    public let keyPrefix: String

    /// How ``run()`` reports the statistics of the store; nil for not at all.
    public let statistics: StatisticsReport?

    /// Whether ``shutdown()`` closes the store.
    let ownsStore: Bool

    /// How many calls of ``run()`` have not ended. The counters would count twice if two of them reported.
    let runs = Atomic(0)

    /// Opens a store of the driver's own. ``shutdown()`` closes it, and so does the end of the driver's life.
    ///
    /// Costs about a millisecond, for which it blocks the calling thread.
    /// - Parameters:
    ///   - path: the file, which is created if it is missing. Several drivers, stores and processes may share it.
    ///   - configuration: the settings of the store. A `defaultTimeToLive` applies to values without `expires`.
    ///   - keyPrefix: what stands before each key in the file. It counts towards the 1024 bytes of the longest key. Of
    ///     two kinds of entries in one file, neither prefix may begin with the other.
    ///   - logger: gets the work of the store's thread at the level `debug`, and its errors as warnings, by
    ///     `Configuration.log(to:)`; nil for no log.
    ///   - statistics: how ``run()`` reports the statistics of the store; nil for not at all.
    /// - Throws: the errors of opening a store.
    public convenience init(
        path: String, configuration: TTLStore.Configuration = TTLStore.Configuration(),
        keyPrefix: String = defaultKeyPrefix, logger: Logger? = Logger(label: "ttlstore"),
        statistics: StatisticsReport? = StatisticsReport()
    ) throws(TTLStoreError) {
        let store = try TTLStore(path: path, configuration: configuration.logged(to: logger))
        self.init(store, keyPrefix: keyPrefix, statistics: statistics, ownsStore: true)
    }

    /// Opens a store of the driver's own. ``shutdown()`` closes it, and so does the end of the driver's life.
    ///
    /// Costs about a millisecond, on a thread for this call alone. Suspends the task, whose cancellation is ignored.
    /// - Parameters:
    ///   - path: the file, which is created if it is missing. Several drivers, stores and processes may share it.
    ///   - configuration: the settings of the store. A `defaultTimeToLive` applies to values without `expires`.
    ///   - keyPrefix: what stands before each key in the file. It counts towards the 1024 bytes of the longest key. Of
    ///     two kinds of entries in one file, neither prefix may begin with the other.
    ///   - logger: gets the work of the store's thread at the level `debug`, and its errors as warnings, by
    ///     `Configuration.log(to:)`; nil for no log.
    ///   - statistics: how ``run()`` reports the statistics of the store; nil for not at all.
    /// - Throws: the errors of opening a store.
    public convenience init(
        path: String, configuration: TTLStore.Configuration = TTLStore.Configuration(),
        keyPrefix: String = defaultKeyPrefix, logger: Logger? = Logger(label: "ttlstore"),
        statistics: StatisticsReport? = StatisticsReport()
    ) async throws(TTLStoreError) {
        let store = try await TTLStore(path: path, configuration: configuration.logged(to: logger))
        self.init(store, keyPrefix: keyPrefix, statistics: statistics, ownsStore: true)
    }

    /// Uses a store that the program shares with the driver, and that the program closes: ``shutdown()`` leaves it
    /// open.
    ///
    /// A `TTLStore` is a service itself. Put it into the group before the services that use it, and it is closed after
    /// them: `Application(router: router, services: [store, persist])`. O(1).
    /// - Parameters:
    ///   - store: an open store. Its `defaultTimeToLive` applies to values without `expires`.
    ///   - keyPrefix: what stands before each key in the file. It counts towards the 1024 bytes of the longest key. Of
    ///     two kinds of entries in one file, neither prefix may begin with the other.
    ///   - statistics: how ``run()`` reports the statistics of the store. Nil, for not at all, if another part of the
    ///     program reports them.
    public convenience init(
        _ store: TTLStore, keyPrefix: String = defaultKeyPrefix, statistics: StatisticsReport? = nil
    ) {
        self.init(store, keyPrefix: keyPrefix, statistics: statistics, ownsStore: false)
    }

    private init(_ store: TTLStore, keyPrefix: String, statistics: StatisticsReport?, ownsStore: Bool) {
        self.store = store
        self.keyPrefix = keyPrefix
        self.statistics = statistics
        self.ownsStore = ownsStore
    }
}

extension TTLStore.Configuration {
    fileprivate func logged(to logger: Logger?) -> TTLStore.Configuration {
        var configuration = self
        if let logger { configuration.log(to: logger) }
        return configuration
    }
}
#endif
