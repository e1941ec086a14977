/// The work after a commit, and the work that keeps the file and its log small.
extension Engine {
    static func makeWriting(
        _ connection: Connection, _ file: StoreFile, _ readers: ReaderPool, _ removals: RemovalFeed,
        _ maintenance: Maintenance, _ activity: ActivityCounters, _ threads: OwnedThreads, _ timekeeper: Timekeeper
    ) throws -> Writing {
        let configuration = file.configuration
        let gauge = LogGauge()
        gauge.attach(to: connection)
        let writer = try EntryWriter(
            connection, clock: configuration.clock, defaultTimeToLive: configuration.defaultTimeToLive,
            activity: activity, removals: removals)
        let pageSize = try connection.count("PRAGMA page_size") ?? 4096
        try writer.adopt(configuration, pageSize: pageSize)
        if configuration.purging == .automatic { writer.backlogShare = BacklogShare() }
        let limit = max(1, configuration.maximumLogSize / pageSize)
        let queue = try CommitQueue(
            writer, file: file, activity: activity, gauge: file.path == nil ? nil : gauge, threads: threads,
            timekeeper: timekeeper)
        let checkpointer = file.path.map { _ in
            Checkpointer(
                file: file, queue: queue, readers: readers, clock: configuration.clock, gauge: gauge, limit: limit,
                activity: activity, hasLongRead: { maintenance.isRunning })
        }
        return Writing(queue: queue, gauge: gauge, checkpointer: checkpointer, maximumLogFrames: limit)
    }

    static func makeMemory(_ connection: Connection, _ file: StoreFile, _ writing: Writing?) -> ReadMemory? {
        // A store in memory has no log, and a read-only one may have to open its file anew.
        guard file.location != .memory, file.readOnlyWatch == nil else { return nil }
        return ReadMemory(size: file.configuration.memory, connection, writing?.gauge, file.watch)
    }

    func connect(_ writing: Writing) {
        writing.queue.writeTransaction.memory = memory
        writing.queue.writer.listsKeys = memory != nil
        writing.queue.writeTransaction.onCommit = { [weak self] changes in self?.committed(changes) }
        guard let checkpointer = writing.checkpointer else { return }
        writing.queue.isLogOverlong = { [unowned checkpointer] in checkpointer.isDueForWriter }
        writing.queue.shortenLog = { [unowned checkpointer] in checkpointer.runForWriter() }
        writing.queue.interruptShortening = { [unowned checkpointer] in checkpointer.interrupt() }
    }

    /// The work after a commit. Called with the turn held and no lock, in the order of the commits.
    private func committed(_ changes: TransactionChanges) {
        activity.note(changes.counts)
        if !changes.removals.isEmpty {
            removals.publish(changes.removals)
            writing?.queue.hasNews = true
        }
        guard let expirer else { return }
        if let earliest = changes.earliestExpiry { expirer.arm(earliest) }
        expirer.noteLog(frames: logFrames)
        if isOverLimit { expirer.noteSize() }
    }

    /// The length of the log after this store's latest commit, in frames.
    var logFrames: Int { writing?.gauge.frames ?? 0 }

    var maximumLogFrames: Int { writing?.maximumLogFrames ?? .max }

    /// Known from the start; nil in a store without limits.
    var sizeGauge: SizeGauge? { writing?.queue.writer.limits?.gauge }

    /// Whether the last known size is beyond the limits; doesn't look at the file.
    var isOverLimit: Bool {
        guard let sizeGauge else { return false }
        return sizeGauge.limits.isExceeded(.limit, by: sizeGauge.size)
    }

    /// The store in the form for work in batches.
    func batchStore(_ queue: CommitQueue, _ patience: Patience) -> RunningStore {
        RunningStore(
            queue: queue, readers: file.location == .memory ? nil : readers, patience: patience,
            maximumLogFrames: maximumLogFrames)
    }

    /// Called after work in transactions of its own: copies an overlong log where no thread does.
    /// - Parameter early: whether to copy it before writers have to, so that the next batch has room.
    func settleLog(early: Bool = false) {
        guard let writing, let checkpointer = writing.checkpointer else { return }
        if early, logFrames > maximumLogFrames / 8 * 3 {
            do throws(TTLStoreError) { _ = try checkpointer.run(truncating: false) } catch {
                activity.noteFailure(error)
            }
        }
        guard checkpointer.isDueForWriter else { return }
        // The expirer reports failures.
        try? writing.queue.withTurn("checkpoint") { (_) throws(TTLStoreError) in checkpointer.runForWriter() }
    }

    /// Gives free pages back for a few milliseconds.
    /// - Returns: the file's pages afterwards, how many were removed, and for how long the write lock was held.
    func shrink(
        patience: Patience
    ) throws(TTLStoreError) -> (pages: FilePages, removed: Int, held: Milliseconds) {
        let queue = try writingQueue("shrink")
        var begun = MonotonicTime.now
        let (before, after) = try noting { () throws(TTLStoreError) in
            try queue.withTransaction("shrink", patience: patience) { writer in
                begun = .now
                return try FilePages.shrink(writer.connection, for: TimedBatch.lastBudget / 2)
            }
        }
        return (after, before.total - after.total, MonotonicTime.now.milliseconds(since: begun))
    }

    func releaseMemory() {
        readers.releaseMemory()
        memory?.releaseIfIdle(at: .now)
    }

    /// For tests: the expirer reads the clock again.
    func wakeExpirer() { expirer?.wakeUp() }
}
