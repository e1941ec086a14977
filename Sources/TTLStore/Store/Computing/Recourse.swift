/// What a caller of `getOrCompute` does when an operation on the file has failed.
enum Recourse: Equatable {
    /// Throws the error.
    case fail
    /// Tries to acquire the lease: that reads as well, through another connection.
    case acquireLease
    /// Reads again, and serves what is there: nobody needs the lease to be served a stale value.
    case serve
    /// Computes the value without a lease, and doesn't store it: without the lease nobody knows who else computes it,
    /// and the next miss stores it.
    case compute

    init(readingFailed error: TTLStoreError, isStrict: Bool) {
        guard !isStrict, error.code.isFaultOfTheFile else {
            self = .fail
            return
        }
        // Whoever has waited for a lock until the timeout doesn't wait for it once more.
        self = error.code == .busy ? .compute : .acquireLease
    }

    init(acquiringFailed error: TTLStoreError, at sighting: ComputePlan.Sighting?, isStrict: Bool) {
        if case .stale? = sighting, isStrict ? error.code.keepsFromWriting : error.code.isFaultOfTheFile {
            self = .serve
        } else {
            self = isStrict || !error.code.isFaultOfTheFile ? .fail : .compute
        }
    }
}

extension TTLStoreError.Code {
    /// Whether the machine or the file is at fault, so that a cache can be done without: nothing that the caller could
    /// mend in its code, and nothing that closing or forking has done.
    ///
    /// A lock that another process keeps (`busy`); a file that can't take more, be read, or be trusted; one that was
    /// replaced, opened for reading only, or whose permissions have changed; and a clock that can't be right. An error
    /// of SQLite's that has no code of its own is no more the caller's fault than these.
    var isFaultOfTheFile: Bool {
        switch self {
        case .busy, .diskFull, .ioError, .corrupt, .outOfMemory, .database, .cannotOpen, .permissionDenied,
            .readOnlyFile, .readOnlyFolder, .readOnlyStore, .notADatabase, .foreignFile, .newerSchema, .fileReplaced,
            .severalNames, .logElsewhere, .clockOutOfRange:
            true
        default: false
        }
    }

    /// Whether the file can be read as ever.
    fileprivate var keepsFromWriting: Bool { [.busy, .diskFull, .readOnlyStore, .clockOutOfRange].contains(self) }
}
