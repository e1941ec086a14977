#if canImport(Darwin)
internal import Darwin
#elseif canImport(Musl)
internal import Musl
#else
internal import Glibc
#endif

/// How a finished file gets its name, without ever replacing another file.
extension FileSystem {
    struct Failure: Error {
        var number: Int32

        /// Whether a name is not UTF-8.
        var isOfText: Bool { number == EILSEQ }
    }

    /// The error number of the call that failed last on this thread.
    static var lastError: Int32 {
        get { errno }
        set { errno = newValue }
    }

    static let existsAlready = EEXIST

    static let isMissingError = ENOENT

    static let hasNoLocks = ENOLCK

    /// Whether the error number says that the folder or its file system may not be written.
    static func isRefusal(_ number: Int32) -> Bool { [EACCES, EPERM, EROFS].contains(number) }

    /// Whether anything exists at the path; a symbolic link counts, wherever it leads.
    static func isTaken(_ path: String) throws(Failure) -> Bool {
        var information = stat()
        if lstat(path, &information) == 0 { return true }
        guard errno == ENOENT else { throw Failure(number: errno) }
        return false
    }

    static func isLink(_ path: String) -> Bool {
        var information = stat()
        return lstat(path, &information) == 0 && information.st_mode & S_IFMT == S_IFLNK
    }

    /// Creates an empty file for this user alone (0600), whatever the umask. An existing file is an error.
    ///
    /// For a name that no other opener can know; otherwise see `createPrivateFile(_:)`.
    /// - Returns: the error number, or nil.
    static func createUniqueFile(_ path: String) -> Int32? {
        let descriptor = open(path, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { return errno }
        defer { close(descriptor) }
        guard fchmod(descriptor, 0o600) == 0 else {
            let failure = errno
            unlink(path)
            return failure
        }
        return nil
    }

    /// A path in the folder that no other process can know, and that has no file yet.
    static func uniqueName(in folder: String) -> String {
        (folder == "/" ? "" : folder) + "/.ttl-" + String(UInt64.random(in: .min ... .max), radix: 16)
    }

    /// Why no file can be made in the folder, found out by making one for a moment; nil if one can.
    static func failureToCreate(in folder: String) -> Int32? {
        let path = uniqueName(in: folder)
        if let failure = createUniqueFile(path) { return failure }
        remove(path)
        return nil
    }

    /// As the system call, which replaces an existing file of the new name.
    /// - Returns: the error number, or nil.
    static func rename(_ path: String, to name: String) -> Int32? {
        #if canImport(Darwin)
        Darwin.rename(path, name) == 0 ? nil : errno
        #elseif canImport(Musl)
        Musl.rename(path, name) == 0 ? nil : errno
        #else
        Glibc.rename(path, name) == 0 ? nil : errno
        #endif
    }

    /// Removes a folder if it is empty.
    static func removeFolder(_ path: String) { rmdir(path) }

    /// Renames a file, unless the new name is taken.
    ///
    /// It makes a link and removes the old name, since `rename` overwrites. Where the file system has no hard links
    /// (exFAT), it first takes the name with an empty file, and then replaces that.
    /// - Parameter link: the system call, which a test may replace.
    /// - Returns: the error number, or nil.
    static func give(
        _ name: String, to file: String, link: (String, String) -> Int32 = { link($0, $1) }
    ) -> Int32? {
        if link(file, name) == 0 {
            unlink(file)
            return nil
        }
        guard [EPERM, ENOTSUP, EOPNOTSUPP, ENOSYS].contains(errno) else { return errno }
        if let failure = createUniqueFile(name) { return failure }
        if let failure = rename(file, to: name) {
            unlink(name)
            return failure
        }
        return nil
    }

    static func remove(_ path: String) { unlink(path) }

    /// Waits until the names in the folder are on the disk.
    /// - Returns: the error number, or nil. It is no error if the file system can't do that.
    static func flushFolder(_ path: String) -> Int32? {
        let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        // A folder that may be written but not read.
        guard descriptor >= 0 else { return errno == EACCES ? nil : errno }
        defer { close(descriptor) }
        guard fsync(descriptor) != 0 else { return nil }
        return errno == EINVAL || errno == ENOTSUP ? nil : errno
    }
}
