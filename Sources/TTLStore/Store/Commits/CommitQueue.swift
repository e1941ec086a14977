import Synchronization

/// Gives the writing connection to one user at a time, and lets concurrent writers share commits.
///
/// `TurnOrder` decides whose turn it is; this class has the lock around it, and lets threads and tasks wait. The thread
/// that gets the turn for a group leads it: it opens a transaction, runs the changes of all its members, commits once,
/// and hands out the results. A lone writer takes no detour. The lock is never held while SQLite works.
final class CommitQueue: @unchecked Sendable {
    // Sendable: the lock guards the mutable properties; `writer` and `writeTransaction` are used only by the holder of
    // the turn.
    let writer: EntryWriter
    let writeTransaction: WriteTransaction
    let file: StoreFile
    let threads: OwnedThreads
    private let timekeeper: Timekeeper
    /// The patience of the program's own operations.
    let patience: Patience
    /// How many requests shared the last commit. It belongs to the holder of the turn.
    var lastMembers = 1
    /// How many changes the program has asked for, or how many entries they have stored if that is more. It belongs to
    /// the holder of the turn.
    var changeCount = 0
    /// Whether consumers of removals still have to be woken. It belongs to the holder of the turn.
    var hasNews = false
    /// Whether the holder of the turn has to shorten the log before it passes the turn on, how it does so, and how that
    /// is ended early. Set before the queue is used.
    var isLogOverlong: () -> Bool = { false }
    var shortenLog: () -> Void = {}
    var interruptShortening: () -> Void = {}

    /// Guards the properties below.
    let lock = Lock()
    var order = TurnOrder<WriteRequest>()
    private let turnIsFree: Condition
    let taskWork: Condition
    var hasTaskThread = false
    /// Whether a caller does the work of the thread for tasks.
    var hasSubstitute = false
    /// Copies of the state of `order`, for threads that stay awake and read without the lock.
    let isTaken = Atomic<Bool>(false)
    let waiting = Atomic<Int>(0)
    /// Whether changes of the program wait.
    let areChangesWaiting = Atomic<Bool>(false)

    /// About as long as a shared commit takes, in nanoseconds: a thread that waits for a commit stays awake for that
    /// long, since sleeping and waking takes longer.
    private static let commitTime: Int64 = 100_000
    /// How often a cancellable wait asks whether it is cancelled.
    private static let cancellationInterval: Milliseconds = 100

    init(
        _ writer: EntryWriter, file: StoreFile, activity: ActivityCounters, gauge: LogGauge?,
        threads: OwnedThreads, timekeeper: Timekeeper
    ) throws(SQLiteError) {
        self.writer = writer
        self.file = file
        self.threads = threads
        self.timekeeper = timekeeper
        patience = Patience(busyTimeout: file.configuration.busyTimeoutMilliseconds)
        writeTransaction = try WriteTransaction(writer, file: file, activity: activity, gauge: gauge)
        turnIsFree = Condition(for: lock)
        taskWork = Condition(for: lock)
        timekeeper.add(self)
    }

    // MARK: Changes that may share a commit

    /// Blocks until the change is committed, or has failed.
    func perform<Success: Sendable>(_ operation: WriteOperation<Success>) throws(TTLStoreError) -> Success {
        let request = WriteRequestOf(operation)
        lock.lock()
        switch order.enter(request) {
        case .closed:
            lock.unlock()
            throw .closed(operation.name)
        case .turn:
            noteTaken()
            lock.unlock()
            lead(own: request)
        case .waiting(let group, _):
            // The thread needs no call: it looks itself.
            wait(for: request, in: group, patience)
            lock.unlock()
        }
        return try request.get()
    }

    /// Suspends until the change is committed, or has failed. A thread of the store's own leads, unless another one
    /// does.
    func perform<Success: Sendable>(_ operation: WriteOperation<Success>) async throws(TTLStoreError) -> Success {
        let request = AsyncWriteRequest(operation)
        enqueue(request)
        return try await request.outcome.value.get()
    }

    func enqueue(_ request: WriteRequest) {
        let deadline = MonotonicTime.now + patience.turn
        request.deadline = deadline
        let entrance = lock.withLock {
            defer { noteCount() }
            return order.enter(request)
        }
        switch entrance {
        case .waiting(_, let call):
            timekeeper.note(deadline)
            answer(call)
        case .closed:
            request.fail(.closed(request.operation))
            request.complete()
        // Only a thread takes the turn as it comes.
        case .turn: break
        }
    }

    // MARK: Work that takes the turn itself

    /// Runs `body` with the turn held and no transaction open.
    /// - Parameters:
    ///   - patience: how long to wait for the turn.
    ///   - goesFirst: see `TurnRequest`.
    ///   - isCancelled: asked now and then during the wait for the turn; true ends the wait with `busy`.
    func withTurn<Success>(
        _ operation: String, patience: Patience? = nil, first goesFirst: Bool = false,
        isCancelled: (() -> Bool)? = nil, _ body: (EntryWriter) throws(TTLStoreError) -> Success
    ) throws(TTLStoreError) -> Success {
        let request = OwnTurn(operation, first: goesFirst)
        lock.lock()
        switch order.enter(request) {
        case .closed:
            lock.unlock()
            throw .closed(operation)
        case .turn:
            noteTaken()
            lock.unlock()
        case .waiting(let group, _):
            wait(for: request, in: group, patience ?? self.patience, isCancelled: isCancelled)
            lock.unlock()
            if let failure = request.failure { throw failure }
        }
        defer { passTurn() }
        return try body(writer)
    }

    /// Runs `body` in a transaction of its own.
    func withTransaction<Success>(
        _ operation: String, patience: Patience? = nil, _ body: (EntryWriter) throws -> Success
    ) throws(TTLStoreError) -> Success {
        if RunningClosures.holdFile(file.identity) { throw RunningClosure.reentrant(operation) }
        let patience = patience ?? self.patience
        let deadline = MonotonicTime.now + patience.turn
        return try withTurn(operation, patience: patience) { (_) throws(TTLStoreError) in
            do throws(WriteTransaction.Failure) {
                return try writeTransaction.run(lockTimeout: patience.lockTimeout(turnDeadline: deadline), body)
            } catch { throw error.error(in: operation) }
        }
    }

    // MARK: Waiting

    /// Waits until the request is done or has the turn; a request that changes entries is then led. The lock is held.
    private func wait(
        for request: WriteRequest, in group: TurnGroup<WriteRequest>, _ patience: Patience,
        isCancelled: (() -> Bool)? = nil
    ) {
        noteCount()
        // The thread that calls this group reads the condition without the lock, so it is written once, before a call
        // can come.
        let condition = group.condition ?? Condition(for: lock)
        if group.condition == nil { group.condition = condition }
        request.deadline = .now + patience.turn
        var mayStayAwake = true
        while !request.isDone {
            if order.take(for: request, in: group) {
                noteTaken()
                if request is OwnTurn {
                    _ = order.serve()
                    return noteCount()
                }
                lock.unlock()
                lead(own: nil)
                lock.lock()
            } else if mayStayAwake {
                mayStayAwake = false
                lock.unlock()
                stayAwake(for: CommitQueue.commitTime) {
                    isTaken.load(ordering: .relaxed) && !request.isDone
                }
                lock.lock()
            } else if group.isServed {
                condition.wait()
            } else if request.deadline <= .now || isCancelled?() ?? false {
                giveUp(request, from: group)
            } else {
                let nextQuestion = isCancelled == nil ? request.deadline : .now + CommitQueue.cancellationInterval
                condition.wait(until: min(request.deadline, nextQuestion))
            }
        }
    }

    func stayAwake(for nanoseconds: Int64, while condition: () -> Bool) {
        let deadline = MonotonicTime.now.nanoseconds + nanoseconds
        while condition(), MonotonicTime.now.nanoseconds < deadline { yieldThread() }
    }

    /// The lock is held.
    private func giveUp(_ request: WriteRequest, from group: TurnGroup<WriteRequest>) {
        // A request that is neither done nor served is in the order.
        let (isOut, call) = order.withdraw(request, from: group)
        assert(isOut)
        noteCount()
        request.fail(CommitQueue.turnDidNotCome(request.operation))
        request.markDone()
        guard let call else { return }
        lock.unlock()
        answer(call)
        lock.lock()
    }

    static func turnDidNotCome(_ operation: String) -> TTLStoreError {
        TTLStoreError(
            .busy, "other work of this store, such as a transaction or a vacuum, has taken too long", in: operation)
    }

    // MARK: Whose turn it is

    /// The lock is held, as for the next function.
    func noteTaken() {
        isTaken.store(true, ordering: .relaxed)
        writer.connection.beginUse()
    }

    func noteCount() {
        waiting.store(order.count, ordering: .relaxed)
        areChangesWaiting.store(
            order.groups.contains { $0.requests.first?.isOwnTurn == false }, ordering: .relaxed)
    }

    /// Passes the turn on, and tells the members whose work is done.
    func passTurn(after members: [WriteRequest] = []) {
        let hasNews = hasNews
        self.hasNews = false
        lock.lock()
        for member in members { member.markDone() }
        writer.connection.endUse()
        let call = order.pass()
        isTaken.store(false, ordering: .relaxed)
        if order.isClosed { turnIsFree.broadcast() }
        lock.unlock()
        answer(call)
        if hasNews { writer.feed.wake() }
    }

    /// Called without the lock.
    func answer(_ call: TurnOrder<WriteRequest>.Call?) {
        switch call {
        case .thread(of: let group): group.condition?.signal()
        case .taskThread: callTaskThread()
        case nil: break
        }
    }

    // MARK: Closing

    /// Fails all waiting requests, and all later ones.
    func beginClosing() {
        lock.lock()
        let abandoned = order.close()
        noteCount()
        for group in abandoned { fail(group.requests) { .closed($0) } }
        taskWork.broadcast()
        lock.unlock()
        for group in abandoned {
            group.condition?.broadcast()
            group.requests.forEach { $0.complete() }
        }
    }

    /// The lock is held.
    func fail(_ requests: [WriteRequest], _ error: (String) -> TTLStoreError) {
        for request in requests {
            request.fail(error(request.operation))
            request.markDone()
        }
    }

    /// Interrupts the holder of the turn, waits for it, and keeps the turn for good.
    func close() {
        beginClosing()
        lock.lock()
        while !order.keepForClosing() {
            // Repeated: an interrupt does not end a statement that begins after it.
            writer.connection.interrupt()
            interruptShortening()
            turnIsFree.wait(until: .now + 2)
        }
        noteTaken()
        lock.unlock()
        writer.connection.forgetInterrupt()
    }
}
