/// The parts of a `TTLStore`: the file, the writing connection behind its queue, the readers, the expirer.
///
/// The expirer's thread keeps the engine alive, not the store: a store that is dropped closes its engine.
final class Engine: @unchecked Sendable {
    // Sendable: everything is immutable or guards itself, except `expirer`, which is set before the engine is shared.
    let configuration: TTLStore.Configuration
    let file: StoreFile
    let stop = StopFlag()
    let gate = ClosingGate()
    /// All threads of this store.
    let threads = OwnedThreads()
    let timekeeper: Timekeeper
    let readers: ReaderPool
    /// Threads for the reads of tasks, and for their maintenance, which may take long.
    let readWorkers: Workers
    let maintenanceWorkers: Workers
    let maintenance = Maintenance()
    let activity = ActivityCounters()
    /// The consumers of removals.
    let removals = RemovalFeed()
    /// The closures of `getOrCompute` that are running.
    let computations = HeldComputations()
    /// The calls of `getOrCompute` that wait for each other.
    let flights: Flights
    /// The closures of transactions that are running.
    let closures = RunningClosure()
    let writing: Writing?
    /// Nil where memory may answer no read.
    let memory: ReadMemory?
    private(set) var expirer: Expirer?
    let forkGeneration = ForkGuard.generation()

    /// How many maintenance operations of tasks run at the same time.
    private static let maintenanceLimit = 2

    /// The parts that a store needs to write; a read-only store doesn't have them.
    struct Writing {
        let queue: CommitQueue
        let gauge: LogGauge
        let checkpointer: Checkpointer?
        let maximumLogFrames: Int
    }

    var clock: WallClock { configuration.clock }

    init(_ location: StoreFile.Location, _ configuration: TTLStore.Configuration) throws(TTLStoreError) {
        try configuration.validate()
        self.configuration = configuration
        let (file, connection) = try StoreFile.open(location, configuration: configuration, stop: stop)
        self.file = file
        timekeeper = Timekeeper(threads: threads)
        flights = Flights(clock: configuration.clock, timekeeper: timekeeper)
        readers = ReaderPool(file, activity: activity)
        readWorkers = Workers(
            name: "TTLStore.read", limit: max(1, configuration.maximumReaders), threads: threads,
            timekeeper: timekeeper)
        maintenanceWorkers = Workers(
            name: "TTLStore.maint", limit: Engine.maintenanceLimit, threads: threads, timekeeper: timekeeper)
        if configuration.access == .readOnly {
            writing = nil
            readers.add(EntryReader(connection, activity: activity))
        } else {
            do {
                writing = try Engine.makeWriting(
                    connection, file, readers, removals, maintenance, activity, threads, timekeeper)
            } catch {
                // The timekeeper and its clients keep each other alive.
                timekeeper.close()
                file.close(last: connection)
                file.creation.undo()
                throw TTLStoreError(any: error, in: "open")
            }
        }
        memory = Engine.makeMemory(connection, file, writing)
        threads.onBegin = { [gate] in gate.enter() }
        threads.onEnd = { [weak self, gate] in
            // Keeps the engine until the gate has released it.
            let engine = self
            engine?.follow(gate.leave(isOwn: true))
            if engine == nil { _ = gate.leave(isOwn: true) }
        }
        do throws(TTLStoreError) { try start() } catch {
            timekeeper.close()
            if let writing { file.close(last: writing.queue.writer.connection) }
            file.creation.undo()
            throw error
        }
        LiveCounts.stores.countUp()
    }

    private func start() throws(TTLStoreError) {
        guard let writing else { return }
        connect(writing)
        if let onRemovals = configuration.onRemovals {
            let demand = RemovalDemand(
                limit: RemovalDemand.standardLimit, values: configuration.removalsIncludeValues)
            _ = removals.add(RemovalHandler(demand, onRemovals))
        }
        guard configuration.purging == .automatic else { return }
        let expirer = Expirer(engine: self, queue: writing.queue, checkpointer: writing.checkpointer)
        self.expirer = expirer
        do throws(ThreadError) {
            _ = try threads.startOrThrow(Expirer.threadName) { [self] in
                expirer.run()
                withExtendedLifetime(self) {}
            }
            LiveCounts.threads.countUp()
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
        return try noting { () throws(TTLStoreError) in try queue.perform(operation) }
    }

    func write<Success: Sendable>(_ operation: WriteOperation<Success>) async throws(TTLStoreError) -> Success {
        let queue = try lockingQueue(operation.name)
        do throws(TTLStoreError) { return try await queue.perform(operation) } catch { throw noted(error) }
    }

    /// As the suspending form of `write`, for a closure of the program, which runs as a part of the task.
    func writeWithinTask<Success: Sendable>(
        _ operation: WriteOperation<Success>
    ) async throws(TTLStoreError) -> Success {
        let queue = try lockingQueue(operation.name)
        do throws(TTLStoreError) { return try await queue.performWithinTask(operation) } catch { throw noted(error) }
    }

    func read<Success>(_ operation: ReadOperation<Success>) throws(TTLStoreError) -> Success {
        try read(operation.name) { reader in try operation.body(reader, clock.now) }
    }

    func read<Success: Sendable>(_ operation: ReadOperation<Success>) async throws(TTLStoreError) -> Success {
        // Checked here as well: a forked child has no thread to run the operation.
        try checkUsable(operation.name)
        return try await onReadWorker(operation.name) { [self] () throws(TTLStoreError) in try read(operation) }
    }

    /// A store in memory has one connection; its reads take the writer's turn. So do the reads of a store that is to
    /// have no readers, or can't open another connection, since the process has given up its privileges or has no
    /// descriptors left.
    func read<Success>(
        _ operation: String, _ body: (EntryReader) throws -> Success
    ) throws(TTLStoreError) -> Success {
        try checkUsable(operation)
        do throws(TTLStoreError) {
            if writing == nil || (file.location != .memory && configuration.maximumReaders > 0 && !readers.hasNone) {
                do throws(TTLStoreError) { return try readers.read(operation, body) } catch {
                    // If there is a reader, the read itself has failed.
                    guard readers.hasNone, ReaderRefusal.isOne(error), writing != nil else { throw error }
                }
            }
            let writing = try writingForReads(operation)
            try maintenance.checkTurn(operation)
            try file.checkLog(in: operation)
            return try writing.queue.withTurn(operation) { (writer) throws(TTLStoreError) in
                do { return try body(writer.reader) } catch { throw TTLStoreError(any: error, in: operation) }
            }
        } catch { throw closedIfStopped(error) }
    }

    private func writingForReads(_ operation: String) throws(TTLStoreError) -> Writing {
        guard let writing else { throw .closed(operation) }
        return writing
    }

    /// The queue, for the store's own work.
    func writingQueue(_ operation: String) throws(TTLStoreError) -> CommitQueue {
        try checkUsable(operation)
        guard let writing else {
            throw TTLStoreError(.readOnlyStore, "the store was opened for reading only", in: operation)
        }
        try maintenance.checkTurn(operation)
        return writing.queue
    }

    /// The queue, for work that waits for the write lock of the file. Throws within a closure that holds the lock
    /// through another store.
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

    /// Runs a read of a task, which must not block a thread of the cooperative pool.
    func onReadWorker<Success: Sendable>(
        _ operation: String, _ body: @escaping @Sendable () throws(TTLStoreError) -> Success
    ) async throws(TTLStoreError) -> Success {
        try await readWorkers.run(
            operation, patience: Patience(busyTimeout: configuration.busyTimeoutMilliseconds).turn, body)
    }

    /// Runs work whose errors go to its caller.
    func noting<Success>(_ body: () throws(TTLStoreError) -> Success) throws(TTLStoreError) -> Success {
        do throws(TTLStoreError) { return try body() } catch { throw noted(error) }
    }

    /// The error of a failed write for the caller; the expirer hears of a full disk.
    func noted(_ error: TTLStoreError) -> TTLStoreError {
        if error.code == .diskFull { expirer?.noteFullDisk() }
        return closedIfStopped(error)
    }

    /// A wait that was ended by `close()` reports what ended it, not the lock or the interrupt.
    private func closedIfStopped(_ error: TTLStoreError) -> TTLStoreError {
        stop.isSet && error.mayBeInterruption ? .closed(error.operation) : error
    }
}
