internal import CTTLSQLite

/// The file and folders that opening a store has made, so that a failed opening can remove them.
struct FileCreation: Sendable {
    /// Outermost first.
    private var folders: [String] = []
    private var file: (path: String, identity: FileIdentity)?

    /// Whether this opening has made the file.
    var hasFile: Bool { file != nil }

    /// Makes an empty file, and the folders above it, where they are missing. If it fails, it leaves neither.
    mutating func make(_ path: String) throws(TTLStoreError) {
        try FileCreation.check(path)
        do throws(TTLStoreError) {
            // Another opener that fails may remove a folder that was just found.
            for isLast in [false, false, true] {
                if let failure = FileSystem.createFolder(FileSystem.folder(of: path), made: &folders) {
                    throw StoreFile.error(failure, "the folder can't be created")
                }
                do throws(FileSystem.Failure) {
                    if let identity = try FileSystem.createPrivateFile(path) { file = (path, identity) }
                    return
                } catch {
                    guard error.number == FileSystem.isMissingError, !isLast else {
                        throw StoreFile.error(error.number, "the file can't be created")
                    }
                }
            }
        } catch {
            undo()
            throw error
        }
    }

    /// From now on the new file is known by its path without symbolic links.
    mutating func bind(to path: String) {
        if let file { self.file = (path, file.identity) }
    }

    /// Whether SQLite can take the file's future absolute path with the suffixes that it adds.
    private static func check(_ path: String) throws(TTLStoreError) {
        var (folder, rest) = (FileSystem.folder(of: path), [FileSystem.name(of: path)])
        while FileSystem.kind(of: folder) == .missing, FileSystem.folder(of: folder) != folder {
            rest.append(FileSystem.name(of: folder))
            folder = FileSystem.folder(of: folder)
        }
        let resolved: String
        do throws(FileSystem.Failure) { resolved = try FileSystem.resolved(folder) } catch {
            throw StoreFile.error(error.number, "the path can't be used")
        }
        // Such a name adds nothing to the path.
        rest.removeAll { ["", ".", ".."].contains($0) }
        try checkLength((resolved == "/" ? "" : resolved) + "/" + rest.reversed().joined(separator: "/"))
    }

    /// Beside the file lie `-wal`, `-shm` and, before a file is in WAL mode, `-journal`.
    static func checkLength(_ path: String) throws(TTLStoreError) {
        guard FileSystem.name(of: path).utf8.count + companionLength <= maximumName else {
            throw StoreFile.error(
                .cannotOpen, "the file's name is longer than \(maximumName - companionLength) bytes")
        }
        guard path.utf8.count <= maximumPath else {
            throw StoreFile.error(.cannotOpen, "the absolute path is longer than the \(maximumPath) bytes SQLite takes")
        }
    }

    private static let companionLength = "-journal".utf8.count
    /// `NAME_MAX`, on every file system in use.
    private static let maximumName = 255
    /// `MAX_PATHNAME` of SQLite's `os_unix.c` is 512, from which `sqlite3PagerOpen` takes the length of `-journal`.
    private static let maximumPath = 504

    /// Removes the file and the folders, if they are still empty. The store's connections are closed.
    ///
    /// It holds SQLite's EXCLUSIVE lock, so no other connection has the file open. An opener that has already found the
    /// file and reads it afterwards notices that the name is gone, before it acknowledges anything.
    func undo() {
        if let file { FileSystem.withoutCreations { FileCreation.remove(file.path, file.identity) } }
        // Fails for a folder that is not empty.
        for folder in folders.reversed() { FileSystem.removeFolder(folder) }
    }

    private static func remove(_ path: String, _ identity: FileIdentity) {
        let folder = OpenFolder(of: path)
        defer { folder?.close() }
        let place = FilePlace(path, in: folder)
        let policy = BusyPolicy(stop: StopFlag(), timeout: 0)
        do throws(SQLiteError) {
            let connection = try Connection(path: path, in: folder, access: .readWrite, busyPolicy: policy)
            defer { connection.close() }
            // On closing, SQLite would look for a log by a name that may belong to another file by then.
            try connection.set(SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, on: true)
            guard try connection.lockFile(.shared), try connection.lockFile(.exclusive), !connection.hasMoved,
                place.identity() == identity, isEmpty(place, connection)
            else { return }
            // The file last: where the process is killed in between, no log is left for the next file of that name.
            for suffix in ["-wal", "-shm", "-journal", ""] { place.remove(suffix) }
        } catch { removeUnopened(place, identity) }
    }

    /// For a process without a free descriptor, or a file system without locks: SQLite has put nothing into the file.
    /// The file is renamed to a name that no other process knows, and then looked at. If another opener has written to
    /// it meanwhile, it gets its name back. An opener that writes later notices that the name is gone.
    private static func removeUnopened(_ place: FilePlace, _ identity: FileIdentity) {
        let removed = FileSystem.uniqueName(in: FileSystem.folder(of: place.path))
        guard place.identity() == identity, hasNothing(place), FileSystem.rename(place.path, to: removed) == nil else {
            return
        }
        // A file with a log has a page, at least.
        if FileSystem.kind(of: removed) == .file(identity, size: 0) { return FileSystem.remove(removed) }
        guard FileSystem.give(place.path, to: removed) != nil else { return }
        // Another file has the name by now. Without a second page this file has no row.
        if case .file(_, let size) = FileSystem.kind(of: removed), size <= onePage { FileSystem.remove(removed) }
    }

    /// Called while no other connection has the file open. One transaction, since without a log the end of a
    /// transaction would release the lock.
    private static func isEmpty(_ place: FilePlace, _ connection: Connection) -> Bool {
        do throws(SQLiteError) {
            try connection.execute("BEGIN")
            if try connection.integer("SELECT count(*) FROM sqlite_schema") == 0 { return true }
        } catch { return hasNothing(place) }
        let isUnused = "SELECT NOT EXISTS (SELECT 1 FROM entries) AND NOT EXISTS (SELECT 1 FROM leases)"
        return (try? connection.integer(isUnused)) == 1
    }

    /// A file without a schema is no longer than this.
    private static let onePage: Int64 = 4096

    private static func hasNothing(_ place: FilePlace) -> Bool {
        place.size() <= onePage && place.size("-wal") == 0 && place.size("-journal") == 0
    }
}
