internal import CTTLSQLite
import Synchronization

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
///
/// Where the process may open no more connections, having given up its privileges after it opened the store, or has no
/// descriptors left, the second step runs alone, on the writing connection and with the turn held. For that one the
/// argument is the same, since it asks for no other connection's help: it has the write lock before it reads the log's
/// header, or copies nothing that counts. Writers wait for it longer.
///
/// One checkpoint runs at a time; a second one gives up at once. A log that has grown to half of its limit is copied
/// with the turn held throughout, so that the store's own writers can't outrun it, and its own readers make room for
/// the second step.
final class Checkpointer: @unchecked Sendable {
    // Sendable: `isRunning`, changed under the lock, gives one thread at a time the connections; the lock guards them
    // as well, for `interrupt()`.
    /// How long the second step waits for a writer or a reader, while all writers wait for it.
    static let patience: Milliseconds = 20
    /// How long the store's own reads are kept waiting at most, so that a long log can be begun anew.
    static let readerPause: Milliseconds = 250
    /// How long the first step waits to write its mark, where many processes write.
    private static let markPatience: Milliseconds = 200
    /// How often the first step is repeated at most, while writers append to the log faster than it copies.
    private static let rounds = 3
    /// So many frames may be left to the second step.
    private static let fewFrames = 200
    /// How long the holder of the turn waits for a checkpoint that is running, so that the log does not outrun it.
    private static let writersPatience: Milliseconds = 1000
    /// How long writers let an overlong log be after a checkpoint that did not finish.
    private static let writersRetry: Milliseconds = 500

    enum Outcome: Equatable {
        /// The log is in the file, and the next commit begins it anew.
        case complete
        /// Readers need a part of the log, a writer was in the way, or another checkpoint is running.
        case incomplete
    }

    private let file: StoreFile
    private let queue: CommitQueue
    private let readers: ReaderPool
    private let clock: WallClock
    private let gauge: LogGauge
    private let activity: ActivityCounters
    /// The log's limit, in frames.
    private let limit: Int
    /// Whether an operation of the store's own reads one snapshot for long, so that no room can be made.
    private let hasLongRead: @Sendable () -> Bool
    /// Written where the argument above needs it. Other connections take it for a change of the data.
    private let mark = WorkClaim(name: "checkpoint")
    private let lock = Lock()
    private let changed: Condition
    private var connections: (anchor: Connection, copier: Connection)?
    private let isRunning = Atomic<Bool>(false)
    /// Whether the checkpoint that runs waits for the turn; changed under the lock.
    private let wantsTurn = Atomic<Bool>(false)
    /// In nanoseconds.
    private let writersRetryAt = Atomic<Int64>(0)

    init(
        file: StoreFile, queue: CommitQueue, readers: ReaderPool, clock: WallClock, gauge: LogGauge, limit: Int,
        activity: ActivityCounters, hasLongRead: @escaping @Sendable () -> Bool
    ) {
        self.file = file
        self.queue = queue
        self.readers = readers
        self.clock = clock
        self.gauge = gauge
        self.limit = limit
        self.activity = activity
        self.hasLongRead = hasLongRead
        changed = Condition(for: lock)
    }

    // MARK: Who does it

    /// Without the turn of the writing connection; takes it where it needs it.
    /// - Parameter truncating: whether to cut the log's file off as well. Busy stores write over it instead, which is
    ///   cheaper than growing it again.
    func run(truncating: Bool) throws(TTLStoreError) -> Outcome {
        try alone { () throws(TTLStoreError) in
            if gauge.frames <= limit / 2 { return try checkpoint(truncating: truncating, holdsTurn: false) }
            return try withTurn { () throws(TTLStoreError) in
                try checkpoint(truncating: truncating, holdsTurn: true)
            }
        }
    }

    /// Whether the holder of the turn has to see to the log: the thread can't keep up, or there is none. Where readers
    /// keep the log long, not at each commit.
    var isDueForWriter: Bool {
        gauge.frames > limit && !wantsTurn.load(ordering: .relaxed)
            && MonotonicTime.now.nanoseconds >= writersRetryAt.load(ordering: .relaxed)
    }

    /// By the holder of the turn, after its commit: a checkpoint, or a wait for the one that is running, until that
    /// has ended or wants the turn.
    func runForWriter() {
        let isWaitOver = lock.withLock { () -> Bool in
            guard isRunning.load(ordering: .relaxed) else { return false }
            let deadline = MonotonicTime.now + Checkpointer.writersPatience
            while isRunning.load(ordering: .relaxed), !wantsTurn.load(ordering: .relaxed), .now < deadline {
                changed.wait(until: deadline)
            }
            return .now < deadline
        }
        if isWaitOver { return }
        // A failure is the expirer's to report: the writer's own data is committed.
        let outcome = try? alone { () throws(TTLStoreError) in try checkpoint(truncating: false, holdsTurn: true) }
        guard outcome != .complete else { return }
        writersRetryAt.store((MonotonicTime.now + Checkpointer.writersRetry).nanoseconds, ordering: .relaxed)
    }

    private func alone(_ body: () throws(TTLStoreError) -> Outcome) throws(TTLStoreError) -> Outcome {
        let mayRun = lock.withLock { () -> Bool in
            guard !file.stop.isSet, !isRunning.load(ordering: .relaxed) else { return false }
            isRunning.store(true, ordering: .relaxed)
            return true
        }
        guard mayRun else {
            if file.stop.isSet { throw .closed("checkpoint") }
            return .incomplete
        }
        defer {
            lock.withLock {
                isRunning.store(false, ordering: .relaxed)
                changed.broadcast()
            }
        }
        return try body()
    }

    /// Ends a checkpoint that is running; what it has copied counts for nothing. Callable from any thread.
    func interrupt() { lock.withLock { connections?.copier.interrupt() } }

    /// Waits for the checkpoint that is running. `stop` is set before.
    func close() {
        lock.lock()
        while isRunning.load(ordering: .relaxed) {
            connections?.copier.interrupt()
            changed.wait(until: .now + 2)
        }
        let closing = connections
        connections = nil
        lock.unlock()
        closing?.anchor.close()
        closing?.copier.close()
    }

    // MARK: The two steps

    private func checkpoint(truncating: Bool, holdsTurn: Bool) throws(TTLStoreError) -> Outcome {
        try checkUsable()
        do {
            guard let (anchor, copier) = try openConnections() else {
                return try checkpointAlone(truncating: truncating, holdsTurn: holdsTurn)
            }
            try checkUsable()
            do {
                try copyAndFlush(anchor, copier, holdsTurn)
            } catch let error as TTLStoreError where error.code == .diskFull {
                // Not even the mark finds space. The second step alone needs none in the log, and gives the log's back.
                return try finish(copier, SQLITE_CHECKPOINT_TRUNCATE, holdsTurn)
            }
            let mode = truncating ? SQLITE_CHECKPOINT_TRUNCATE : SQLITE_CHECKPOINT_RESTART
            guard holdsTurn || gauge.frames > limit / 2, !hasLongRead() else {
                return try finish(copier, mode, holdsTurn)
            }
            defer { readers.letGoOn() }
            makeRoom()
            return try finish(copier, mode, holdsTurn)
        } catch let error as TTLStoreError where error.code == .busy && error.sqliteCode == nil {
            // Other work has the turn.
            return .incomplete
        } catch {
            throw TTLStoreError(any: error, in: "checkpoint")
        }
    }

    private func makeRoom() {
        let begun = MonotonicTime.now
        _ = readers.holdBack(for: Checkpointer.readerPause)
        activity.noteReaderPause(since: begun)
    }

    /// The second step on the writing connection, which has no transaction open while the turn is held.
    private func checkpointAlone(truncating: Bool, holdsTurn: Bool) throws(TTLStoreError) -> Outcome {
        try withTurn(holdsTurn) { () throws(TTLStoreError) in
            let connection = queue.writer.connection
            let timeout = connection.busyPolicy.timeout
            connection.busyPolicy.timeout = Checkpointer.patience
            connection.busyPolicy.onGivingUp = { [unowned connection] in connection.interrupt() }
            let canMakeRoom = !hasLongRead()
            if canMakeRoom { makeRoom() }
            defer {
                if canMakeRoom { readers.letGoOn() }
                connection.busyPolicy.onGivingUp = nil
                connection.busyPolicy.timeout = timeout
                connection.forgetInterrupt()
            }
            do {
                return try finish(
                    connection, truncating ? SQLITE_CHECKPOINT_TRUNCATE : SQLITE_CHECKPOINT_RESTART, true)
            } catch { throw TTLStoreError(any: error, in: "checkpoint") }
        }
    }

    /// - Returns: nil where the process may open none.
    private func openConnections() throws(SQLiteError) -> (anchor: Connection, copier: Connection)? {
        if let connections { return connections }
        let (anchor, copier): (Connection, Connection)
        do throws(SQLiteError) {
            anchor = try file.openAnother(queryOnly: false)
            copier = try file.openAnother(queryOnly: false)
        } catch {
            guard ReaderPool.isRefusal(TTLStoreError(error, in: "checkpoint")) else { throw error }
            return nil
        }
        copier.busyPolicy.onGivingUp = { [unowned copier] in copier.interrupt() }
        anchor.busyPolicy.timeout = Checkpointer.markPatience
        copier.busyPolicy.timeout = Checkpointer.patience
        // On a connection that has read nothing yet, older versions of SQLite take a checkpoint for done.
        _ = try copier.integer("PRAGMA schema_version")
        lock.withLock { connections = (anchor, copier) }
        return (anchor, copier)
    }

    /// What has not begun when the store closes does not begin. And nothing is copied from a log that others don't see:
    /// the file may be that of their log by now.
    private func checkUsable() throws(TTLStoreError) {
        if file.stop.isSet { throw .closed("checkpoint") }
        try file.checkIdentity(in: "checkpoint")
    }

    /// The first step. Flushes what it copied, so that the second step, which SQLite lets flush everything under the
    /// lock, finds little to do; and is repeated while writers append much in the meantime.
    private func copyAndFlush(_ anchor: Connection, _ copier: Connection, _ holdsTurn: Bool) throws {
        for _ in 0..<Checkpointer.rounds {
            try checkUsable()
            let before = gauge.frames
            try copyMost(anchor, copier, holdsTurn)
            try copier.flush(SQLITE_FCNTL_FILE_POINTER)
            // Where writers are faster than it, the second step keeps them waiting.
            if gauge.frames - before < Checkpointer.fewFrames || gauge.frames > limit / 2 { break }
        }
        try copier.flush(SQLITE_FCNTL_JOURNAL_POINTER)
    }

    private func copyMost(_ anchor: Connection, _ copier: Connection, _ holdsTurn: Bool) throws {
        let snapshot = try Statement("SELECT name FROM sqlite_schema", on: anchor)
        defer { snapshot.reset() }
        if try !anchor.keepsLog(with: snapshot) {
            try withTurn(holdsTurn) { () throws(TTLStoreError) in
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
        _ isHeld: Bool = false, _ body: () throws(TTLStoreError) -> Success
    ) throws(TTLStoreError) -> Success {
        if isHeld { return try body() }
        noteWish(true)
        defer { noteWish(false) }
        let isLong = gauge.frames > limit / 2
        return try queue.withTurn("checkpoint", patience: .ownThread, first: isLong) { (_) throws(TTLStoreError) in
            noteWish(false)
            return try body()
        }
    }

    private func noteWish(_ wants: Bool) {
        lock.withLock {
            wantsTurn.store(wants, ordering: .relaxed)
            changed.broadcast()
        }
    }

    private func finish(_ copier: Connection, _ mode: Int32, _ holdsTurn: Bool) throws -> Outcome {
        let deadline = MonotonicTime.now + Checkpointer.patience
        while true {
            try file.checkIdentity(in: "checkpoint")
            let code = try withTurn(holdsTurn) { () throws(TTLStoreError) in
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
