internal import CTTLSQLite

/// Finds out why a file could not be opened. SQLite reports only that it failed. The reason is looked for afterwards,
/// since a check before the attempt may give another answer, or none (an old container's filter of system calls).
extension StoreFile {
    /// Why the first call failed, which opens the file itself.
    func reason(ofNoConnection error: SQLiteError) -> TTLStoreError {
        switch error.primaryCode {
        // SQLite has opened the file for reading instead.
        case SQLITE_READONLY:
            StoreFile.error(.readOnlyFile, "the file is read-only; open it with read-only access")
        case SQLITE_CANTOPEN where SystemFailure(error).described.code == .permissionDenied:
            StoreFile.error(.permissionDenied, "the file may not be read")
        default: TTLStoreError(error, in: "open")
        }
    }

    /// Why a later step failed: SQLite needs the log, memory that processes share, and locks.
    func reason(_ error: SQLiteError) -> TTLStoreError {
        let plain = TTLStoreError(error, in: "open")
        guard let path else { return plain }
        switch error.primaryCode {
        case SQLITE_CANTOPEN, SQLITE_READONLY:
            return reason(ofRefusal: error, path) ?? plain
        case SQLITE_BUSY, SQLITE_PERM:
            return areLocksRefused(beside: path)
                ? StoreFile.error(.cannotOpen, "the file system refuses locks; is it a network volume?") : plain
        // SHMOPEN, SHMSIZE and SHMMAP, macros that are not imported.
        case SQLITE_IOERR where [18, 19, 21].contains(error.code >> 8) && plain.code == .ioError:
            return StoreFile.noSharedMemory
        case SQLITE_IOERR where [18, 19, 21].contains(error.code >> 8) && SystemFailure(error).isLackOfRoom:
            var full = plain
            full.message +=
                ", and reading takes 32 KiB as well, for the log's index (-shm) beside the file; make room there"
            return full
        default: return plain
        }
    }

    private func reason(ofRefusal error: SQLiteError, _ path: String) -> TTLStoreError? {
        let known = SystemFailure(error).described.code
        guard ![.diskFull, .outOfMemory].contains(known), !SystemFailure(error).isLackOfDescriptors else { return nil }
        let isReading = configuration.access == .readOnly
        for (suffix, name) in [("-wal", "the log (-wal)"), ("-shm", "the log's index (-shm)")] {
            guard !FileSystem.isLink(path + suffix) else {
                return StoreFile.error(.cannotOpen, "\(name) beside the file is a symbolic link")
            }
            guard case .file = FileSystem.kind(of: path + suffix) else { continue }
            guard FileSystem.isReadable(path + suffix), isReading || FileSystem.isWritable(path + suffix) else {
                return StoreFile.error(
                    .permissionDenied, "\(name) beside the file may not be opened; another user's process made it")
            }
        }
        switch FileSystem.failureToCreate(in: FileSystem.folder(of: path)) {
        case nil:
            let isSharingRefused =
                FileSystem.kind(of: path + "-wal") != .missing && FileSystem.kind(of: path + "-shm") == .missing
            return isSharingRefused ? StoreFile.noSharedMemory : nil
        case let number? where FileSystem.isRefusal(number):
            return StoreFile.error(.readOnlyFolder, "the folder is read-only, and SQLite keeps its log there")
        case let number?: return StoreFile.error(number, "the log can't be created")
        }
    }

    private static let noSharedMemory = error(
        .cannotOpen, "the file system can't share memory between processes; is it a network volume?")

    /// Whether the file system refuses a lock even on a new file that no other process knows.
    private func areLocksRefused(beside path: String) -> Bool {
        let probe = FileSystem.uniqueName(in: FileSystem.folder(of: path))
        guard FileSystem.createUniqueFile(probe) == nil else { return false }
        defer { FileSystem.remove(probe) }
        do throws(SQLiteError) {
            let connection = try Connection(
                path: probe, access: .readWrite, busyPolicy: BusyPolicy(stop: StopFlag(), timeout: 0))
            try connection.execute("BEGIN EXCLUSIVE; ROLLBACK")
            return false
        } catch {
            return [SQLITE_BUSY, SQLITE_PERM, SQLITE_IOERR].contains(error.primaryCode)
        }
    }
}
