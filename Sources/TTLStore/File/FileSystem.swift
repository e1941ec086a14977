#if canImport(Darwin)
    internal import Darwin
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Glibc
#endif

/// Which file a path names: two files are never the same in both numbers at one time.
struct FileIdentity: Hashable {
    let device: UInt64
    let inode: UInt64

    init(device: UInt64, inode: UInt64) {
        self.device = device
        self.inode = inode
    }

    init(_ information: stat) {
        device = UInt64(truncatingIfNeeded: information.st_dev)
        inode = UInt64(truncatingIfNeeded: information.st_ino)
    }
}

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

        /// Whether a path at which this was found has stopped to name the file that it once named.
        ///
        /// It has if it names another file, or something else, or nothing: `ENOENT`, and `ENOTDIR`, where a folder on
        /// the way is no folder any more. Any other failure says nothing about the file: `EACCES` after privileges were
        /// given up, `ELOOP`, `EIO`, `ENOMEM`.
        func isReplacement(of identity: FileIdentity) -> Bool {
            switch self {
            case .file(let found, _): found != identity
            case .missing, .folder, .other: true
            case .unreachable(let errno): errno == ENOENT || errno == ENOTDIR
            }
        }
    }

    /// Follows symbolic links.
    static func kind(of path: String) -> Kind {
        var information = stat()
        guard stat(path, &information) == 0 else {
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
    private static func isAllowed(_ mode: Int32, _ path: String) -> Bool {
        faccessat(AT_FDCWD, path, mode, AT_EACCESS) == 0
    }

    /// The folder that holds `path`.
    static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// The absolute path without symbolic links; nil if the file can't be reached.
    static func resolved(_ path: String) -> String? {
        guard let resolved = realpath(path, nil) else { return nil }
        defer { free(resolved) }
        return String(cString: resolved)
    }

    /// Creates the folder and those above it, for this user alone (0700). One that exists is left as it is.
    /// - Returns: the error number, or nil.
    static func createFolder(_ path: String) -> Int32? {
        guard let failure = createLastFolder(path) else { return nil }
        guard failure == ENOENT, folder(of: path) != path else { return failure }
        return createFolder(folder(of: path)) ?? createLastFolder(path)
    }

    private static func createLastFolder(_ path: String) -> Int32? {
        guard mkdir(path, 0o700) == 0 else { return errno == EEXIST ? nil : errno }
        // A umask may have taken rights from the user as well.
        return chmod(path, 0o700) == 0 ? nil : errno
    }

    private static let creation = Lock()

    /// True if nothing has that path. Waits for a creation that is running in this process; see
    /// `createPrivateFile(_:)`.
    static func isMissing(_ path: String) -> Bool {
        creation.withLock { kind(of: path) == .missing }
    }

    /// Creates an empty file for this user alone (0600), whatever the umask; a file that exists is left as it is.
    ///
    /// SQLite gives `-wal` and `-shm` the mode of the database, so all three are private from the first byte.
    /// The lock keeps the openers of one process apart: all of them look at the path under it, by `isMissing(_:)`, so
    /// none has let SQLite open the new file before our descriptor is closed, which would drop SQLite's locks.
    /// - Returns: the error number, or nil.
    static func createPrivateFile(_ path: String) -> Int32? {
        creation.withLock {
            let descriptor = open(path, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0o600)
            guard descriptor >= 0 else { return errno == EEXIST ? nil : errno }
            defer { close(descriptor) }
            return fchmod(descriptor, 0o600) == 0 ? nil : errno
        }
    }

    static func describe(errno number: Int32) -> String { String(cString: strerror(number)) }

    static func environment(_ name: String) -> String? {
        getenv(name).map { String(cString: $0) }
    }

    /// From the environment, else from the user database.
    static var home: String? {
        if let home = environment("HOME"), home.hasPrefix("/") { return home }
        return getpwuid(getuid()).flatMap { $0.pointee.pw_dir }.map { String(cString: $0) }
    }
}

extension FileSystem {
    static func code(errno number: Int32) -> TTLStoreError.Code {
        switch number {
        case EACCES, EPERM: .permissionDenied
        case EROFS: .readOnlyFolder
        case ENOSPC, EDQUOT: .diskFull
        case EIO: .ioError
        default: .cannotOpen
        }
    }
}
