/// The only BEGIN and COMMIT around changes of the store's entries. It belongs to the holder of the turn.
final class WriteTransaction {
    /// Why nothing was committed.
    struct Failure: Error {
        enum Phase {
            case begin
            case body
            case commit
        }

        let phase: Phase
        let error: any Error
        /// The holder of the lock, if it was busy.
        var holder: LockHolder?

        /// The error for the caller of the operation.
        func error(in operation: String) -> TTLStoreError {
            if phase == .commit, let error = error as? SQLiteError {
                return TTLStoreError(error, in: operation, committing: true)
            }
            let error = TTLStoreError(any: error, in: operation)
            return phase == .begin ? error.renamed(operation).naming(holder) : error
        }
    }

    let writer: EntryWriter
    private let file: StoreFile
    private let activity: ActivityCounters
    let forkGeneration = ForkGuard.generation()
    private(set) var foreignCommits: ForeignCommits
    private let gauge: LogGauge?
    private let beginning: Statement
    private let committing: Statement
    private let rollingBack: Statement
    /// Called after each commit, with the turn held and no lock. Set before the first one.
    var onCommit: (TransactionChanges) -> Void = { _ in }
    /// Learns of each commit before others can read it. Set before the first one.
    var memory: ReadMemory?

    /// - Parameter gauge: nil in memory.
    init(
        _ writer: EntryWriter, file: StoreFile, activity: ActivityCounters, gauge: LogGauge?
    ) throws(SQLiteError) {
        self.writer = writer
        self.file = file
        self.activity = activity
        self.gauge = gauge
        foreignCommits = ForeignCommits(writer.connection, gauge)
        // IMMEDIATE: the write lock first, then the snapshot, so that a transaction never finds itself outdated
        // (`SQLITE_BUSY_SNAPSHOT`).
        beginning = try Statement("BEGIN IMMEDIATE", on: writer.connection, persistent: true)
        committing = try Statement("COMMIT", on: writer.connection, persistent: true)
        rollingBack = try Statement("ROLLBACK", on: writer.connection, persistent: true)
    }

    /// The length of the log after the latest commit.
    var logFrames: Int { gauge?.frames ?? 0 }

    /// Runs `body` between BEGIN and COMMIT, and hands its changes to `onCommit`.
    /// - Parameter lockTimeout: how long to wait for another process's lock.
    /// - Throws: the error and its phase. Then nothing is changed, unless the error of the COMMIT says that the outcome
    ///   is unknown.
    func run<Success>(
        lockTimeout: Milliseconds, _ body: (EntryWriter) throws -> Success
    ) throws(Failure) -> Success {
        writer.connection.busyPolicy.timeout = max(0, lockTimeout)
        do throws(SQLiteError) { try beginning.run() } catch {
            throw Failure(phase: .begin, error: error, holder: file.lockHolder(after: error, writer.connection))
        }
        let begun = MonotonicTime.now
        foreignCommits.look()
        var phase = Failure.Phase.begin
        let success: Success
        do {
            try file.checkIdentity(in: "begin")
            phase = .body
            success = try body(writer)
            phase = .commit
            memory?.beginCommit()
            try committing.run()
        } catch {
            // Not in the child of a closure that has forked, which may have inherited a lock that is held.
            if phase == .commit { memory?.endCommit(writer.changes.keys) }
            rollBack()
            activity.noteHold(since: begun)
            throw Failure(phase: phase, error: error)
        }
        memory?.endCommit(writer.changes.keys)
        activity.noteHold(since: begun)
        onCommit(writer.takeChanges())
        return success
    }

    private func rollBack() {
        writer.forgetChanges()
        // In the child of a closure that has forked, the transaction belongs to the parent.
        guard ForkGuard.current == forkGeneration else { return }
        // Fails only if SQLite has already rolled back.
        try? rollingBack.run()
    }
}
