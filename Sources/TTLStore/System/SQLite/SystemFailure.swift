internal import CTTLSQLite

#if canImport(Darwin)
internal import Darwin
#elseif canImport(Musl)
internal import Musl
#else
internal import Glibc
#endif

/// A failed system call, which SQLite reports as `SQLITE_IOERR` or `SQLITE_CANTOPEN` whatever the reason.
struct SystemFailure {
    private let isOpening: Bool
    private let isOutOfMemory: Bool
    private let number: Int32
    private let isCertain: Bool

    init(_ error: SQLiteError) {
        isOpening = error.primaryCode == SQLITE_CANTOPEN
        // SQLITE_IOERR_NOMEM, a macro that is not imported.
        isOutOfMemory = error.code == SQLITE_IOERR | (12 << 8)
        number = error.systemError
        isCertain = error.isSystemErrorCertain
    }

    /// On the disk or in a quota.
    var isLackOfRoom: Bool { number == ENOSPC || number == EDQUOT }

    /// False where memory may have run out in an earlier call.
    var isCertainlyLackOfMemory: Bool { isOutOfMemory || number == ENOMEM && isCertain }

    var isLackOfDescriptors: Bool { number == EMFILE || number == ENFILE }

    var described: (code: TTLStoreError.Code, message: String) {
        if isOutOfMemory { return (.outOfMemory, "memory ran out") }
        switch number {
        case ENOSPC: return (.diskFull, "the disk is full")
        case EDQUOT: return (.diskFull, "the disk quota is used up")
        case EFBIG: return (.diskFull, "the file or its log has reached the file-size limit")
        case EROFS: return (.readOnlyFile, "the file system is read-only")
        case ENOMEM: return (.outOfMemory, "memory ran out")
        case EMFILE, ENFILE: return (.cannotOpen, "too many files are open")
        case EACCES where isOpening, EPERM where isOpening:
            return (.permissionDenied, "the file, its log or its folder may not be opened")
        default:
            return isOpening
                ? (.cannotOpen, "the file can't be opened")
                : (.ioError, "the operating system failed to read or write the file")
        }
    }
}

extension SQLiteError {
    /// For a failed COMMIT: whether its changes may be in the file all the same.
    ///
    /// A commit appends frames to the log. The last one makes it valid, by a checksum over all of them (`wal.c`,
    /// `sqlite3WalFrames`; on this VFS no frames for padding follow it). Where there was no room for a frame, the last
    /// one was never complete. After it come a flush, if durability asks for it, and the update of the index. If memory
    /// runs out or the flush fails there, the frame is in the log and is found after a crash. Whether a write that
    /// failed for another reason took place is not known.
    var leavesOutcomeUnknown: Bool {
        switch primaryCode {
        case SQLITE_NOMEM: true
        // SQLITE_IOERR_WRITE, a macro that is not imported.
        case SQLITE_IOERR where code == SQLITE_IOERR | (3 << 8) && isSystemErrorCertain:
            ![ENOSPC, EDQUOT, EFBIG].contains(systemError)
        case SQLITE_IOERR: true
        default: false
        }
    }
}
