internal import CTTLSQLite
internal import TTLStoreMigrations

/// The file of a store: how it is found, created, recognised, and how every connection to it is set up.
struct StoreFile: Sendable {
    enum Location: Equatable, Sendable {
        case path(String)
        case memory
    }

    let location: Location
    let configuration: TTLStore.Configuration
    let stop: StopFlag
    /// Absolute and without symbolic links: SQLite keeps the log beside the file itself, and the process may change its
    /// folder. Nil in memory.
    private(set) var path: String?
    /// Through which SQLite finds the file, its log and its index; nil in memory, and where it can't be held.
    private(set) var folder: OpenFolder?
    /// Where SQLite finds them; nil in memory.
    private(set) var place: FilePlace?
    /// The identity of the file when it was opened; nil in memory.
    private(set) var identity: FileIdentity?
    /// Whether the file, its log and its index still have their names; nil in memory.
    private(set) var watch: FileWatch?
    /// For a read-only store whose folder can't hold the files that SQLite shares between processes.
    private(set) var readOnlyWatch: ReadOnlyWatch?
    /// What is removed again if the store can't be opened.
    private(set) var creation = FileCreation()

    /// The size of each connection's page cache, in SQLite's notation: negative for KiB.
    static let cacheSize = -2000
    /// While many rows are deleted.
    static let largeCacheSize = -32_000

    /// Checks the path, and creates folders and file if the configuration says so. Opens nothing.
    init(_ location: Location, configuration: TTLStore.Configuration, stop: StopFlag) throws(TTLStoreError) {
        self.location = location
        self.configuration = configuration
        self.stop = stop
        guard case .path(let path) = location else { return }
        guard !path.isEmpty, !path.utf8.contains(0) else {
            throw StoreFile.error(.cannotOpen, "the path is empty or holds a NUL")
        }
        guard !path.hasSuffix("/") else {
            throw StoreFile.error(.cannotOpen, "the path ends with a slash, so it names a folder")
        }
        if FileSystem.isMissing(path), configuration.access == .create {
            try Migrator.checkClock(configuration.clock)
            try creation.make(path)
        }
        do throws(TTLStoreError) {
            let resolved = try StoreFile.resolve(path)
            self.path = resolved
            creation.bind(to: resolved)
            let identity = try find(resolved)
            let place = FilePlace(resolved, in: folder)
            self.place = place
            if configuration.access != .readOnly { try StoreFile.checkNames(place) }
            self.identity = identity
            watch = FileWatch(path: resolved, place: place, database: identity)
            try watch?.checkFork()
            readOnlyWatch = try ReadOnlyWatch(place.path, configuration)
        } catch {
            creation.undo()
            throw error
        }
    }

    /// A path that can't be resolved is kept: the first look at it finds the reason.
    private static func resolve(_ path: String) throws(TTLStoreError) -> String {
        let resolved: String
        do throws(FileSystem.Failure) { resolved = try FileSystem.resolved(path) } catch {
            guard error.isOfText else { return path }
            throw StoreFile.error(error.number, "the path can't be used")
        }
        try FileCreation.checkLength(resolved)
        return resolved
    }

    /// Holds the folder, if its paths lead to the file.
    private mutating func find(_ path: String) throws(TTLStoreError) -> FileIdentity {
        // A path that could not be resolved may be relative, and would lead elsewhere once the process changes its
        // folder.
        if path.utf8.first == UInt8(ascii: "/"), let folder = OpenFolder(of: path),
            let identity = FilePlace(path, in: folder).identity()
        {
            self.folder = folder
            return identity
        }
        return try identify(path)
    }

    private func identify(_ path: String) throws(TTLStoreError) -> FileIdentity {
        switch FileSystem.kind(of: path) {
        // The file was there, or was made, a moment ago.
        case .missing where configuration.access == .create && !FileSystem.isLink(path): throw StoreFile.vanished
        case .missing: throw StoreFile.error(.cannotOpen, "there is no such file")
        case .folder: throw StoreFile.error(.cannotOpen, "the path is a folder")
        case .other: throw StoreFile.error(.cannotOpen, "the path is not a regular file")
        case .unreachable(let errno): throw StoreFile.error(errno, "the path can't be reached")
        case .file(let identity, _): return identity
        }
    }

    /// SQLite keeps the log beside the name by which a file is opened, so a file with two names has two logs.
    private static func checkNames(_ place: FilePlace) throws(TTLStoreError) {
        // A backup has two names for the moment in which it gets its final one (`FileSystem.give`).
        let deadline = MonotonicTime.now + namesPatience
        while let names = place.names {
            guard !names.isMountRoot else { throw StoreFile.mountedAlone }
            guard names.count > 1 else { return }
            guard MonotonicTime.now < deadline else {
                throw error(
                    .severalNames,
                    """
                    the file has \(names.count) names (hard links), and each would have a log of its own; remove the \
                    others
                    """)
            }
            sleepThread(microseconds: 2000)
        }
    }

    private static let mountedAlone = error(
        .severalNames,
        "the file is mounted by itself, so that its log would not lie beside its other name; mount its folder")

    private static let namesPatience: Milliseconds = 100

    // MARK: Connections

    /// Finds, makes or recognises the file, and opens it: `openFirst()`.
    ///
    /// Anew where a name is gone meanwhile: of the file, which another opener had made, and has taken away as it
    /// failed; or of its log or index, which were deleted.
    static func open(
        _ location: Location, configuration: TTLStore.Configuration, stop: StopFlag
    ) throws(TTLStoreError) -> (file: StoreFile, connection: Connection) {
        for triesLeft in (0..<StoreFile.tries).reversed() {
            do throws(TTLStoreError) {
                let file = try StoreFile(location, configuration: configuration, stop: stop)
                return (file, try file.openFirst())
            } catch {
                let isGone =
                    error.code == .fileReplaced || error.sqliteCode.map(StoreFile.missedNames.contains) ?? false
                guard isGone, triesLeft > 0 else { throw error }
            }
        }
        throw StoreFile.vanished
    }

    private static let tries = 10

    /// `SQLITE_IOERR_FSTAT` and `SQLITE_IOERR_DELETE_NOENT`, macros that are not imported: the file's name was gone
    /// when its log was made, or the log's, when SQLite removed it beside an empty file.
    private static let missedNames = [SQLITE_IOERR | (7 << 8), SQLITE_IOERR | (23 << 8)]

    private static let vanished = error(.fileReplaced, "the file was removed while it was opened")

    /// The store's writing connection; in read-only mode its first reading one. Recognises the file, and brings a new
    /// or older one up to date.
    func openFirst() throws(TTLStoreError) -> Connection {
        do throws(TTLStoreError) { return try openAndRecognise() } catch {
            do throws(TTLStoreError) {
                // A writer may have come or gone at this moment.
                let isOther = try readOnlyWatch?.hasChanged(since: 0, hasFailed: true, in: "open") ?? false
                guard isOther else { throw error }
                return try openAndRecognise()
            } catch {
                creation.undo()
                throw error
            }
        }
    }

    private func openAndRecognise() throws(TTLStoreError) -> Connection {
        watch?.expect(nil)
        let connection: Connection
        do throws(SQLiteError) { connection = try open(access) } catch { throw reason(ofNoConnection: error) }
        var turn: Connection?
        defer { turn?.close() }
        do {
            let version = try recognise(connection, turn: &turn)
            if !isImmutable { try watch?.confirm() }
            turn?.close()
            turn = nil
            // The turn of a store that writes.
            try connection.unlockFile(keeping: .shared)
            // The opener that made a new file may have removed it again, before this connection held a lock on it.
            if version == 0, connection.hasMoved { throw SQLiteError.replacedFile }
            try configure(connection)
            if configuration.access != .readOnly {
                try Migrator(
                    connection: connection, timeout: configuration.busyTimeoutMilliseconds, clock: configuration.clock
                ).migrate(from: version)
            }
            try recordLog(of: connection)
            return connection
        } catch {
            // SQLite may have stumbled over a log that it has made in the place of another.
            let isExpected = Result { () throws(TTLStoreError) in try watch?.checkExpected() }
            // Processes that have closed the file may have left to this connection a log whose name is gone now.
            if case .failure = isExpected, configuration.access != .readOnly, let watch {
                _ = decideOnCopy(connection, watch)
            }
            // First, so that whoever looks for the reason finds the file as it was.
            connection.close()
            // Another connection of the process may have joined the use of the index.
            folder?.noteIndex(place?.identity("-shm"))
            try isExpected.get()
            guard let error = error as? SQLiteError else { throw TTLStoreError(any: error, in: "open") }
            throw reason(error).naming(lockHolder(after: error))
        }
    }

    private func recordLog(of connection: Connection) throws {
        guard configuration.access != .readOnly else {
            if !isImmutable { try watch?.record(needsLog: false) }
            folder?.noteIndex(watch?.indexIdentity)
            return
        }
        // No checkpoint on closing, until it is certain that the log is the one at its name.
        try connection.set(SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, on: true)
        try watch?.record(needsLog: true)
        if connection.hasMoved { throw SQLiteError.replacedFile }
        folder?.noteIndex(watch?.indexIdentity)
        // A connection whose log alone has lost its name still shares the index with this one.
        guard try location == .memory || connection.hasLogOfIndex() else { throw LogProbe.logElsewhere }
        try connection.set(SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, on: false)
    }

    /// One more connection to a file that `openFirst()` has accepted.
    func openAnother(queryOnly: Bool) throws(SQLiteError) -> Connection {
        let connection = try open(access)
        do throws(SQLiteError) {
            try configure(connection)
            if queryOnly { try connection.execute("PRAGMA query_only = ON") }
        } catch { throw connection.toldApart(error) }
        // The new connection has opened the log by its name, and shares the index with the store's other connections.
        if watch?.change() != nil || connection.hasMoved {
            try connection.set(SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, on: true)
            throw SQLiteError.replacedFile
        }
        return connection
    }

    /// Throws if a name no longer leads to the file that was opened, see `FileWatch`: a write would be lost. One call
    /// of `stat`, as a rule.
    func checkIdentity(in operation: String) throws(TTLStoreError) {
        if let change = watch?.change() { throw change.error(in: operation) }
    }

    var isImmutable: Bool { readOnlyWatch?.isImmutable ?? false }

    /// For a read, which looks at no name itself. Other programs may have begun the log anew with an index of their
    /// own, so that the old index leads to frames that are gone.
    func checkLog(in operation: String) throws(TTLStoreError) {
        if watch?.isLogLost == true { try checkIdentity(in: operation) }
    }

    private var access: Connection.Access {
        if location == .memory { return .memory }
        if configuration.access != .readOnly { return .readWrite }
        return isImmutable ? .immutable : .readOnly
    }

    func open(_ access: Connection.Access) throws(SQLiteError) -> Connection {
        let connection = try Connection(
            path: path ?? "", in: folder, access: access,
            busyPolicy: BusyPolicy(stop: stop, timeout: configuration.busyTimeoutMilliseconds))
        connection.limit(length: configuration.longestRow)
        return connection
    }

    /// Explicit settings, never the build's defaults, which differ between Debian's SQLite and Apple's.
    private func configure(_ connection: Connection) throws(SQLiteError) {
        try connection.set(SQLITE_DBCONFIG_DEFENSIVE, on: true)
        try connection.set(SQLITE_DBCONFIG_TRUSTED_SCHEMA, on: false)
        try connection.set(SQLITE_DBCONFIG_DQS_DML, on: false)
        // The triggers count the edits of people; the library counts its own. A statement that could fire a trigger
        // keeps a journal of its own within a transaction, which is a fifth of the cost of a set.
        try connection.set(SQLITE_DBCONFIG_ENABLE_TRIGGER, on: false)
        // The views are for people. A view that another program has put in the place of a table may never end.
        try connection.set(SQLITE_DBCONFIG_ENABLE_VIEW, on: false)
        try connection.execute(
            """
            PRAGMA synchronous = \(configuration.durability == .full ? "FULL" : "NORMAL");
            PRAGMA secure_delete = ON;
            PRAGMA temp_store = MEMORY;
            PRAGMA mmap_size = 0;
            PRAGMA cache_size = \(StoreFile.cacheSize);
            PRAGMA wal_autocheckpoint = 0;
            """)
    }

    // MARK: Errors

    static func error(_ code: TTLStoreError.Code, _ message: String) -> TTLStoreError {
        TTLStoreError(code, message, in: "open")
    }

    static func error(_ errno: Int32, _ message: String) -> TTLStoreError {
        error(FileSystem.code(errno: errno), "\(message): \(FileSystem.describe(errno: errno))")
    }
}
