internal import CTTLSQLite
internal import TTLStoreMigrations

/// How a store's file is told from the files of other programs.
extension StoreFile {
    /// Refuses a file that is not this library's, before anything is changed.
    /// - Parameter turn: the connection that holds a reader's place among the stores that open the file; to be kept
    ///   until SQLite has opened the log.
    /// - Returns: the version of the schema; 0 where there is none.
    func recognise(_ connection: Connection, turn: inout Connection?) throws -> Int64 {
        guard let place else { return 0 }
        // On closing, SQLite would copy a foreign log into its file. Where there is no log, closing only removes the
        // files that reading has made.
        try connection.set(SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, on: place.size("-wal") > 0)
        switch try FileHeader.read(connection) {
        case .empty:
            guard configuration.access != .readOnly else {
                throw StoreFile.error(.cannotOpen, "the file is empty, and the access is read-only")
            }
            return 0
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
            if header.hasLog, !isImmutable {
                turn = try probeLog(of: place, connection)
                try watch?.checkOthers()
            }
            return try recogniseSchema(connection)
        }
    }

    /// Asks for the locks by which stores take turns. That takes a descriptor that may write, and a reader's may not: a
    /// reader asks through another connection, if it has the right to.
    /// - Returns: that other connection.
    private func probeLog(of place: FilePlace, _ connection: Connection) throws -> Connection? {
        let other = configuration.access == .readOnly ? try connectionForLocks(place) : nil
        guard configuration.access != .readOnly || other != nil else {
            // So that no program that closes the file takes them away after this look.
            let isShared = (try? connection.lockFile(.shared)) ?? false
            watch?.expect(isShared ? LogProbe.namesBeside(place) : nil)
            return nil
        }
        let probe = LogProbe(
            place: place, connection: other ?? connection, busyTimeout: configuration.busyTimeoutMilliseconds)
        let finding = try probe.run()
        watch?.expect(finding.names, hasTurn: finding.hasTurn)
        return other
    }

    /// Nil where the file may not be written, which only trying tells.
    private func connectionForLocks(_ place: FilePlace) throws(SQLiteError) -> Connection? {
        guard FileSystem.isWritable(place.path) else { return nil }
        do throws(SQLiteError) { return try open(.readWrite) } catch {
            // A passing shortage, of descriptors for example, proves nothing.
            let isRefused =
                error.primaryCode == SQLITE_READONLY || error.primaryCode == SQLITE_PERM
                || (error.primaryCode == SQLITE_CANTOPEN && FileSystem.isRefusal(error.systemError))
            guard isRefused else { throw error }
            return nil
        }
    }

    private func recogniseSchema(_ connection: Connection) throws -> Int64 {
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
            guard version > 0 else { return version }
            try SchemaShape(connection).check(version: version)
            // Before anything is changed, the journal mode included.
            if configuration.access != .readOnly { try Migrator.checkNames(connection, version: version) }
            return version
        }
        let tables = try connection.integer("SELECT count(*) FROM sqlite_schema") ?? 0
        guard applicationID == 0, version == 0, tables == 0, configuration.access != .readOnly else {
            throw StoreFile.foreign
        }
        return version
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

    private static let foreign = error(.foreignFile, "the file is a database of another program")

    private static func newer(_ version: Int64) -> TTLStoreError {
        error(
            .newerSchema,
            "the file has schema version \(version), this library knows up to \(Migration.latest); use a newer library")
    }
}
