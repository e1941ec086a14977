/// What went wrong, in one line, without keys and values.
///
/// Match on the code: `catch let error where error.code == .busy`, or `catch TTLStoreError.Code.busy`. Unless
/// `isOutcomeUnknown` is true, an operation that throws has changed nothing; only a purge, which works in batches,
/// keeps the batches before the error.
///
/// The documentation of an operation speaks of "the errors of a read" and "the errors of a write". The errors of a read
/// are `closed`, `forked`, `reentrant`, `busy`, `ioError`, `corrupt`, `outOfMemory`, `database`; `valueTooLarge` for a
/// stored value that is larger than `Configuration.maximumValueSize` and 16 MiB; where it opens another connection,
/// `cannotOpen` and `permissionDenied`, or `readOnlyFolder` for a read-only store beside which a writer was killed; and
/// `fileReplaced` in that case or where the log is known to be gone. The errors of a write are the same, and
/// `readOnlyStore`, `fileReplaced`, `diskFull` and, where it stores a time, `clockOutOfRange`.
public struct TTLStoreError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The kind of failure.
    public var code: Code

    /// One line for a person. Never holds a key or a value.
    public var message: String

    /// The operation that failed, e.g. `set`.
    public var operation: String

    /// SQLite's extended result code (https://www.sqlite.org/rescode.html), when SQLite reported the failure.
    public var sqliteCode: Int32?

    /// True when the commit itself failed, so that the change may or may not be in the file: a failed `fdatasync` can't
    /// be undone. False where the disk, a quota or a file-size limit had no room for the commit.
    public var isOutcomeUnknown = false

    /// `set: the disk is full (SQLite 13)`
    public var description: String {
        var text = "\(operation): \(message)"
        if let sqliteCode { text += " (SQLite \(sqliteCode))" }
        if isOutcomeUnknown { text += "; it is unknown whether the change was kept" }
        return text
    }
}

extension TTLStoreError {
    /// A kind of failure. More may be added, so a `switch` over codes needs a `default`.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        private enum Kind: String {
            case invalidConfiguration, cannotOpen, permissionDenied, readOnlyFile, readOnlyFolder, notADatabase
            case foreignFile, newerSchema, severalNames, logElsewhere, forked, closed, fileReplaced, readOnlyStore
            case fileExists
            case invalidKey, invalidTag, valueTooLarge, invalidExpiry, invalidArgument, encodingFailed, decodingFailed
            case wrongKind, numberOverflow, reentrant, transactionEnded, wrongThread, timedOut
            case clockOutOfRange, busy, diskFull, ioError, corrupt, outOfMemory, database
        }

        private let kind: Kind

        /// The code's name, e.g. `diskFull`.
        public var description: String { kind.rawValue }

        // MARK: Opening

        /// A setting is out of its range.
        public static let invalidConfiguration = Code(kind: .invalidConfiguration)
        /// The path can't be opened: it is missing, a folder, or not reachable. Or the file is of an older schema and
        /// can't be upgraded, since a table, view, index or trigger of somebody's own has a name that the newer schema
        /// needs; the message names it.
        public static let cannotOpen = Code(kind: .cannotOpen)
        /// The file system refuses access to the file or its folder.
        public static let permissionDenied = Code(kind: .permissionDenied)
        /// The file may be read but not written, and the store was opened for writing.
        public static let readOnlyFile = Code(kind: .readOnlyFile)
        /// The folder may not be written, and SQLite keeps its log beside the file.
        public static let readOnlyFolder = Code(kind: .readOnlyFolder)
        /// The file is no SQLite database.
        public static let notADatabase = Code(kind: .notADatabase)
        /// The file is a database of another program.
        public static let foreignFile = Code(kind: .foreignFile)
        /// A newer version of this library wrote the file.
        public static let newerSchema = Code(kind: .newerSchema)
        /// The file has several names: it has hard links, or was mounted by itself, as by Docker's `-v file:file`.
        /// SQLite keeps the log beside the name by which a file is opened, so two names make two logs.
        /// Opening for writing is refused: remove the other names, or mount the folder. See <doc:SeveralProcesses>.
        public static let severalNames = Code(kind: .severalNames)
        /// The file is open elsewhere, in this process or another one, and its log doesn't lie beside the path: the log
        /// was deleted, or the file was opened by another name. Close it there first.
        public static let logElsewhere = Code(kind: .logElsewhere)

        // MARK: Using an open store

        /// The process was forked while a store had the file open. The child can use neither that store nor, until it
        /// calls `exec`, one of its own on the same file.
        public static let forked = Code(kind: .forked)
        /// The store is closed, or was closed while the operation waited.
        public static let closed = Code(kind: .closed)
        /// The file, its log (`-wal`) or its shared memory (`-shm`) was removed, renamed or replaced while the store
        /// was open. A path that can't be looked at does not count, e.g. after the process has given up its privileges:
        /// the store goes on with the open file. <doc:SeveralProcesses> says what holds after this error.
        public static let fileReplaced = Code(kind: .fileReplaced)
        /// The store was opened for reading only.
        public static let readOnlyStore = Code(kind: .readOnlyStore)

        // MARK: Maintenance

        /// The destination of a backup exists already.
        public static let fileExists = Code(kind: .fileExists)

        // MARK: Arguments and values

        /// The key is empty or longer than `TTLStore.maximumKeyLength`.
        public static let invalidKey = Code(kind: .invalidKey)
        /// The tag is empty or longer than `TTLStore.maximumKeyLength`.
        public static let invalidTag = Code(kind: .invalidTag)
        /// A value to store is larger than the configuration allows, or a stored value is larger than a read returns.
        public static let valueTooLarge = Code(kind: .valueTooLarge)
        /// A time to live of zero or less, or an expiry that no date can hold.
        public static let invalidExpiry = Code(kind: .invalidExpiry)
        /// Another argument is out of its range.
        public static let invalidArgument = Code(kind: .invalidArgument)
        /// The value can't be stored: it can't be written as JSON, is an integer beyond 64 bits with a sign, or is an
        /// optional (for `getOrCompute`: nil).
        public static let encodingFailed = Code(kind: .encodingFailed)
        /// The stored text is not JSON of the requested type; the stored integer is beyond the range of the requested
        /// type; or an optional was requested, which is never stored (`getOrCompute` reads it as the wrapped type).
        public static let decodingFailed = Code(kind: .decodingFailed)
        /// The stored value is of another kind than the requested one, e.g. bytes instead of text.
        public static let wrongKind = Code(kind: .wrongKind)
        /// The sum leaves the range of 64-bit integers.
        public static let numberOverflow = Code(kind: .numberOverflow)

        // MARK: Closures

        /// A closure started an operation that would wait for that very closure: the closure of a transaction called
        /// the store itself, or wrote to the file through another store; the `progress` closure of a vacuum wrote to
        /// the store; or the closure of `getOrCompute` asked for its own key.
        public static let reentrant = Code(kind: .reentrant)
        /// A `Transaction` was used after its closure had returned.
        public static let transactionEnded = Code(kind: .transactionEnded)
        /// A `Transaction` was used on another thread than the one that runs its closure.
        public static let wrongThread = Code(kind: .wrongThread)
        /// Another caller was still computing the value after the longest time to wait for it.
        public static let timedOut = Code(kind: .timedOut)

        // MARK: The machine

        /// The clock stands before 3 March 1973 or after the year 9999. The store then stores nothing and deletes no
        /// expired entry. Reads and removals work, and everything else works once the clock is right.
        public static let clockOutOfRange = Code(kind: .clockOutOfRange)
        /// For longer than the configured timeout, another process or connection held a lock, other work of this store
        /// had the writing connection, or all readers were in use.
        public static let busy = Code(kind: .busy)
        /// No space is left for the file or its log: on the disk, in a quota, or below the process's file-size limit.
        public static let diskFull = Code(kind: .diskFull)
        /// The operating system failed to read or write.
        public static let ioError = Code(kind: .ioError)
        /// The file's structure is damaged.
        public static let corrupt = Code(kind: .corrupt)
        /// Memory ran out.
        public static let outOfMemory = Code(kind: .outOfMemory)
        /// Another error of SQLite's; `sqliteCode` says which.
        public static let database = Code(kind: .database)

        /// Lets a code stand in a `catch` pattern.
        public static func ~= (code: Code, error: any Error) -> Bool {
            (error as? TTLStoreError)?.code == code
        }
    }
}

extension TTLStoreError {
    init(_ code: Code, _ message: String, in operation: String) {
        self.init(code: code, message: message, operation: operation, sqliteCode: nil)
    }

    static func closed(_ operation: String) -> TTLStoreError {
        TTLStoreError(.closed, "the store is closed", in: operation)
    }

    static func allBusy(_ operation: String) -> TTLStoreError {
        TTLStoreError(.busy, "all readers of this store were busy for too long", in: operation)
    }

    func renamed(_ operation: String) -> TTLStoreError {
        var error = self
        error.operation = operation
        return error
    }
}
