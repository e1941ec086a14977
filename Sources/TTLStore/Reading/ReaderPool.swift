import Synchronization

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
    /// No reader is opened before that moment, in nanoseconds; 0 where the last one could be. Changed under the lock.
    private let refusedUntil = Atomic<Int64>(0)
    /// Whether there is no reader at all beside that.
    private let isWithoutReaders = Atomic<Bool>(false)
    private static let refusalTime: Milliseconds = 1000

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
    /// - Throws: `busy` where none comes back within `Configuration.busyTimeout`.
    func read<Success>(
        _ operation: String, _ body: (EntryReader) throws -> Success
    ) throws(TTLStoreError) -> Success {
        let reader = try borrow(operation)
        defer { giveBack(reader) }
        do { return try body(reader) } catch { throw TTLStoreError(any: error, in: operation) }
    }

    private func borrow(_ operation: String) throws(TTLStoreError) -> EntryReader {
        lock.lock()
        // Not read before there is something to wait for.
        var deadline: MonotonicTime?
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
                if failure == nil, !isExhausted, connections.isEmpty || !isRefused {
                    do throws(TTLStoreError) { return try openOne(operation) } catch {
                        lock.lock()
                        // At the limit of descriptors, a reader that is lent will do as well.
                        guard ReaderPool.isRefusal(error), !connections.isEmpty else {
                            lock.unlock()
                            throw error
                        }
                        failure = error
                        continue
                    }
                }
            }
            let end = deadline ?? .now + patience
            deadline = end
            guard end > .now else {
                lock.unlock()
                throw failure ?? ReaderPool.allLent(operation)
            }
            changed.wait(until: min(end, heldBackUntil ?? end))
            if let until = heldBackUntil, until <= .now { heldBackUntil = nil }
        }
    }

    static func allLent(_ operation: String) -> TTLStoreError {
        TTLStoreError(.busy, "all readers of this store were busy for too long", in: operation)
    }

    /// A reader to be given back; nil if all are lent. Waits for nothing.
    func borrowIdle(_ operation: String) throws(TTLStoreError) -> EntryReader? {
        lock.lock()
        if !file.stop.isSet, heldBackUntil == nil {
            if idle.isEmpty, !isExhausted, !isRefused { return try openOne(operation) }
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
                noteRefusal(error)
            } else {
                refusedUntil.store(0, ordering: .relaxed)
                isWithoutReaders.store(false, ordering: .relaxed)
            }
            let reader = try opened.get()
            connections.append(reader.connection)
            lend(reader)
            return reader
        }
    }

    // MARK: Where no reader can be opened

    /// Of an opening that says nothing against the file: privileges were given up, or no descriptor is left.
    static func isRefusal(_ error: TTLStoreError) -> Bool {
        [.cannotOpen, .permissionDenied, .readOnlyFile].contains(error.code)
    }

    /// The lock is held.
    private func noteRefusal(_ error: TTLStoreError) {
        guard ReaderPool.isRefusal(error) else { return }
        refusedUntil.store((MonotonicTime.now + ReaderPool.refusalTime).nanoseconds, ordering: .relaxed)
        isWithoutReaders.store(connections.isEmpty, ordering: .relaxed)
    }

    private var isRefused: Bool {
        let until = refusedUntil.load(ordering: .relaxed)
        return until > 0 && MonotonicTime.now.nanoseconds < until
    }

    /// Whether whoever reads has to do without a reader for a moment. As a rule the cost is that of an atomic load.
    var hasNone: Bool { isWithoutReaders.load(ordering: .relaxed) && isRefused }

    private func lend(_ reader: EntryReader) {
        reader.connection.claim()
        lent += 1
    }

    func giveBack(_ reader: EntryReader) {
        lock.withLock {
            lent -= 1
            reader.connection.release()
            idle.append(reader)
            if file.stop.isSet || heldBackUntil != nil { changed.broadcast() } else { changed.signal() }
        }
    }

    // MARK: A moment without readers

    /// Lends no reader, and waits until those that are lent have come back, for at most `duration`.
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
