/// Where SQLite looks for a database and for the files beside it: the log (`-wal`), the log's index (`-shm`) and the
/// journal (`-journal`).
///
/// Callable from any thread. A look is one call of `stat`, relative to the folder's descriptor if there is one, which
/// costs a third of a path through `/proc`.
struct FilePlace: Sendable {
    /// The path by which SQLite finds the database. It may go through the folder's descriptor, and then leads nowhere
    /// once that is closed.
    let path: String
    private let folder: OpenFolder?
    private let name: String

    /// - Parameter path: absolute and without symbolic links.
    init(_ path: String, in folder: OpenFolder? = nil) {
        self.folder = folder
        name = folder == nil ? path : FileSystem.name(of: path)
        self.path = folder?.path(of: name) ?? path
    }

    /// - Parameter suffix: empty for the database itself.
    func kind(_ suffix: String = "") -> FileSystem.Kind { FileSystem.kind(of: name + suffix, in: descriptor) }

    /// In bytes; 0 for a file that does not exist.
    func size(_ suffix: String = "") -> Int64 { if case .file(_, let size) = kind(suffix) { size } else { 0 } }

    /// Nil if it is no file.
    func identity(_ suffix: String = "") -> FileIdentity? { kind(suffix).identity }

    /// The names of the database itself.
    var names: FileSystem.Names? { FileSystem.names(of: name, in: descriptor) }

    /// Whether nothing has ever been written to the empty file with that suffix, nor to the database since that file
    /// was made. False where that can't be found out.
    func isUntouched(_ suffix: String) -> Bool {
        FileSystem.isUntouched(name + suffix, and: name, in: descriptor)
    }

    func remove(_ suffix: String = "") { FileSystem.remove(path + suffix) }

    private var descriptor: Int32 { folder?.number ?? FileSystem.currentFolder }
}
