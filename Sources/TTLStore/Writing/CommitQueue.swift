import Dispatch
import Synchronization

/// Gives the writing connection to one user at a time, and lets concurrent writers share commits.
///
/// Whoever finds the turn free leads: it opens a transaction, runs its own request and those of everybody who waits,
/// commits once, and hands out the results. A lone writer therefore takes no detour. A request that may fail half way,
/// such as a transaction with a closure of the program, is a group by itself. Work on the store's own behalf (a batch
/// of the expirer, a checkpoint) takes the turn without a request; groups and such work alternate, so neither starves.
///
/// The lock is never held while SQLite works. What it guards, and what belongs to the holder of the turn, stands beside
/// each property.
final class CommitQueue: @unchecked Sendable {
    // Sendable: the lock guards the mutable properties; `writer` is used only by the holder of the turn.
    let writer: EntryWriter
    let commit: CommitStatements
    let file: StoreFile
    let forkGeneration = ForkGuard.generation()
    /// Called after each commit, with the turn held and no lock, with the earliest expiry that was written. Set before
    /// the queue is used; never called again once `close()` has returned.
    var onCommit: @Sendable (Timestamp?) -> Void = { _ in }
    /// The earliest expiry that the holder of the turn has committed, and how many shared the last commit; the
    /// holder's.
    var earliestExpiry: Timestamp?
    var lastMembers = 1
    /// Whether something has left the store of which those who wait don't know yet; the holder's.
    var hasRemovals = false

    /// Guards what follows, and the atomic values when they are changed; these are read without it as well.
    let lock = Lock()
    let exclusive: Condition
    var groups: [WriteGroup] = []
    var exclusiveWaiters = 0
    var lastWasGroup = false
    var isClosed = false
    /// Whether the holder of the turn runs a request that is alone, and so perhaps a closure that takes its time.
    var isLedAlone = false
    /// Whether a look at the requests of tasks, which may have waited for too long, is due some time.
    var isGivingUpLater = false
    /// Whether the turn is taken.
    let turn = Atomic<Bool>(false)
    /// How many requests are in `groups`.
    let waiting = Atomic<Int>(0)

    /// For the groups whose callers are all tasks; and for those of them that have waited for too long. Serial queues
    /// get threads that are not those of tasks, see `AsyncReads`.
    let leaders = DispatchQueue(label: "TTLStore.commits")
    let deadlines = DispatchQueue(label: "TTLStore.deadlines")

    /// About as long as a shared commit takes, in nanoseconds: a thread that waits for one stays awake for that long,
    /// since to sleep and be woken takes longer.
    private static let commitTime: Int64 = 100_000
    /// How long a leader waits for those who shared the last commit, in nanoseconds.
    static let gatheringTime: Int64 = 50_000

    /// How often those who have waited for too long look whether it is a closure that they wait for.
    static let patience: Milliseconds = 100

    init(_ writer: EntryWriter, file: StoreFile, activity: ActivityCounters) throws(SQLiteError) {
        self.writer = writer
        self.file = file
        commit = try CommitStatements(writer.connection, activity: activity)
        exclusive = Condition(for: lock)
    }

    // MARK: Requests

    /// Blocks until the request's data is committed, or has failed.
    func perform<Success: Sendable>(_ operation: WriteOperation<Success>) throws(TTLStoreError) -> Success {
        let request = WriteRequestOf(operation)
        lock.lock()
        if isClosed {
            lock.unlock()
            throw .closed(operation.name)
        }
        if groupMayLead, groups.isEmpty {
            take(forGroup: true)
            lock.unlock()
            lead(own: request)
        } else {
            waitInGroup(for: request)
            lock.unlock()
        }
        return try request.get()
    }

    /// Leads when its group's turn has come and nobody else does (the lock is held).
    private func waitInGroup(for request: WriteRequest) {
        let group = join(request)
        var mayStayAwake = true
        while !request.isDone {
            if groupMayLead, mayLeadFirst(from: group) {
                take(forGroup: true)
                lock.unlock()
                lead(own: nil)
                lock.lock()
            } else if mayStayAwake {
                mayStayAwake = false
                lock.unlock()
                stayAwake(for: CommitQueue.commitTime) { isTaken && !request.isDone }
                lock.lock()
            } else if isLedAlone, request.isExpired(at: .now) {
                giveUp(request)
            } else {
                group.condition.wait(until: max(request.deadline ?? .now, .now + CommitQueue.patience))
            }
        }
    }

    /// Suspends until the request's data is committed. If nobody leads, one of Dispatch's threads does.
    func perform<Success: Sendable>(_ operation: WriteOperation<Success>) async throws(TTLStoreError) -> Success {
        let result = await withCheckedContinuation { continuation in
            enqueue(AsyncWriteRequest(operation, continuation))
        }
        return try result.get()
    }

    private func enqueue(_ request: WriteRequest) {
        lock.lock()
        if isClosed {
            lock.unlock()
            request.fail(.closed(request.operation))
            request.complete()
            return
        }
        _ = join(request)
        if isLedAlone { giveUpLater() }
        let needsLeader = groupMayLead
        lock.unlock()
        if needsLeader { leadOnDispatch() }
    }

    /// Runs `body` with the turn held and no transaction open.
    /// - Parameters:
    ///   - deadline: until when to wait for a closure of the program that has the turn.
    ///   - isLong: whether those who wait give up when their time is over.
    ///   - isCancelled: asked now and then while the turn is waited for; true ends that with `busy`.
    func withTurn<Success>(
        _ operation: String, deadline: MonotonicTime? = nil, isLong: Bool = false, isCancelled: (() -> Bool)? = nil,
        _ body: (EntryWriter) throws(TTLStoreError) -> Success
    ) throws(TTLStoreError) -> Success {
        try lock.withLock { () throws(TTLStoreError) in
            try waitForTurn(operation, deadline: deadline, isCancelled: isCancelled)
            if isLong { beginAlone() }
        }
        defer {
            let hasRemovals = takeHasRemovals()
            lock.withLock { passTurn() }
            if hasRemovals { writer.removals.feed.wake() }
        }
        return try body(writer)
    }

    /// Runs `body` in a transaction of its own, with the turn held.
    /// - Parameter timeout: how long to wait for another process's lock; the store's writers wait meanwhile.
    func transaction<Success>(
        _ operation: String, timeout: Milliseconds, _ body: (EntryWriter) throws -> Success
    ) throws(TTLStoreError) -> Success {
        let deadline = MonotonicTime.now + timeout
        return try withTurn(operation, deadline: deadline) { (writer) throws(TTLStoreError) in
            try begin(deadline: deadline)
            var committing = false
            do {
                let success = try body(writer)
                committing = true
                try commit.commit()
                writer.noteCommit()
                publishRemovals()
                return success
            } catch let error as SQLiteError {
                commit.rollBack()
                writer.forget()
                throw TTLStoreError(error, in: operation, committing: committing)
            } catch {
                commit.rollBack()
                writer.forget()
                throw TTLStoreError(any: error, in: operation)
            }
        }
    }

    /// Fails all who wait, interrupts the holder of the turn, waits for it, and keeps the turn for good.
    func close() {
        lock.lock()
        isClosed = true
        let abandoned = groups
        groups = []
        waiting.store(0, ordering: .relaxed)
        for group in abandoned {
            for request in group.requests {
                request.fail(.closed(request.operation))
                request.markDone()
            }
            group.condition.broadcast()
        }
        exclusive.broadcast()
        lock.unlock()
        // Before the turn is waited for: a closure that has it may wait for one of these tasks.
        for group in abandoned { group.requests.forEach { $0.complete() } }
        lock.lock()
        while isTaken {
            // Again and again: a statement that had not begun when it was interrupted isn't ended by that.
            writer.connection.interrupt()
            exclusive.wait(until: .now + 2)
        }
        take(forGroup: false)
        lock.unlock()
        writer.connection.forgetInterrupt()
    }
}
