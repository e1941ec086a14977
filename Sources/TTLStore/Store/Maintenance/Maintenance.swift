import Synchronization

/// The running maintenance operations, so that `close()` can end them and wait for them.
final class Maintenance: @unchecked Sendable {
    // Sendable: the lock guards the mutable properties.
    private struct Entry {
        let run: MaintenanceRun
        let thread = ThreadNumber.current
        var holdsTurn = false
    }

    private let lock = Lock()
    private let ended: Condition
    private var entries: [Entry] = []
    private var isClosed = false
    private let count = Atomic<Int>(0)
    /// How many of the entries hold the writer's turn; read without the lock as well.
    private let turns = Atomic<Int>(0)

    init() { ended = Condition(for: lock) }

    /// Called on the operation's thread, like the next two functions.
    func begin(_ run: MaintenanceRun) throws(TTLStoreError) {
        try lock.withLock { () throws(TTLStoreError) in
            if isClosed { throw .closed(run.operation) }
            entries.append(Entry(run: run))
            count.store(entries.count, ordering: .relaxed)
        }
    }

    func end(_ run: MaintenanceRun) {
        lock.withLock {
            entries.removeAll { $0.run === run }
            count.store(entries.count, ordering: .relaxed)
            ended.broadcast()
        }
    }

    /// Whether an operation runs, which may keep its snapshot of the file for long.
    var isRunning: Bool { count.load(ordering: .relaxed) > 0 }

    func noteTurn(of run: MaintenanceRun, isHeld: Bool) {
        lock.withLock {
            for index in entries.indices where entries[index].run === run { entries[index].holdsTurn = isHeld }
        }
        turns.add(isHeld ? 1 : -1, ordering: .relaxed)
    }

    /// Throws on a thread that already has the turn and would wait for itself.
    func checkTurn(_ operation: String) throws(TTLStoreError) {
        guard turns.load(ordering: .relaxed) > 0 else { return }
        guard lock.withLock({ entries.contains { $0.holdsTurn && $0.thread == ThreadNumber.current } }) else { return }
        throw TTLStoreError(
            .reentrant, "the closure that is told of the progress called the store, which waits for it", in: operation)
    }

    // MARK: Closing

    /// Turns away new operations, and interrupts the running ones.
    func beginClosing() {
        lock.withLock {
            isClosed = true
            for entry in entries { entry.run.interrupt() }
        }
    }

    /// Waits for the running operations.
    func close() {
        beginClosing()
        lock.lock()
        while !entries.isEmpty {
            // Repeated: an interrupt does not end a statement that begins after it.
            for entry in entries { entry.run.interrupt() }
            ended.wait(until: .now + 2)
        }
        lock.unlock()
    }
}
