internal import CTTLSQLite

extension TTLStoreError {
    /// The one translation of SQLite's result codes.
    /// - Parameter committing: true when the error came from `COMMIT`.
    init(_ error: SQLiteError, in operation: String, committing: Bool = false) {
        let (code, message): (Code, String) =
            switch error.primaryCode {
            case SQLITE_IOERR, SQLITE_CANTOPEN:
                SystemFailure(error).described
            case SQLITE_BUSY, SQLITE_LOCKED, SQLITE_PROTOCOL:
                (.busy, "another process or connection holds the lock")
            case SQLITE_FULL: (.diskFull, "the disk is full")
            case SQLITE_CORRUPT where error.code == SQLiteError.damagedIndex.code:
                (.corrupt, "an index contradicts its table; a check names it, REINDEX in the shell makes it anew")
            case SQLITE_CORRUPT: (.corrupt, "the file is damaged")
            case SQLITE_NOTADB: (.notADatabase, "the file is not an SQLite database")
            case SQLITE_NOMEM: (.outOfMemory, "memory ran out")
            case SQLITE_READONLY where error.code == SQLITE_READONLY | (4 << 8):
                // SQLITE_READONLY_DBMOVED, a macro that is not imported.
                (.fileReplaced, "the file, or its log, was removed, renamed or replaced while it was open")
            case SQLITE_READONLY: (.readOnlyFile, "the file can't be written")
            case SQLITE_PERM, SQLITE_AUTH: (.permissionDenied, "permission denied")
            case SQLITE_TOOBIG: (.valueTooLarge, "a value in the file is larger than maximumValueSize allows")
            default: (.database, error.message)
            }
        self.init(code: code, message: message, operation: operation, sqliteCode: error.code)
        isOutcomeUnknown = committing && error.leavesOutcomeUnknown
    }

    /// For code that throws this error and `SQLiteError`.
    init(any error: any Error, in operation: String) {
        switch error {
        case let error as TTLStoreError: self = error
        case let error as SQLiteError: self.init(error, in: operation)
        default: self.init(.database, "an unexpected error: \(type(of: error))", in: operation)
        }
    }

    /// True for what closing and cancellation make of an operation: a wait given up, or a statement interrupted.
    var mayBeInterruption: Bool { code == .busy || sqliteCode.map { $0 & 0xff } == SQLITE_INTERRUPT }
}
