/// The destination of a backup: first a temporary file in the same folder, then the final name.
///
/// The library opens the temporary file only before SQLite does: closing another descriptor of it later would drop
/// SQLite's locks.
struct BackupDestination {
    private let path: String
    private let folder: String
    private let temporaryPath: String

    /// Checks the path. Creates nothing.
    init(_ path: String, of file: StoreFile) throws(TTLStoreError) {
        guard !path.isEmpty, !path.utf8.contains(0), !path.hasSuffix("/") else {
            throw BackupDestination.error(.cannotOpen, "the path is empty, holds a NUL or ends with a slash")
        }
        do throws(FileSystem.Failure) { folder = try FileSystem.resolved(FileSystem.folder(of: path)) } catch {
            throw BackupDestination.error(error.number, "the destination's folder can't be reached")
        }
        let prefix = folder == "/" ? "" : folder
        self.path = prefix + "/" + FileSystem.name(of: path)
        let number = String(UInt64.random(in: .min ... .max), radix: 16)
        temporaryPath = prefix + "/.ttl-backup-" + number
        do throws(TTLStoreError) {
            // SQLite has to be able to open the backup under its name.
            try FileCreation.checkLength(self.path)
            try FileCreation.checkLength(temporaryPath)
        } catch { throw error.renamed("backup") }
        try checkIsFree(of: file)
    }

    private func checkIsFree(of file: StoreFile) throws(TTLStoreError) {
        if let own = file.path, BackupDestination.companions.contains(where: { path == own + $0 }) {
            throw BackupDestination.error(.invalidArgument, "the destination is the store's own")
        }
        if try exists("") { throw BackupDestination.exists }
        for suffix in BackupDestination.companions where try exists(suffix) {
            // SQLite would treat it as the log of the new file.
            throw BackupDestination.error(.fileExists, "the log of another database lies at the destination")
        }
    }

    /// The suffixes of the files that SQLite keeps beside a database.
    private static let companions = ["-wal", "-shm", "-journal"]

    private func exists(_ suffix: String) throws(TTLStoreError) -> Bool {
        do throws(FileSystem.Failure) { return try FileSystem.isTaken(path + suffix) } catch {
            throw BackupDestination.error(error.number, "the destination can't be reached")
        }
    }

    // MARK: The temporary file

    func create() throws(TTLStoreError) {
        if let failure = FileSystem.createUniqueFile(temporaryPath) {
            throw BackupDestination.error(failure, "the backup can't be created")
        }
    }

    /// Without a journal: an unfinished backup is thrown away.
    func open() throws(SQLiteError) -> Connection {
        let connection = try Connection(
            path: temporaryPath, access: .readWrite, busyPolicy: BusyPolicy(stop: StopFlag(), timeout: 0))
        try connection.execute(
            """
            PRAGMA journal_mode = OFF;
            PRAGMA synchronous = OFF;
            PRAGMA mmap_size = 0;
            PRAGMA cache_size = \(StoreFile.cacheSize);
            """)
        return connection
    }

    /// Gives the finished file its name. SQLite has closed it.
    func publish() throws(TTLStoreError) {
        if let failure = FileSystem.give(path, to: temporaryPath) {
            throw failure == FileSystem.existsAlready
                ? BackupDestination.exists : BackupDestination.error(failure, "the backup can't be given its name")
        }
        if let failure = FileSystem.flushFolder(folder) {
            FileSystem.remove(path)
            throw BackupDestination.error(failure, "the folder can't be written to the disk")
        }
    }

    func discard() { FileSystem.remove(temporaryPath) }

    // MARK: Errors

    private static let exists = error(.fileExists, "there is something at the destination already")

    private static func error(_ code: TTLStoreError.Code, _ message: String) -> TTLStoreError {
        TTLStoreError(code, message, in: "backup")
    }

    private static func error(_ errno: Int32, _ message: String) -> TTLStoreError {
        error(FileSystem.code(errno: errno), "\(message): \(FileSystem.describe(errno: errno))")
    }
}
