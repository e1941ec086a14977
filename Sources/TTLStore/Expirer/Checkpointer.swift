internal import CTTLSQLite

/// Copies the log into the file, in two steps: most of it while others write, the rest under the write lock.
///
/// The WAL-reset bug (SQLite 3.7.0 to 3.51.2, https://www.sqlite.org/wal.html#walresetbug) needs a writer that resets
/// the log while a checkpoint without the write lock is running. Neither of our steps can meet one:
///
/// 1. The PASSIVE step runs while the connection `anchor` holds a read transaction. SQLite resets a log only when all
///    of it is copied and nobody reads from it. Where the wal-index shows that a part is not copied once the read has
///    begun, the read keeps the log (`Connection.keepsLog(with:)`). Where all of it is copied already, `anchor` writes
///    to the log in the same read transaction: a writer always reads from the log.
/// 2. The RESTART or TRUNCATE step takes the write lock before it reads the log's header, so no writer can reset the
///    log. If the lock is not to be had, SQLite would go on as in a PASSIVE checkpoint; the busy handler interrupts it
///    instead, and an interrupted checkpoint publishes nothing.
final class Checkpointer: @unchecked Sendable {
    // Sendable: `lock` is held for the whole of each checkpoint and guards the mutable properties; `handover`, held for
    // moments, guards `connections` as well, for `interrupt()`.
    /// How long the second step waits for a writer or a reader, while all writers wait for it.
    static let patience: Milliseconds = 20
    /// How long the first step waits to write its mark, where many processes write.
    private static let markPatience: Milliseconds = 200
    /// How long to wait for a closure of the program that has the turn.
    private static let turnPatience: Milliseconds = 200
    /// How often the first step is repeated at most, while writers append to the log faster than it copies.
    private static let rounds = 3
    /// So many frames may be left to the second step.
    private static let fewFrames = 200
    /// How long writers let an overlong log be after a checkpoint that did not finish.
    private static let writersRetry: Milliseconds = 500

    enum Outcome: Equatable {
        /// The log is in the file, and the next commit begins it anew.
        case complete
        /// Readers need a part of the log, a writer was in the way, or another process is copying it.
        case incomplete
    }

    private let file: StoreFile
    private let queue: CommitQueue
    private let clock: WallClock
    private let gauge: LogGauge
    private let activity: ActivityCounters
    /// Written where the argument above needs it. Other connections take it for a change of the data.
    private let mark = WorkClaim(name: "checkpoint")
    private let lock = Lock()
    private let handover = Lock()
    private var connections: (anchor: Connection, copier: Connection)?
    private var writersRetryAt = MonotonicTime(nanoseconds: 0)
    private var isClosed = false

    init(
        file: StoreFile, queue: CommitQueue, clock: WallClock, gauge: LogGauge, activity: ActivityCounters
    ) {
        self.file = file
        self.queue = queue
        self.clock = clock
        self.gauge = gauge
        self.activity = activity
    }

    /// - Parameter truncating: whether to cut the log's file off as well. Busy stores write over it instead, which is
    ///   cheaper than growing it again.
    func run(truncating: Bool) throws(TTLStoreError) -> Outcome {
        try lock.withLock { () throws(TTLStoreError) in try checkpoint(truncating: truncating) }
    }

    /// For a writer that found the log longer than `limit`: waits for the checkpoint that may be running, and does one
    /// itself if that did not help. Where readers keep the log long, not at each commit.
    func runForWriter(limit: Int) {
        lock.withLock {
            guard gauge.frames > limit, MonotonicTime.now >= writersRetryAt else { return }
            // A failure is the expirer's to report: the writer's own data is committed.
            if (try? checkpoint(truncating: false)) != .complete { writersRetryAt = .now + Checkpointer.writersRetry }
        }
    }

    private func checkpoint(truncating: Bool) throws(TTLStoreError) -> Outcome {
        try checkOpen()
        try file.checkIdentity(in: "checkpoint")
        do {
            let (anchor, copier) = try openConnections()
            try checkOpen()
            do {
                try copyAndFlush(anchor, copier)
            } catch let error as TTLStoreError where error.code == .diskFull {
                // Not even the mark finds space. The second step alone needs none in the log, and gives the log's back.
                return try finish(copier, SQLITE_CHECKPOINT_TRUNCATE)
            }
            return try finish(copier, truncating ? SQLITE_CHECKPOINT_TRUNCATE : SQLITE_CHECKPOINT_RESTART)
        } catch let error as TTLStoreError where error.code == .busy && error.sqliteCode == nil {
            // A closure of the program has the turn.
            return .incomplete
        } catch {
            throw TTLStoreError(any: error, in: "checkpoint")
        }
    }

    /// Ends a checkpoint that is running; what it has copied counts for nothing. Callable from any thread.
    func interrupt() { handover.withLock { connections?.copier.interrupt() } }

    func close() {
        lock.withLock {
            isClosed = true
            let closing = handover.withLock {
                defer { connections = nil }
                return connections
            }
            closing?.anchor.close()
            closing?.copier.close()
        }
    }

    private func openConnections() throws(SQLiteError) -> (anchor: Connection, copier: Connection) {
        if let connections { return connections }
        let anchor = try file.openAnother(queryOnly: false)
        let copier = try file.openAnother(queryOnly: false)
        copier.busyPolicy.onGivingUp = { [unowned copier] in copier.interrupt() }
        anchor.busyPolicy.timeout = Checkpointer.markPatience
        copier.busyPolicy.timeout = Checkpointer.patience
        // On a connection that has read nothing yet, older versions of SQLite take a checkpoint for done.
        _ = try copier.integer("PRAGMA schema_version")
        handover.withLock { connections = (anchor, copier) }
        return (anchor, copier)
    }

    /// An interrupt ends what runs; what has not begun when the store closes does not begin.
    private func checkOpen() throws(TTLStoreError) {
        if isClosed || file.stop.isSet { throw .closed("checkpoint") }
    }

    /// The first step. Flushes what it copied, so that the second step, which SQLite lets flush everything under the
    /// lock, finds little to do; and is repeated while writers append much in the meantime.
    private func copyAndFlush(_ anchor: Connection, _ copier: Connection) throws {
        for _ in 0..<Checkpointer.rounds {
            try checkOpen()
            let before = gauge.frames
            try copyMost(anchor, copier)
            try copier.flush(SQLITE_FCNTL_FILE_POINTER)
            if gauge.frames - before < Checkpointer.fewFrames { break }
        }
        try copier.flush(SQLITE_FCNTL_JOURNAL_POINTER)
    }

    private func copyMost(_ anchor: Connection, _ copier: Connection) throws {
        let snapshot = try Statement("SELECT name FROM sqlite_schema", on: anchor)
        defer { snapshot.reset() }
        if try !anchor.keepsLog(with: snapshot) {
            try withTurn { (_) throws(TTLStoreError) in
                do { try write(mark, anchor, keeping: snapshot) } catch {
                    throw TTLStoreError(any: error, in: "checkpoint")
                }
            }
        }
        // Incomplete where another program's checkpoint is running, which then does the copying.
        _ = try outcome(of: checkpoint(copier, SQLITE_CHECKPOINT_PASSIVE), copier)
    }

    /// Writes the mark, and leaves `snapshot` in the middle of its rows, which keeps the read transaction open.
    private func write(_ mark: WorkClaim, _ anchor: Connection, keeping snapshot: Statement) throws {
        try anchor.execute("BEGIN IMMEDIATE")
        let begun = MonotonicTime.now
        defer { activity.noteHold(since: begun) }
        do {
            guard try snapshot.step() else { throw SQLiteError(code: SQLITE_ERROR, message: "no snapshot is held") }
            try mark.claim(anchor, now: clock.now)
            try anchor.execute("COMMIT")
        } catch {
            snapshot.reset()
            try? anchor.execute("ROLLBACK")
            throw error
        }
    }

    /// Not for ever: a closure of the program may keep the turn.
    private func withTurn<Success>(
        _ body: (EntryWriter) throws(TTLStoreError) -> Success
    ) throws(TTLStoreError) -> Success {
        try queue.withTurn("checkpoint", deadline: .now + Checkpointer.turnPatience) { (writer) throws(TTLStoreError) in
            try body(writer)
        }
    }

    private func finish(_ copier: Connection, _ mode: Int32) throws -> Outcome {
        let deadline = MonotonicTime.now + Checkpointer.patience
        while true {
            let code = try withTurn { (_) throws(TTLStoreError) in
                let begun = MonotonicTime.now
                let code = checkpoint(copier, mode)
                activity.noteHold(since: begun)
                if code == SQLITE_OK {
                    gauge.set(0)
                    activity.noteCheckpoint()
                }
                return code
            }
            // SQLite calls no busy handler where another program's automatic checkpoint is running.
            guard code & 0xff == SQLITE_BUSY, MonotonicTime.now < deadline, !file.stop.isSet else {
                return try outcome(of: code, copier)
            }
            sleepThread(microseconds: 1000)
        }
    }

    private func checkpoint(_ copier: Connection, _ mode: Int32) -> Int32 {
        sqlite3_wal_checkpoint_v2(copier.handle, "main", mode, nil, nil)
    }

    private func outcome(of code: Int32, _ copier: Connection) throws(SQLiteError) -> Outcome {
        switch code & 0xff {
        case SQLITE_OK: return .complete
        case SQLITE_BUSY, SQLITE_INTERRUPT, SQLITE_LOCKED: return .incomplete
        default: throw SQLiteError(code: code, connection: copier.handle)
        }
    }
}
