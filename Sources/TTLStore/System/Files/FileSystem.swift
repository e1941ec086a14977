#if canImport(Darwin)
internal import Darwin
#elseif canImport(Musl)
internal import Musl
#else
internal import Glibc
#endif

/// The few file system calls that a store makes besides SQLite's.
///
/// None of them opens a database, `-wal` or `-shm` file that SQLite may have open: closing such a descriptor would drop
/// all POSIX locks that the process has on the file (https://www.sqlite.org/howtocorrupt.html, section 2.2).
enum FileSystem {
    enum Kind: Equatable {
        case missing
        case file(FileIdentity, size: Int64)
        case folder
        case other
        case unreachable(errno: Int32)

        /// Nil if it is no file.
        var identity: FileIdentity? { if case .file(let identity, _) = self { identity } else { nil } }

        /// Whether a path at which this was found has stopped to name the file that it once named.
        ///
        /// True if the path names another file, something else, or nothing: `ENOENT`, and `ENOTDIR`, where a folder on
        /// the way is no longer a folder. Any other failure says nothing about the file: `EACCES` after privileges were
        /// given up, `ELOOP`, `EIO`, `ENOMEM`.
        func isReplacement(of identity: FileIdentity) -> Bool {
            switch self {
            case .file(let found, _): found != identity
            case .missing, .folder, .other: true
            case .unreachable(let errno): errno == ENOENT || errno == ENOTDIR
            }
        }
    }

    /// The folder at which a relative path begins.
    static let currentFolder = AT_FDCWD

    /// Follows symbolic links.
    /// - Parameter folder: the descriptor at which a relative path begins.
    static func kind(of path: String, in folder: Int32 = currentFolder) -> Kind {
        var information = stat()
        guard fstatat(folder, path, &information, 0) == 0 else {
            return errno == ENOENT ? .missing : .unreachable(errno: errno)
        }
        switch information.st_mode & S_IFMT {
        case S_IFREG: return .file(FileIdentity(information), size: Int64(information.st_size))
        case S_IFDIR: return .folder
        default: return .other
        }
    }

    /// In bytes; 0 for a file that does not exist.
    static func size(of path: String) -> Int64 {
        if case .file(_, let size) = kind(of: path) { size } else { 0 }
    }

    static func isReadable(_ path: String) -> Bool { isAllowed(R_OK, path) }

    static func isWritable(_ path: String) -> Bool { isAllowed(W_OK, path) }

    /// For the effective user, as `open` decides; `access` would ask for the real one.
    ///
    /// Old container runtimes answer every call that they don't know by `EPERM`, also the one behind `faccessat`. Then
    /// a folder is tried by making a file in it. A file counts as allowed, and opening it will tell.
    private static func isAllowed(_ mode: Int32, _ path: String) -> Bool {
        guard faccessat(AT_FDCWD, path, mode, AT_EACCESS) != 0 else { return true }
        guard errno == EPERM || errno == ENOSYS else { return false }
        guard access(path, mode) != 0 else { return true }
        guard errno == EPERM || errno == ENOSYS else { return false }
        guard mode == W_OK, kind(of: path) == .folder else { return true }
        return failureToCreate(in: path) == nil
    }

    /// The folder that holds `path`.
    static func folder(of path: String) -> String {
        guard let slash = lastSlash(in: path) else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// The last component of `path`.
    static func name(of path: String) -> String {
        lastSlash(in: path).map { String(path[path.utf8.index(after: $0)...]) } ?? path
    }

    /// By bytes: a slash and a following combining mark are one `Character`.
    private static func lastSlash(in path: String) -> String.Index? { path.utf8.lastIndex(of: UInt8(ascii: "/")) }

    /// The absolute path without symbolic links.
    /// - Throws: `EILSEQ` where the path holds a name that is not UTF-8, which a `String` would change.
    static func resolved(_ path: String) throws(Failure) -> String {
        guard let resolved = realpath(path, nil) else { throw Failure(number: errno) }
        defer { free(resolved) }
        return try text(resolved)
    }

    /// Creates the folder and its missing parents, for this user alone (0700). An existing folder is left as it is.
    /// - Parameter made: gets the folders that it has created, outermost first.
    /// - Returns: the error number, or nil.
    static func createFolder(_ path: String, made: inout [String]) -> Int32? {
        guard let failure = createLastFolder(path, &made) else { return nil }
        guard failure == ENOENT, folder(of: path) != path else { return failure }
        return createFolder(folder(of: path), made: &made) ?? createLastFolder(path, &made)
    }

    private static func createLastFolder(_ path: String, _ made: inout [String]) -> Int32? {
        guard mkdir(path, 0o700) == 0 else { return errno == EEXIST ? nil : errno }
        made.append(path)
        // A umask may have taken rights from the user as well.
        return chmod(path, 0o700) == 0 ? nil : errno
    }

    private static let creation = Lock()

    /// True if nothing exists at the path. Waits for a creation that is running in this process; see
    /// `createPrivateFile(_:)`.
    static func isMissing(_ path: String) -> Bool {
        // Not under the lock: a look at a network volume that doesn't answer never ends.
        let isMissing = kind(of: path) == .missing
        creation.withLock {}
        return isMissing
    }

    /// Creates an empty file for this user alone (0600), whatever the umask; a file that exists is left as it is.
    ///
    /// SQLite gives `-wal` and `-shm` the mode of the database, so all three are private from the first byte.
    /// The lock keeps the openers of one process apart: all of them look at the path under it, by `isMissing(_:)`, so
    /// none has let SQLite open the new file before our descriptor is closed, which would drop SQLite's locks.
    /// - Returns: the identity of the created file, or nil.
    static func createPrivateFile(_ path: String) throws(Failure) -> FileIdentity? {
        try creation.withLock { () throws(Failure) in
            if let failure = createUniqueFile(path) {
                if failure == EEXIST { return nil }
                throw Failure(number: failure)
            }
            guard case .file(let identity, _) = kind(of: path) else { return nil }
            return identity
        }
    }

    /// Runs `body` while no other opener of this process creates a file or checks whether it has to.
    static func withoutCreations(_ body: () -> Void) { creation.withLock(body) }

    static func describe(errno number: Int32) -> String {
        switch number {
        case EILSEQ: "it leads through a name that is not valid UTF-8"
        case EMFILE, ENFILE: "too many files are open"
        default: String(cString: strerror(number))
        }
    }

    /// - Throws: `EILSEQ` for a value that is not UTF-8, which as a `String` would name another file.
    static func environment(_ name: String) throws(Failure) -> String? {
        try getenv(name).map { (value) throws(Failure) in try text(value) }
    }

    /// The home folder from the environment, else from the user database.
    /// - Throws: `EILSEQ` where it is not UTF-8.
    static func home() throws(Failure) -> String? {
        if let home = try environment("HOME"), home.hasPrefix("/") { return home }
        return try getpwuid(getuid()).flatMap { $0.pointee.pw_dir }.map { (home) throws(Failure) in try text(home) }
    }

    private static func text(_ bytes: UnsafePointer<CChar>) throws(Failure) -> String {
        guard let text = String(validatingCString: bytes) else { throw Failure(number: EILSEQ) }
        return text
    }
}

extension FileSystem {
    static func code(errno number: Int32) -> TTLStoreError.Code {
        switch number {
        case EACCES, EPERM: .permissionDenied
        case EROFS: .readOnlyFolder
        case ENOSPC, EDQUOT, EFBIG: .diskFull
        case EIO: .ioError
        default: .cannotOpen
        }
    }
}
