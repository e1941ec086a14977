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
    /// Which file it was when it was opened; nil in memory.
    private(set) var identity: FileIdentity?
    /// For a read-only store whose folder can't hold the files that SQLite shares between processes.
    private(set) var isImmutable = false
    /// What is taken away again if the store can't be opened.
    private(set) var creation = FileCreation()

    /// Of each connection's page cache, in SQLite's notation: negative for KiB.
    static let cacheSize = -2000

    /// Checks the path, and creates folders and file if that is wanted. Opens nothing.
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
        if FileSystem.isMissing(path), configuration.access == .create { try creation.make(path) }
        do throws(TTLStoreError) {
            let resolved = try StoreFile.resolve(path)
            self.path = resolved
            identity = try StoreFile.identify(resolved)
            isImmutable = try StoreFile.isImmutable(resolved, configuration)
        } catch {
            creation.undo()
            throw error
        }
    }

    /// A path that can't be resolved is kept: what is wrong with it is found when it is looked at.
    private static func resolve(_ path: String) throws(TTLStoreError) -> String {
        let resolved: String
        do throws(FileSystem.Failure) { resolved = try FileSystem.resolved(path) } catch {
            guard error.isOfText else { return path }
            throw StoreFile.error(error.number, "the path can't be used")
        }
        try FileCreation.checkLength(resolved)
        return resolved
    }

    /// Without a `-shm`, and where none can be made, SQLite reads a file only as one that nobody changes. As long as a
    /// process has the file open for writing there is one, through which we can read with it.
    private static func isImmutable(
        _ path: String, _ configuration: TTLStore.Configuration
    ) throws(TTLStoreError) -> Bool {
        guard configuration.access == .readOnly, !FileSystem.isWritable(FileSystem.folder(of: path)),
            FileSystem.kind(of: path + "-shm") == .missing
        else { return false }
        guard FileSystem.size(of: path + "-wal") == 0 else {
            throw error(.readOnlyFolder, "the folder is read-only, and a process that was killed left a log there")
        }
        return true
    }

    private static func identify(_ path: String) throws(TTLStoreError) -> FileIdentity {
        switch FileSystem.kind(of: path) {
        case .missing: throw error(.cannotOpen, "there is no such file")
        case .folder: throw error(.cannotOpen, "the path is a folder")
        case .other: throw error(.cannotOpen, "the path is not a regular file")
        case .unreachable(let errno): throw error(errno, "the path can't be reached")
        case .file(let identity, _): return identity
        }
    }

    // MARK: Connections

    /// The store's writing connection; in read-only mode its first reading one. Recognises the file, and brings a new
    /// or older one up to date.
    func openFirst() throws(TTLStoreError) -> Connection {
        do throws(TTLStoreError) { return try openAndRecognise() } catch {
            creation.undo()
            throw error
        }
    }

    private func openAndRecognise() throws(TTLStoreError) -> Connection {
        let connection: Connection
        do throws(SQLiteError) { connection = try open(access) } catch { throw reason(ofNoConnection: error) }
        do {
            try recognise(connection)
            try configure(connection)
            if configuration.access != .readOnly {
                try Migrator(connection: connection, timeout: configuration.busyTimeoutMilliseconds).migrate()
                try connection.set(SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, on: false)
            }
            return connection
        } catch let error as SQLiteError {
            // First, so that whoever looks for the reason finds the file as it was.
            connection.close()
            throw reason(error)
        } catch let error as TTLStoreError {
            connection.close()
            throw error
        } catch {
            throw StoreFile.error(.database, "unexpected error")
        }
    }

    /// One more connection to a file that `openFirst()` has accepted.
    func openAnother(queryOnly: Bool) throws(SQLiteError) -> Connection {
        let connection = try open(access)
        do throws(SQLiteError) {
            try configure(connection)
            if queryOnly { try connection.execute("PRAGMA query_only = ON") }
        } catch { throw connection.toldApart(error) }
        return connection
    }

    /// Throws if the path no longer names the file that was opened: what is written now would be lost with it. One call
    /// of `stat`.
    ///
    /// Where the path can't be looked at, the operation goes on: SQLite's descriptors work as before, and a server that
    /// gives up its privileges after opening is in its right. Whether the file still has its name is unknown then.
    func checkIdentity(in operation: String) throws(TTLStoreError) {
        guard let path, let identity, FileSystem.kind(of: path).isReplacement(of: identity) else { return }
        throw TTLStoreError(.fileReplaced, "the file was removed, renamed or replaced while it was open", in: operation)
    }

    private var access: Connection.Access {
        if location == .memory { return .memory }
        if configuration.access != .readOnly { return .readWrite }
        return isImmutable ? .immutable : .readOnly
    }

    private func open(_ access: Connection.Access) throws(SQLiteError) -> Connection {
        try Connection(
            path: path ?? "", access: access,
            busyPolicy: BusyPolicy(stop: stop, timeout: configuration.busyTimeoutMilliseconds))
    }

    /// Explicit settings, never the build's defaults, which differ between Debian's SQLite and Apple's.
    private func configure(_ connection: Connection) throws(SQLiteError) {
        try connection.set(SQLITE_DBCONFIG_DEFENSIVE, on: true)
        try connection.set(SQLITE_DBCONFIG_TRUSTED_SCHEMA, on: false)
        try connection.set(SQLITE_DBCONFIG_DQS_DML, on: false)
        // The triggers count the edits of people; the library counts its own. A statement that could fire one keeps a
        // journal of its own within a transaction: a fifth of the cost of a set.
        try connection.set(SQLITE_DBCONFIG_ENABLE_TRIGGER, on: false)
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

    /// Refuses what is not ours, before anything is changed.
    private func recognise(_ connection: Connection) throws {
        guard let path else { return }
        // On closing, SQLite would copy a foreign log into its file. Where there is none, closing only takes away the
        // files beside it that reading made.
        try connection.set(SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, on: FileSystem.size(of: path + "-wal") > 0)
        switch try FileHeader.read(connection, size: FileSystem.size(of: path)) {
        case .empty:
            guard configuration.access != .readOnly else {
                throw StoreFile.error(.cannotOpen, "the file is empty, and the access is read-only")
            }
        case .notADatabase: throw StoreFile.error(.notADatabase, "the file is not an SQLite database")
        case .database(let header):
            // Zero may mean that the first transaction is still in the log.
            guard header.applicationID == Migration.applicationID || header.applicationID == 0 else {
                throw StoreFile.foreign
            }
            guard header.isUTF8 else {
                throw StoreFile.error(.foreignFile, "the file is a database in UTF-16; a store's is in UTF-8")
            }
            guard header.userVersion <= Migration.latest || header.applicationID == 0 else {
                throw StoreFile.newer(header.userVersion)
            }
            try recogniseSchema(connection)
        }
    }

    private func recogniseSchema(_ connection: Connection) throws {
        // In one read transaction: another process may be creating the schema.
        try connection.execute("BEGIN")
        defer { try? connection.execute("COMMIT") }
        let applicationID = try connection.integer("PRAGMA application_id")
        let version = try connection.integer("PRAGMA user_version") ?? 0
        if applicationID == 0 || (version == 0 && applicationID == Migration.applicationID) {
            try checkIsNoDump(connection)
        }
        if applicationID == Migration.applicationID {
            guard version <= Migration.latest else { throw StoreFile.newer(version) }
            return
        }
        let tables = try connection.integer("SELECT count(*) FROM sqlite_schema") ?? 0
        guard applicationID == 0, version == 0, tables == 0, configuration.access != .readOnly else {
            throw StoreFile.foreign
        }
    }

    /// A store that went through `.dump` in the shell has lost the two numbers by which a store is known.
    private func checkIsNoDump(_ connection: Connection) throws {
        let tables = try connection.integer(
            "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name IN ('entries', 'migrations')")
        guard tables == 2 else { return }
        let version = (try? connection.integer("SELECT max(number) FROM migrations")) ?? Migration.latest
        throw StoreFile.error(
            .foreignFile,
            """
            the file has a store's tables, but not its numbers, as after .dump in the shell. If it is one, \
            PRAGMA application_id = \(Migration.applicationID); PRAGMA user_version = \(version); \
            makes it a store again
            """)
    }

    // MARK: Errors

    private static let foreign = error(.foreignFile, "the file is a database of another program")

    private static func newer(_ version: Int64) -> TTLStoreError {
        error(
            .newerSchema,
            "the file has schema version \(version), this library knows up to \(Migration.latest); use a newer library")
    }

    static func error(_ code: TTLStoreError.Code, _ message: String) -> TTLStoreError {
        TTLStoreError(code, message, in: "open")
    }

    static func error(_ errno: Int32, _ message: String) -> TTLStoreError {
        error(FileSystem.code(errno: errno), "\(message): \(FileSystem.describe(errno: errno))")
    }
}
