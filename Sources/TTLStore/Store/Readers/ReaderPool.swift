/// The reading connections, each lent to one thread at a time. Readers never wait for writers.
///
/// Connections are opened when they are first needed, and the one used last is lent first: its cache is warm.
final class ReaderPool: @unchecked Sendable {
    // Sendable: the lock guards the mutable properties; a lent reader belongs to the borrower.
    let file: StoreFile
    private let activity: ActivityCounters
    private let patience: Milliseconds
    let lock = Lock()
    /// Signals that a reader was given back, to a thread that waits until none is lent.
    private let changed: Condition
    private var line = ReaderLine<Condition>()
    var idle: [EntryReader] = []
    var connections: [Connection] = []
    private var lent = 0
    private var opening = 0
    /// No reader is lent before that moment, so that SQLite can begin the log anew.
    private var heldBackUntil: MonotonicTime?
    /// The connections of reads that have prevented the last moment without reads.
    private var deniers: Set<ObjectIdentifier> = []
    /// The latest `ReadOnlyWatch.generation`, and the lent connections that are older.
    var viewGeneration = 0
    var outdated: Set<ObjectIdentifier> = []
    private let refusal = ReaderRefusal()

    init(_ file: StoreFile, activity: ActivityCounters) {
        self.file = file
        self.activity = activity
        patience = Patience(busyTimeout: file.configuration.busyTimeoutMilliseconds).turn
        changed = Condition(for: lock)
    }

    /// Adds the first connection of a read-only store, which is a reader.
    func add(_ reader: EntryReader) {
        lock.withLock {
            connections.append(reader.connection)
            idle.append(reader)
        }
    }

    /// Waits for a reader if all are lent.
    /// - Throws: `busy` if none comes back within `Configuration.busyTimeout`; `fileReplaced` if the log is known to be
    ///   deleted.
    func read<Success>(
        _ operation: String, _ body: (EntryReader) throws -> Success
    ) throws(TTLStoreError) -> Success {
        if let watch = file.readOnlyWatch { return try read(operation, watch, body) }
        try file.checkLog(in: operation)
        let reader = try borrow(operation)
        defer { giveBack(reader) }
        do { return try body(reader) } catch { throw TTLStoreError(any: error, in: operation) }
    }

    func borrow(_ operation: String) throws(TTLStoreError) -> EntryReader {
        lock.lock()
        guard heldBackUntil == nil, !file.stop.isSet, let reader = takeIdle(nil) else {
            return try openOrWait(operation)
        }
        lock.unlock()
        return reader
    }

    /// Called with the lock held, returns without it.
    private func openOrWait(_ operation: String) throws(TTLStoreError) -> EntryReader {
        let deadline = MonotonicTime.now + patience
        let free = Condition(for: lock)
        line.enter(free, at: .now)
        defer { lock.withLock { leaveLine(free) } }
        var failure: TTLStoreError?
        while true {
            if file.stop.isSet {
                lock.unlock()
                throw .closed(operation)
            }
            if heldBackUntil == nil {
                if let reader = takeIdle(free) {
                    lock.unlock()
                    return reader
                }
                if failure == nil, hasRoom, connections.isEmpty || !refusal.isRecent {
                    do throws(TTLStoreError) { return try openOne(operation) } catch {
                        lock.lock()
                        // At the limit of descriptors, waits for a lent reader instead.
                        guard ReaderRefusal.isOne(error), !connections.isEmpty else {
                            lock.unlock()
                            throw error
                        }
                        failure = error
                        continue
                    }
                }
            }
            guard deadline > .now else {
                lock.unlock()
                throw failure ?? .allBusy(operation)
            }
            free.wait(until: min(deadline, heldBackUntil ?? deadline))
            if let until = heldBackUntil, until <= .now { heldBackUntil = nil }
        }
    }

    /// A reader to be given back; nil if all are lent. Waits for nothing.
    func borrowIdle(_ operation: String) throws(TTLStoreError) -> EntryReader? {
        lock.lock()
        if !file.stop.isSet, heldBackUntil == nil {
            if idle.isEmpty, hasRoom, !refusal.isRecent { return try openOne(operation) }
            if let reader = takeIdle(nil) {
                lock.unlock()
                return reader
            }
        }
        lock.unlock()
        if file.stop.isSet { throw .closed(operation) }
        return nil
    }

    /// Whether another connection may be opened (the lock is held).
    private var hasRoom: Bool { connections.count + opening < file.configuration.maximumReaders }

    /// The lock is held.
    private func leaveLine(_ free: Condition) {
        line.leave(free)
        // The waiter may have been woken for a reader that it has not taken.
        if !idle.isEmpty || hasRoom { line.first?.signal() }
    }

    /// The lock is held.
    private func takeIdle(_ waiter: Condition?) -> EntryReader? {
        guard line.mayTake(waiter, at: .now), let reader = idle.popLast() else { return nil }
        lend(reader)
        return reader
    }

    /// Called with the lock held, returns without it.
    private func openOne(_ operation: String) throws(TTLStoreError) -> EntryReader {
        opening += 1
        let viewGeneration = viewGeneration
        lock.unlock()
        let opened: Result<EntryReader, TTLStoreError>
        do throws(TTLStoreError) {
            try file.checkIdentity(in: operation)
            do throws(SQLiteError) {
                opened = .success(EntryReader(try file.openAnother(queryOnly: true), activity: activity))
            } catch { throw TTLStoreError(error, in: operation) }
        } catch { opened = .failure(error) }
        return try lock.withLock { () throws(TTLStoreError) in
            opening -= 1
            // Frees the place for a later try; a closing thread waits for that.
            if case .failure(let error) = opened {
                changed.broadcast()
                line.first?.signal()
                refusal.note(error, hasReaders: !connections.isEmpty)
            } else {
                refusal.end()
            }
            let reader = try opened.get()
            connections.append(reader.connection)
            if viewGeneration != self.viewGeneration { outdated.insert(ObjectIdentifier(reader.connection)) }
            lend(reader)
            return reader
        }
    }

    /// Whether no reader can be opened at the moment. As a rule it costs one atomic load.
    var hasNone: Bool { refusal.isWithoutReaders }

    private func lend(_ reader: EntryReader) {
        reader.connection.beginUse()
        lent += 1
    }

    func giveBack(_ reader: EntryReader) {
        // The reader belongs to the borrower until then, and no other thread refers to it.
        let isOutdated = isOutdated(reader.connection)
        if isOutdated { reader.connection.close() }
        lock.withLock {
            lent -= 1
            reader.connection.endUse()
            if !isOutdated { idle.append(reader) }
            if !deniers.isEmpty { deniers.remove(ObjectIdentifier(reader.connection)) }
            if file.stop.isSet || heldBackUntil != nil { changed.broadcast() } else { line.first?.signal() }
        }
    }

    // MARK: A moment without readers

    /// Lends no reader, and waits until the lent ones have come back, for at most `duration`.
    ///
    /// SQLite begins the log anew only in a moment without reads; overlapping reads leave none.
    func holdBack(for duration: Milliseconds) {
        lock.lock()
        defer { lock.unlock() }
        let deadline = MonotonicTime.now + duration
        heldBackUntil = deadline
        while lent > 0, deadline > .now, !file.stop.isSet { changed.wait(until: deadline) }
        let idle = Set(idle.map { ObjectIdentifier($0.connection) })
        deniers = lent == 0 ? [] : Set(connections.map(ObjectIdentifier.init)).subtracting(idle)
    }

    func letGoOn() {
        lock.withLock {
            heldBackUntil = nil
            for free in line.all { free.signal() }
        }
    }

    /// Whether a read still runs that was too long for the last pause: another pause would only hold up the other
    /// reads.
    var isRoomDenied: Bool { lock.withLock { !deniers.isEmpty } }

    // MARK: Memory and closing

    /// Gives the idle connections' caches back to the allocator.
    func releaseMemory() {
        lock.withLock { if !file.stop.isSet { for reader in idle { reader.connection.releaseMemory() } } }
    }

    /// Turns away the waiting reads, and interrupts the running ones. `stop` is set before.
    func beginClosing() {
        lock.withLock {
            changed.broadcast()
            for free in line.all { free.signal() }
            for connection in connections { connection.interrupt() }
        }
    }

    /// Waits for the running reads, and closes all connections.
    func close() {
        lock.lock()
        while lent > 0 || opening > 0 {
            // Repeated: an interrupt does not end a read that begins after it.
            for connection in connections { connection.interrupt() }
            changed.wait(until: .now + 2)
        }
        // The readers stay: a borrower may still be about to release one. A statement that ends on its thread would
        // race with a connection that ends here, which finalises all statements.
        let connections = connections
        self.connections = []
        lock.unlock()
        for connection in connections { connection.close() }
    }
}
