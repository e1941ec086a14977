internal import CTTLSQLite

#if canImport(Darwin)
internal import Darwin
#elseif canImport(Musl)
internal import Musl
#else
internal import Glibc
#endif

/// What the system reports about names: whether the names in a folder have changed, and whether a file has several
/// names.
extension FileSystem {
    struct FolderState: Equatable {
        let identity: FileIdentity
        /// When a name in the folder was last made, changed or removed, or its own permissions changed: its `ctime`, in
        /// nanoseconds since 1970.
        let changedAt: Int64
    }

    /// Nil if it can't be looked at.
    static func folderState(of path: String) -> FolderState? {
        var information = stat()
        guard stat(path, &information) == 0 else { return nil }
        #if canImport(Darwin)
        let time = information.st_ctimespec
        #else
        let time = information.st_ctim
        #endif
        return FolderState(identity: FileIdentity(information), changedAt: nanoseconds(time))
    }

    /// The wall clock by which file systems date changes, in nanoseconds since 1970.
    static var clock: Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return nanoseconds(time)
    }

    /// Capped: a file system may report any time.
    private static func nanoseconds(_ time: timespec) -> Int64 {
        let (nanoseconds, overflow) = Int64(time.tv_sec).multipliedReportingOverflow(by: 1_000_000_000)
        return overflow ? (time.tv_sec < 0 ? .min : .max) : nanoseconds &+ Int64(time.tv_nsec)
    }

    /// Whether nothing has ever been written to an empty file, nor to `other` since that file was made. False where
    /// that can't be found out, since the system or the file system doesn't record when files were made.
    /// - Parameter folder: the descriptor at which relative paths begin.
    static func isUntouched(_ path: String, and other: String, in folder: Int32) -> Bool {
        guard case .file(_, size: 0) = kind(of: path, in: folder) else { return false }
        var (made, written, otherMade, otherWritten) = (Int64(), Int64(), Int64(), Int64())
        // The order of two changes within one tick of the clock is not known.
        return ttl_birth_and_change(folder, path, &made, &written) == 0 && made == written
            && ttl_birth_and_change(folder, other, &otherMade, &otherWritten) == 0 && otherWritten < made
    }

    /// The names by which a file can be opened.
    struct Names {
        /// The number of hard links.
        let count: Int
        /// Whether the path itself is the root of a mount, like a single file that was mounted into a container. False
        /// where the system doesn't report it; Linux does from 5.8 on.
        let isMountRoot: Bool
    }

    /// Nil if there is no such file. One call of the system.
    /// - Parameter folder: the descriptor at which a relative path begins.
    static func names(of path: String, in folder: Int32 = currentFolder) -> Names? {
        var (count, isMountRoot) = (UInt32(), Int32())
        if ttl_names(folder, path, &count, &isMountRoot) == 0 {
            return Names(count: Int(count), isMountRoot: isMountRoot == 1)
        }
        var information = stat()
        guard fstatat(folder, path, &information, 0) == 0 else { return nil }
        return Names(count: Int(information.st_nlink), isMountRoot: false)
    }
}

extension FileSystem {
    /// The text of a file of the system, such as one below `/proc`; nil if it can't be read. Not for a file that SQLite
    /// may have open.
    /// - Parameter limit: the most bytes to read; the rest is left out.
    static func text(of path: String, limit: Int) -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 16384)
        while bytes.count < limit {
            let count = read(descriptor, &piece, piece.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            bytes += piece.prefix(count)
        }
        return String(decoding: bytes.prefix(limit), as: UTF8.self)
    }
}
