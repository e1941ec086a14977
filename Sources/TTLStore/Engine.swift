/// What a `TTLStore` is made of: the file, the writing connection behind its queue, the readers, the expirer.
///
/// The expirer's thread keeps the engine alive, not the store: a store that is dropped closes its engine.
final class Engine: @unchecked Sendable {
    // Sendable: everything is immutable or guards itself, except `expirer` and `thread`, which are set before the
    // engine is shared, and `state`; the lock guards `state`, and `thread`, which closing clears.
    let configuration: TTLStore.Configuration
    let file: StoreFile
    let stop: StopFlag
    let readers: ReaderPool
    let asyncReads: AsyncReads
    let maintenance = Maintenance()
    let activity = ActivityCounters()
    /// Those who want to know what leaves the store.
    let removals = RemovalFeed()
    /// The closures of `getOrCompute` that are running.
    let computations = HeldComputations()
    let threads = OwnedThreads()
    let timekeeper: Timekeeper
    /// The calls of `getOrCompute` that wait for each other.
    let flights: Flights
    /// The closures of transactions that are running.
    let closures = RunningClosure()
    let writing: Writing?
    private(set) var expirer: Expirer?
    private var thread: OwnedThread?

    private let forkGeneration = ForkGuard.generation()
    private let lock = Lock()
    private let stateChanged: Condition
    private var state = State.open

    /// What a store needs to write, and a read-only one doesn't have.
    struct Writing {
        let queue: CommitQueue
        let gauge: LogGauge
        let checkpointer: Checkpointer?
        let maximumLogFrames: Int
    }

    private enum State {
        case open
        case closing
        /// The expirer's own thread has asked, and finishes when its callback has returned.
        case closingOnThread
        case closed
    }

    var clock: WallClock { configuration.clock }

    init(_ location: StoreFile.Location, _ configuration: TTLStore.Configuration) throws(TTLStoreError) {
        try configuration.validate()
        self.configuration = configuration
        stop = StopFlag()
        timekeeper = Timekeeper(threads: threads)
        flights = Flights(clock: configuration.clock, timekeeper: timekeeper)
        file = try StoreFile(location, configuration: configuration, stop: stop)
        readers = ReaderPool(file, activity: activity)
        asyncReads = AsyncReads(limit: configuration.maximumReaders)
        stateChanged = Condition(for: lock)
        let connection = try file.openFirst()
        guard configuration.access != .readOnly else {
            writing = nil
            readers.add(EntryReader(connection, activity: activity))
            LiveCounts.stores.countUp()
            return
        }
        do {
            writing = try Engine.makeWriting(connection, file: file, activity: activity, removals: removals)
        } catch {
            throw TTLStoreError(any: error, in: "open")
        }
        try start()
        LiveCounts.stores.countUp()
    }

    private static func makeWriting(
        _ connection: Connection, file: StoreFile, activity: ActivityCounters, removals: RemovalFeed
    ) throws -> Writing {
        let gauge = LogGauge()
        gauge.attach(to: connection)
        let clock = file.configuration.clock
        let writer = try EntryWriter(
            connection, clock: clock, defaultTimeToLive: file.configuration.defaultTimeToLive, activity: activity,
            removals: removals)
        try writer.adopt(file.configuration, isInMemory: file.path == nil)
        let queue = try CommitQueue(writer, file: file, activity: activity)
        let checkpointer = file.path.map { _ in
            Checkpointer(file: file, queue: queue, clock: clock, gauge: gauge, activity: activity)
        }
        let pageSize = Int(try connection.integer("PRAGMA page_size") ?? 4096)
        return Writing(
            queue: queue, gauge: gauge, checkpointer: checkpointer,
            maximumLogFrames: file.configuration.maximumLogSize / pageSize)
    }

    private func start() throws(TTLStoreError) {
        guard let writing else { return }
        writing.queue.onCommit = { [weak self] earliest in self?.committed(earliest) }
        if let onRemovals = configuration.onRemovals {
            let demand = RemovalDemand(
                limit: RemovalDemand.standardLimit, values: configuration.reportsRemovedValues)
            _ = removals.add(RemovalHandler(demand, onRemovals))
        }
        guard configuration.purging == .automatic else { return }
        let expirer = Expirer(engine: self, checkpointer: writing.checkpointer, activity: activity)
        self.expirer = expirer
        do throws(ThreadError) {
            let thread = try OwnedThread(name: Expirer.threadName) { [self] in
                expirer.run()
                threadEnded()
            }
            LiveCounts.threads.countUp()
            lock.withLock { self.thread = thread }
        } catch {
            self.expirer = nil
            throw TTLStoreError(
                .cannotOpen, "the expirer's thread can't be started: \(FileSystem.describe(errno: error.number))",
                in: "open")
        }
    }

    // MARK: Operations

    func write<Success: Sendable>(_ operation: WriteOperation<Success>) throws(TTLStoreError) -> Success {
        let queue = try lockingQueue(operation.name)
        do throws(TTLStoreError) {
            let success = try queue.perform(operation)
            if isLogOverlong { checkpointAsWriter() }
            return success
        } catch { throw noted(error) }
    }

    func write<Success: Sendable>(_ operation: WriteOperation<Success>) async throws(TTLStoreError) -> Success {
        let queue = try lockingQueue(operation.name)
        do throws(TTLStoreError) {
            let success = try await queue.perform(operation)
            if isLogOverlong { await checkpointAsWriter() }
            return success
        } catch { throw noted(error) }
    }

    func read<Success>(_ operation: ReadOperation<Success>) throws(TTLStoreError) -> Success {
        try read(operation.name) { reader in try operation.body(reader, clock.now) }
    }

    func read<Success: Sendable>(_ operation: ReadOperation<Success>) async throws(TTLStoreError) -> Success {
        // Here as well: a forked child has no thread to run it.
        try checkUsable(operation.name)
        return try await asyncReads.run { [self] () throws(TTLStoreError) in try read(operation) }
    }

    /// A store in memory has one connection; its reads take the writer's turn.
    func read<Success>(
        _ operation: String, _ body: (EntryReader) throws -> Success
    ) throws(TTLStoreError) -> Success {
        try checkUsable(operation)
        do throws(TTLStoreError) {
            guard file.location == .memory, let writing else { return try readers.read(operation, body) }
            try maintenance.checkTurn(operation)
            let deadline = MonotonicTime.now + configuration.busyTimeoutMilliseconds
            return try writing.queue.withTurn(operation, deadline: deadline) { (writer) throws(TTLStoreError) in
                do { return try body(writer.reader) } catch { throw TTLStoreError(any: error, in: operation) }
            }
        } catch { throw closedIfStopped(error) }
    }

    /// The queue, for work that the store does on its own behalf.
    func writingQueue(_ operation: String) throws(TTLStoreError) -> CommitQueue {
        try checkUsable(operation)
        guard let writing else {
            throw TTLStoreError(.readOnlyStore, "the store was opened for reading only", in: operation)
        }
        try maintenance.checkTurn(operation)
        return writing.queue
    }

    /// The queue, for work that waits for the write lock of the file: not within a closure that has it by another
    /// store.
    func lockingQueue(_ operation: String) throws(TTLStoreError) -> CommitQueue {
        let queue = try writingQueue(operation)
        if RunningClosures.holdFile(file.identity) { throw RunningClosure.reentrant(operation) }
        return queue
    }

    func checkUsable(_ operation: String) throws(TTLStoreError) {
        guard ForkGuard.current == forkGeneration else {
            throw ForkGuard.error(operation)
        }
        if stop.isSet { throw .closed(operation) }
        if closures.isOnCurrentThread { throw RunningClosure.reentrant(operation) }
    }

    /// A transaction of the store's own, or of an operation that consists of several.
    func transaction<Success>(
        _ operation: String, timeout: Milliseconds, _ body: (EntryWriter) throws -> Success
    ) throws(TTLStoreError) -> Success {
        let queue = try lockingQueue(operation)
        do throws(TTLStoreError) { return try queue.transaction(operation, timeout: timeout, body) } catch {
            throw noted(error)
        }
    }

    /// What the caller is told of a failed write; the expirer may be able to help.
    func noted(_ error: TTLStoreError) -> TTLStoreError {
        if error.code == .diskFull { expirer?.noteFullDisk() }
        return closedIfStopped(error)
    }

    /// A wait that was ended by `close()` reports what ended it, not the lock or the interrupt.
    private func closedIfStopped(_ error: TTLStoreError) -> TTLStoreError {
        stop.isSet && error.isEffectOfClosing ? .closed(error.operation) : error
    }

    // MARK: Closing

    /// Ends the thread, every wait for a lock, and all connections. See `TTLStore.close()`.
    func close() {
        guard ForkGuard.current == forkGeneration else {
            // In a forked child there is no thread to join, and closing SQLite's handles could delete the parent's
            // log. They stay open, and the engine with them, until the child ends.
            _ = Unmanaged.passRetained(self)
            return
        }
        if closures.isOnCurrentThread {
            stopWaits()
            closures.closeLater()
            return
        }
        if maintenance.closeLater() {
            stopWaits()
            return
        }
        lock.lock()
        let isOwnThread = thread?.isCurrent ?? false
        guard state == .open else {
            while state != .closed, !isOwnThread { stateChanged.wait() }
            lock.unlock()
            return
        }
        state = isOwnThread ? .closingOnThread : .closing
        lock.unlock()
        stopWaits()
        expirer?.wakeUp()
        readers.beginClosing()
        maintenance.beginClosing()
        writing?.checkpointer?.interrupt()
        // Before the thread is joined: it may be waiting for its turn behind a long statement.
        writing?.queue.close()
        if isOwnThread {
            thread?.detach()
        } else {
            if let thread {
                thread.join()
                LiveCounts.threads.countDown()
            }
            // Its handle may soon be another thread's, which would take itself for this one.
            lock.withLock { thread = nil }
            finishClosing()
        }
    }

    private func stopWaits() {
        stop.set()
        flights.close()
    }

    private func threadEnded() {
        guard lock.withLock({ state == .closingOnThread }) else { return }
        finishClosing()
        // Nobody joins it.
        LiveCounts.threads.countDown()
    }

    private func finishClosing() {
        readers.close()
        maintenance.close()
        timekeeper.close()
        threads.join()
        if let writing {
            let writer = writing.queue.writer
            releaseComputations(writer)
            lastEffort(writer)
            writing.checkpointer?.close()
            writer.connection.close()
        }
        removals.finish()
        LiveCounts.stores.countDown()
        lock.withLock {
            state = .closed
            stateChanged.broadcast()
        }
    }
}
