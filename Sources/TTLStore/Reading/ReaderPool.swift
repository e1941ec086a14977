/// The reading connections, each lent to one thread at a time. Readers never wait for writers.
///
/// Connections are opened when they are first needed, and the one used last is lent first: its cache is warm.
final class ReaderPool: @unchecked Sendable {
    // Sendable: the lock guards the mutable properties; a lent reader belongs to the borrower.
    private let file: StoreFile
    private let activity: ActivityCounters
    private let lock = Lock()
    private let returned: Condition
    private var idle: [EntryReader] = []
    private var connections: [Connection] = []
    private var lent = 0
    private var opening = 0
    private var isClosed = false

    init(_ file: StoreFile, activity: ActivityCounters) {
        self.file = file
        self.activity = activity
        returned = Condition(for: lock)
    }

    /// For a read-only store, whose first connection is a reader.
    func add(_ reader: EntryReader) {
        lock.withLock {
            connections.append(reader.connection)
            idle.append(reader)
        }
    }

    func read<Success>(
        _ operation: String, _ body: (EntryReader) throws -> Success
    ) throws(TTLStoreError) -> Success {
        let reader = try borrow(operation)
        defer { giveBack(reader) }
        do { return try body(reader) } catch { throw TTLStoreError(any: error, in: operation) }
    }

    private func borrow(_ operation: String) throws(TTLStoreError) -> EntryReader {
        while true {
            if let reader = try borrowIdle(operation) { return reader }
            lock.withLock { if !isClosed, isExhausted { returned.wait() } }
        }
    }

    /// A reader to be given back; nil if all are lent. For a caller for whom others may be waiting.
    func borrowIdle(_ operation: String) throws(TTLStoreError) -> EntryReader? {
        lock.lock()
        guard !isClosed else {
            lock.unlock()
            throw .closed(operation)
        }
        if idle.isEmpty, !isExhausted { return try openOne(operation) }
        defer { lock.unlock() }
        guard let reader = idle.popLast() else { return nil }
        lend(reader)
        return reader
    }

    /// Whether nobody can borrow before somebody gives back (the lock is held).
    private var isExhausted: Bool {
        idle.isEmpty && connections.count + opening >= file.configuration.maximumReaders
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
            if case .failure = opened { returned.broadcast() }
            let reader = try opened.get()
            connections.append(reader.connection)
            lend(reader)
            return reader
        }
    }

    private func lend(_ reader: EntryReader) {
        reader.connection.claim()
        lent += 1
    }

    func giveBack(_ reader: EntryReader) {
        lock.withLock {
            lent -= 1
            reader.connection.release()
            idle.append(reader)
            if isClosed { returned.broadcast() } else { returned.signal() }
        }
    }

    /// Gives the idle connections' caches back to the allocator.
    func releaseMemory() {
        lock.withLock { if !isClosed { for reader in idle { reader.connection.releaseMemory() } } }
    }

    /// Turns away whoever waits or comes, and interrupts the reads that run.
    func beginClosing() {
        lock.withLock {
            isClosed = true
            returned.broadcast()
            for connection in connections { connection.interrupt() }
        }
    }

    /// Waits for the reads that run, and closes all connections.
    func close() {
        beginClosing()
        lock.lock()
        while lent > 0 || opening > 0 {
            // Again and again: a read that had not begun when it was interrupted isn't ended by that.
            for connection in connections { connection.interrupt() }
            returned.wait(until: .now + 2)
        }
        // The readers stay: a borrower may still be about to let go of one, and a statement that ends on its thread
        // would race with the connection that ends here, which finalises all statements.
        let connections = connections
        self.connections = []
        lock.unlock()
        for connection in connections { connection.close() }
    }
}
