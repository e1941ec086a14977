/// The reading connections, each lent to one thread at a time. Readers never wait for writers.
///
/// Connections are opened when they are first needed, and the one used last is lent first: its cache is warm.
final class ReaderPool: @unchecked Sendable {
    // Sendable: the lock guards the mutable properties; a lent reader belongs to the borrower.
    private let file: StoreFile
    private let activity: ActivityCounters
    private let patience: Milliseconds
    private let lock = Lock()
    /// A reader was given back, or may be lent again.
    private let changed: Condition
    private var idle: [EntryReader] = []
    private var connections: [Connection] = []
    private var lent = 0
    private var opening = 0
    /// Nothing is lent before that moment, so that the log can be begun anew.
    private var heldBackUntil: MonotonicTime?
    /// What `ReadOnlyWatch.look` has said last, and the lent connections that are older.
    private var viewNumber = 0
    private var outdated: Set<ObjectIdentifier> = []
    private let refusal = ReaderRefusal()

    init(_ file: StoreFile, activity: ActivityCounters) {
        self.file = file
        self.activity = activity
        patience = Patience(busyTimeout: file.configuration.busyTimeoutMilliseconds).turn
        changed = Condition(for: lock)
    }

    /// For a read-only store, whose first connection is a reader.
    func add(_ reader: EntryReader) {
        lock.withLock {
            connections.append(reader.connection)
            idle.append(reader)
        }
    }

    /// Waits for a reader where all are lent.
    /// - Throws: `busy` where none comes back within `Configuration.busyTimeout`; `fileReplaced` where it is known that
    ///   the log was deleted.
    func read<Success>(
        _ operation: String, _ body: (EntryReader) throws -> Success
    ) throws(TTLStoreError) -> Success {
        if let watch = file.readOnlyWatch { return try read(operation, watch, body) }
        try file.checkLog(in: operation)
        let reader = try borrow(operation)
        defer { giveBack(reader) }
        do { return try body(reader) } catch { throw TTLStoreError(any: error, in: operation) }
    }

    private func borrow(_ operation: String) throws(TTLStoreError) -> EntryReader {
        lock.lock()
        guard heldBackUntil == nil, !file.stop.isSet, let reader = takeIdle() else {
            return try openOrWait(operation)
        }
        lock.unlock()
        return reader
    }

    /// Called with the lock held, returns without it.
    private func openOrWait(_ operation: String) throws(TTLStoreError) -> EntryReader {
        let deadline = MonotonicTime.now + patience
        var failure: TTLStoreError?
        while true {
            if file.stop.isSet {
                lock.unlock()
                throw .closed(operation)
            }
            if heldBackUntil == nil {
                if let reader = takeIdle() {
                    lock.unlock()
                    return reader
                }
                if failure == nil, !isExhausted, connections.isEmpty || !refusal.isRecent {
                    do throws(TTLStoreError) { return try openOne(operation) } catch {
                        lock.lock()
                        // At the limit of descriptors, a reader that is lent will do as well.
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
            changed.wait(until: min(deadline, heldBackUntil ?? deadline))
            if let until = heldBackUntil, until <= .now { heldBackUntil = nil }
        }
    }

    /// A reader to be given back; nil if all are lent. Waits for nothing.
    func borrowIdle(_ operation: String) throws(TTLStoreError) -> EntryReader? {
        lock.lock()
        if !file.stop.isSet, heldBackUntil == nil {
            if idle.isEmpty, !isExhausted, !refusal.isRecent { return try openOne(operation) }
            if let reader = takeIdle() {
                lock.unlock()
                return reader
            }
        }
        lock.unlock()
        if file.stop.isSet { throw .closed(operation) }
        return nil
    }

    /// Whether nothing can be lent before a reader is given back (the lock is held).
    private var isExhausted: Bool {
        idle.isEmpty && connections.count + opening >= file.configuration.maximumReaders
    }

    /// The lock is held.
    private func takeIdle() -> EntryReader? {
        guard let reader = idle.popLast() else { return nil }
        lend(reader)
        return reader
    }

    /// Called with the lock held, returns without it.
    private func openOne(_ operation: String) throws(TTLStoreError) -> EntryReader {
        opening += 1
        let viewNumber = viewNumber
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
            // The place is free for a later try, and a closer waits for it.
            if case .failure(let error) = opened {
                changed.broadcast()
                refusal.note(error, hasReaders: !connections.isEmpty)
            } else {
                refusal.end()
            }
            let reader = try opened.get()
            connections.append(reader.connection)
            if viewNumber != self.viewNumber { outdated.insert(ObjectIdentifier(reader.connection)) }
            lend(reader)
            return reader
        }
    }

    /// Whether whoever reads has to do without a reader for a moment. As a rule the cost is that of an atomic load.
    var hasNone: Bool { refusal.isWithoutReaders }

    private func lend(_ reader: EntryReader) {
        reader.connection.beginUse()
        lent += 1
    }

    func giveBack(_ reader: EntryReader) {
        // It is the borrower's until then, and no other thread refers to it.
        let isOutdated = isOutdated(reader.connection)
        if isOutdated { reader.connection.close() }
        lock.withLock {
            lent -= 1
            reader.connection.endUse()
            if !isOutdated { idle.append(reader) }
            if file.stop.isSet || heldBackUntil != nil { changed.broadcast() } else { changed.signal() }
        }
    }

    // MARK: A file that is read in another way, see `ReadOnlyWatch`

    /// How often a read is repeated at most, while the file changes under it.
    private static let tries = 10

    static func changed(_ operation: String) -> TTLStoreError {
        TTLStoreError(.busy, "the file was changed while it was read", in: operation)
    }

    /// Lets go of the connections that are older than that number; of a lent one when it is given back.
    private func renew(_ number: Int) {
        let old = lock.withLock { () -> [EntryReader] in
            guard number > viewNumber else { return [] }
            viewNumber = number
            let old = idle
            idle = []
            connections.removeAll { connection in old.contains { $0.connection === connection } }
            outdated = Set(connections.map(ObjectIdentifier.init))
            return old
        }
        // A connection ends with the last reference to its reader: a borrower may still be about to let go of one.
        withExtendedLifetime(old) {}
    }

    private func isOutdated(_ connection: Connection) -> Bool {
        guard file.readOnlyWatch != nil else { return false }
        return lock.withLock {
            guard outdated.remove(ObjectIdentifier(connection)) != nil else { return false }
            connections.removeAll { $0 === connection }
            return true
        }
    }

    private func read<Success>(
        _ operation: String, _ watch: ReadOnlyWatch, _ body: (EntryReader) throws -> Success
    ) throws(TTLStoreError) -> Success {
        for triesLeft in (0..<ReaderPool.tries).reversed() {
            let number = try watch.look(in: operation)
            renew(number)
            let result = readOnce(operation, body)
            var failure: TTLStoreError?
            if case .failure(let error) = result { failure = error }
            // What was read is of one state of the file, or is read again.
            if try watch.hasChanged(since: number, hasFailed: failure != nil, in: operation) { continue }
            guard triesLeft > 0, let failure, ReadOnlyWatch.isPassing(failure) else { return try result.get() }
            sleepThread(microseconds: 1000)
        }
        throw ReaderPool.changed(operation)
    }

    private func readOnce<Success>(
        _ operation: String, _ body: (EntryReader) throws -> Success
    ) -> Result<Success, TTLStoreError> {
        do {
            let reader = try borrow(operation)
            defer { giveBack(reader) }
            return .success(try body(reader))
        } catch { return .failure(TTLStoreError(any: error, in: operation)) }
    }

    // MARK: A moment without readers

    /// Lends no reader, and waits until the lent ones have come back, for at most `duration`.
    ///
    /// SQLite begins the log anew only in a moment in which nobody reads from it; readers that overlap leave none.
    /// - Returns: true if no reader is lent.
    func holdBack(for duration: Milliseconds) -> Bool {
        lock.lock()
        defer { lock.unlock() }
        let deadline = MonotonicTime.now + duration
        heldBackUntil = deadline
        while lent > 0, deadline > .now, !file.stop.isSet { changed.wait(until: deadline) }
        return lent == 0
    }

    func letGoOn() {
        lock.withLock {
            heldBackUntil = nil
            changed.broadcast()
        }
    }

    // MARK: Memory and closing

    /// Gives the idle connections' caches back to the allocator.
    func releaseMemory() {
        lock.withLock { if !file.stop.isSet { for reader in idle { reader.connection.releaseMemory() } } }
    }

    /// Turns away whoever waits, and interrupts the reads that run. `stop` is set before.
    func beginClosing() {
        lock.withLock {
            changed.broadcast()
            for connection in connections { connection.interrupt() }
        }
    }

    /// Waits for the reads that run, and closes all connections.
    func close() {
        lock.lock()
        while lent > 0 || opening > 0 {
            // Again and again: a read that had not begun when it was interrupted isn't ended by that.
            for connection in connections { connection.interrupt() }
            changed.wait(until: .now + 2)
        }
        // The readers stay: a borrower may still be about to let go of one, and a statement that ends on its thread
        // would race with the connection that ends here, which finalises all statements.
        let connections = connections
        self.connections = []
        lock.unlock()
        for connection in connections { connection.close() }
    }
}
