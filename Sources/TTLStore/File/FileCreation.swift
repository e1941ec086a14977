/// What opening a store has made, so that an opening that fails leaves nothing behind.
struct FileCreation: Sendable {
    /// Outermost first.
    private var folders: [String] = []
    private var file: (path: String, identity: FileIdentity)?

    /// Makes an empty file, and the folders above it, where they are missing; where it fails, neither.
    mutating func make(_ path: String) throws(TTLStoreError) {
        try FileCreation.check(path)
        do throws(TTLStoreError) {
            // Another opener that fails may take away a folder that was just found.
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

    /// From now on the new file is known by another path, which leads to it as well.
    mutating func bind(to place: String) {
        if let file { self.file = (place, file.identity) }
    }

    /// Whether SQLite can take the absolute path that the file will have, and what it adds to it.
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

    /// Takes away what was made, if nothing was put into it. The store's connections are closed.
    ///
    /// The file is renamed before it goes, and looked at under its new name. Another opener that has found it in the
    /// meantime has either put the schema into it, and then it gets its name back; or does so from now on, and then
    /// finds at its first commit that the file is not the one with that name any more.
    ///
    /// Not raced by a test, and not safe in two moments of some microseconds: where a third opener makes the file anew
    /// after the last look, its log may lose its name, which it reports as `fileReplaced`; and where it does so before
    /// the second one gets the name back, the second one's file keeps the name `.ttl-…`.
    func undo() {
        if let file { FileSystem.withoutCreations { FileCreation.remove(file.path, file.identity) } }
        // Fails for a folder that is not empty.
        for folder in folders.reversed() { FileSystem.removeFolder(folder) }
    }

    private static func remove(_ path: String, _ identity: FileIdentity) {
        guard isEmpty(path, identity, logOf: path) else { return }
        let folder = FileSystem.folder(of: path)
        let removed = FileSystem.uniqueName(in: folder)
        guard FileSystem.rename(path, to: removed) == nil else { return }
        guard isEmpty(removed, identity, logOf: path) else {
            _ = FileSystem.give(path, to: removed)
            return
        }
        FileSystem.remove(removed)
        guard FileSystem.kind(of: path) == .missing else { return }
        for suffix in ["-wal", "-shm", "-journal"] { FileSystem.remove(path + suffix) }
    }

    /// A file without a schema has at most one page.
    private static func isEmpty(_ path: String, _ identity: FileIdentity, logOf name: String) -> Bool {
        guard case .file(identity, let size) = FileSystem.kind(of: path), size <= 4096 else { return false }
        return FileSystem.size(of: name + "-wal") == 0 && FileSystem.size(of: name + "-journal") == 0
    }
}
