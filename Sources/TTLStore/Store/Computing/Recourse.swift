/// What a caller of `getOrCompute` does when an operation on the file has failed.
enum Recourse: Equatable {
    /// Throws the error.
    case fail
    /// Tries to acquire the lease: that reads as well, through another connection.
    case acquireLease
    /// Reads again, and serves what is there: nobody needs the lease to be served a stale value.
    case serve
    /// Computes the value without a lease, and doesn't store it: without the lease another caller may compute it at the
    /// same time. The next miss stores a value.
    case compute

    init(readingFailed error: TTLStoreError, isStrict: Bool) {
        guard !isStrict, error.code.isFaultOfTheFile else {
            self = .fail
            return
        }
        // A caller that has waited for a lock until the timeout doesn't wait for it again.
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
    /// Whether the machine or the file is at fault, so that the value can be computed without the cache. Not so for a
    /// mistake in the caller's code, and for the effects of closing or forking.
    ///
    /// A lock that another process keeps (`busy`); a file that can't take more, be read, or be trusted; one that was
    /// replaced, opened for reading only, or whose permissions have changed; and a clock that can't be right. An error
    /// of SQLite without a code of its own is not the caller's fault either.
    var isFaultOfTheFile: Bool {
        switch self {
        case .busy, .diskFull, .ioError, .corrupt, .outOfMemory, .database, .cannotOpen, .permissionDenied,
            .readOnlyFile, .readOnlyFolder, .readOnlyStore, .notADatabase, .foreignFile, .newerSchema, .fileReplaced,
            .severalNames, .logElsewhere, .clockOutOfRange:
            true
        default: false
        }
    }

    /// Whether the error concerns writes only, so that the file can still be read.
    fileprivate var keepsFromWriting: Bool { [.busy, .diskFull, .readOnlyStore, .clockOutOfRange].contains(self) }
}
