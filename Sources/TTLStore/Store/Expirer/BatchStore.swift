import Synchronization

/// The parts of a store that a batch of deletions uses.
protocol BatchStore {
    /// Reads beside the writers where that is possible; never waits for a lock.
    func read<Success>(
        _ operation: String, _ body: (EntryReader) throws -> Success
    ) throws(TTLStoreError) -> Success

    /// Lends the writing connection with no transaction open.
    func withWriter<Success>(
        _ operation: String, _ body: (EntryWriter) throws -> Success
    ) throws(TTLStoreError) -> Success

    func withTransaction<Success>(
        _ operation: String, _ body: (EntryWriter) throws -> Success
    ) throws(TTLStoreError) -> Success

    /// Whether changes of the program wait for the turn that a batch has, or the store is about to close.
    var isWanted: Bool { get }

    /// Read with the turn.
    var sight: BatchPace.Sight { get }
}

/// A store that others use at the same time.
struct RunningStore: BatchStore {
    let queue: CommitQueue
    /// Nil in memory.
    let readers: ReaderPool?
    let patience: Patience
    var maximumLogFrames = Int.max

    /// Reads with the turn of the writing connection if all readers are lent, since that may last.
    func read<Success>(
        _ operation: String, _ body: (EntryReader) throws -> Success
    ) throws(TTLStoreError) -> Success {
        guard let reader = try? readers?.borrowIdle(operation) else {
            return try withWriter(operation) { try body($0.reader) }
        }
        defer { readers?.giveBack(reader) }
        do { return try body(reader) } catch { throw TTLStoreError(any: error, in: operation) }
    }

    func withWriter<Success>(
        _ operation: String, _ body: (EntryWriter) throws -> Success
    ) throws(TTLStoreError) -> Success {
        try queue.withTurn(operation, patience: patience) { (writer) throws(TTLStoreError) in
            do { return try body(writer) } catch { throw TTLStoreError(any: error, in: operation) }
        }
    }

    func withTransaction<Success>(
        _ operation: String, _ body: (EntryWriter) throws -> Success
    ) throws(TTLStoreError) -> Success {
        try queue.withTransaction(operation, patience: patience, body)
    }

    var isWanted: Bool { queue.areChangesWaiting.load(ordering: .relaxed) || queue.file.stop.isSet }

    /// Writers of the store wait for the copying of a log that is longer than half of its limit.
    var sight: BatchPace.Sight {
        .init(
            now: .now, lastForeignCommit: queue.writeTransaction.foreignCommits.lastSeen,
            lastForeignCopying: queue.writeTransaction.foreignCommits.lastCopying, ownWrites: queue.changeCount,
            logRoom: maximumLogFrames / 2 - queue.writeTransaction.logFrames)
    }
}

/// A store that is being closed: no other thread uses its writing connection, and no work waits for a lock.
struct ClosingStore: BatchStore {
    let writeTransaction: WriteTransaction

    func read<Success>(
        _ operation: String, _ body: (EntryReader) throws -> Success
    ) throws(TTLStoreError) -> Success {
        try withWriter(operation) { try body($0.reader) }
    }

    func withWriter<Success>(
        _ operation: String, _ body: (EntryWriter) throws -> Success
    ) throws(TTLStoreError) -> Success {
        do { return try body(writeTransaction.writer) } catch { throw TTLStoreError(any: error, in: operation) }
    }

    func withTransaction<Success>(
        _ operation: String, _ body: (EntryWriter) throws -> Success
    ) throws(TTLStoreError) -> Success {
        do throws(WriteTransaction.Failure) { return try writeTransaction.run(lockTimeout: 0, body) } catch {
            throw error.error(in: operation)
        }
    }

    var isWanted: Bool { false }

    var sight: BatchPace.Sight { .init(now: .now) }
}
