internal import CTTLSQLite
import Synchronization

/// Copies the log into the file, in two steps: most of it while others write, the rest under the write lock.
///
/// The WAL-reset bug (SQLite 3.7.0 to 3.51.2, https://www.sqlite.org/wal.html#walresetbug) needs a writer that resets
/// the log while a checkpoint without the write lock is running. Neither step of this class can meet one:
///
/// 1. The PASSIVE step runs while the connection `anchor` holds a read transaction. SQLite resets a log only when all
///    of it is copied and no connection reads from it. Where the wal-index shows that a part is not copied once the
///    read has begun, the read keeps the log (`Connection.keepsLog(with:)`). Otherwise there is nothing to copy, and
///    the step is left out.
/// 2. The RESTART or TRUNCATE step takes the write lock before it reads the log's header, so no writer can reset the
///    log. If the lock is busy, SQLite would go on as in a PASSIVE checkpoint; the busy handler interrupts it
///    instead, and an interrupted checkpoint publishes nothing.
///
/// A process that has given up its privileges after it opened the store, or has no descriptors left, can't open the two
/// connections. Then the second step runs alone, on the writing connection and with the turn held. The argument for it
/// is the same, since it does not depend on another connection: the step has the write lock before it reads the log's
/// header, or publishes nothing. Writers wait longer for it.
///
/// One checkpoint runs at a time; a second one gives up at once. A log that has grown to half of its limit is copied
/// with the turn held throughout, so that the store's own writers can't outrun it, and its own readers make room for
/// the second step.
final class Checkpointer: @unchecked Sendable {
    // Sendable: `isRunning`, changed under the lock, gives the connections to one thread at a time; the lock guards
    // them as well, for `interrupt()`.
    /// How long the second step waits for a writer or a reader, while all writers wait for it.
    static let patience: Milliseconds = 20
    /// How long the store's own reads wait at most, so that SQLite can begin a long log anew.
    static let readerPause: Milliseconds = 250
    /// How often the first step runs at most, while writers append to the log faster than it copies.
    static let rounds = 3
    /// How many frames may be left to the second step.
    static let fewFrames = 200
    /// How long the holder of the turn waits for a running checkpoint, so that the log does not outgrow it.
    private static let writersPatience: Milliseconds = 1000
    /// How long writers leave an overlong log alone after a checkpoint that did not finish.
    private static let writersRetry: Milliseconds = 500

    enum Outcome: Equatable {
        /// The log is in the file, and the next commit begins it anew.
        case complete
        /// Readers need a part of the log, a writer was in the way, or another checkpoint is running.
        case incomplete
    }

    let file: StoreFile
    let queue: CommitQueue
    let readers: ReaderPool
    let clock: WallClock
    let gauge: LogGauge
    let activity: ActivityCounters
    /// The log's limit, in frames.
    let limit: Int
    /// Whether an operation of the store's own reads one snapshot for long, so that there is no moment without reads.
    let hasLongRead: @Sendable () -> Bool
    let lock = Lock()
    let changed: Condition
    var connections: (anchor: Connection, copier: Connection)?
    let isRunning = Atomic<Bool>(false)
    /// Whether the running checkpoint waits for the turn; changed under the lock.
    let wantsTurn = Atomic<Bool>(false)
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

    /// Runs a checkpoint. The caller does not have the turn of the writing connection; the checkpoint takes it where
    /// needed.
    /// - Parameter truncating: whether to cut the log's file off as well. A busy store overwrites the log instead,
    ///   which is cheaper than growing it again.
    func run(truncating: Bool) throws(TTLStoreError) -> Outcome {
        try exclusively { () throws(TTLStoreError) in
            if gauge.frames <= limit / 2 { return try checkpoint(truncating: truncating, holdsTurn: false) }
            return try withTurn { () throws(TTLStoreError) in
                try checkpoint(truncating: truncating, holdsTurn: true)
            }
        }
    }

    /// Whether the holder of the turn has to copy the log, since the thread can't keep up or does not exist. Not at
    /// each commit, if readers keep the log long.
    var isDueForWriter: Bool {
        gauge.frames > limit && !wantsTurn.load(ordering: .relaxed)
            && MonotonicTime.now.nanoseconds >= writersRetryAt.load(ordering: .relaxed) && !readers.isRoomDenied
    }

    /// Called by the holder of the turn after its commit. Runs a checkpoint, or waits for the running one, until that
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
        // The expirer reports a failure: the writer's own data is committed.
        let outcome = try? exclusively { () throws(TTLStoreError) in
            try checkpoint(truncating: false, holdsTurn: true)
        }
        guard outcome != .complete else { return }
        writersRetryAt.store((MonotonicTime.now + Checkpointer.writersRetry).nanoseconds, ordering: .relaxed)
    }

    private func exclusively(_ body: () throws(TTLStoreError) -> Outcome) throws(TTLStoreError) -> Outcome {
        let mayRun = lock.withLock { () -> Bool in
            guard !file.stop.isSet, !isRunning.load(ordering: .relaxed) else { return false }
            isRunning.store(true, ordering: .relaxed)
            gauge.markCheckpoint()
            return true
        }
        guard mayRun else {
            if file.stop.isSet { throw .closed("checkpoint") }
            return .incomplete
        }
        defer {
            lock.withLock {
                isRunning.store(false, ordering: .relaxed)
                gauge.markCheckpoint()
                changed.broadcast()
            }
        }
        return try body()
    }

    /// Ends a running checkpoint, whose copies then don't count. Callable from any thread.
    func interrupt() { lock.withLock { connections?.copier.interrupt() } }

    /// Waits for the running checkpoint. `stop` is set before.
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
}
