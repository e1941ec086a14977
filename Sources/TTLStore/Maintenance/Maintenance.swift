import Synchronization

/// The maintenance operations that run, so that `close()` can end them and wait for them.
final class Maintenance: @unchecked Sendable {
    // Sendable: the lock guards the mutable properties.
    private struct Entry {
        let run: MaintenanceRun
        let thread = ThreadNumber.current
        var holdsTurn = false
        var closesStore = false
    }

    private let lock = Lock()
    private let ended: Condition
    private var entries: [Entry] = []
    private var isClosed = false
    /// How many of the entries hold the writer's turn; read without the lock as well.
    private let turns = Atomic<Int>(0)

    init() { ended = Condition(for: lock) }

    /// Called on the operation's thread, as the two functions that follow.
    func begin(_ run: MaintenanceRun) throws(TTLStoreError) {
        try lock.withLock { () throws(TTLStoreError) in
            if isClosed { throw .closed(run.operation) }
            entries.append(Entry(run: run))
        }
    }

    /// - Returns: whether the store is to be closed now.
    func end(_ run: MaintenanceRun) -> Bool {
        lock.withLock {
            let closesStore = entries.contains { $0.run === run && $0.closesStore }
            entries.removeAll { $0.run === run }
            ended.broadcast()
            return closesStore
        }
    }

    func noteTurn(of run: MaintenanceRun, isHeld: Bool) {
        lock.withLock {
            for index in entries.indices where entries[index].run === run { entries[index].holdsTurn = isHeld }
        }
        turns.add(isHeld ? 1 : -1, ordering: .relaxed)
    }

    /// Throws on a thread that has the turn already, and would wait for itself.
    func checkTurn(_ operation: String) throws(TTLStoreError) {
        guard turns.load(ordering: .relaxed) > 0 else { return }
        guard lock.withLock({ entries.contains { $0.holdsTurn && $0.thread == ThreadNumber.current } }) else { return }
        throw TTLStoreError(
            .reentrant, "the closure that is told of the progress called the store, which waits for it", in: operation)
    }

    // MARK: Closing

    /// For a `close()` from inside a progress closure, which can't wait for the operation that called it: the operation
    /// closes the store when it has ended.
    /// - Returns: false on any other thread.
    func closeLater() -> Bool {
        lock.withLock {
            guard let index = entries.lastIndex(where: { $0.thread == ThreadNumber.current }) else { return false }
            entries[index].closesStore = true
            return true
        }
    }

    /// Turns away whoever comes, and interrupts the operations that run.
    func beginClosing() {
        lock.withLock {
            isClosed = true
            for entry in entries { entry.run.interrupt() }
        }
    }

    /// Waits for the operations that run.
    func close() {
        beginClosing()
        lock.lock()
        while !entries.isEmpty {
            // Again and again: a statement that had not begun when it was interrupted isn't ended by that.
            for entry in entries { entry.run.interrupt() }
            ended.wait(until: .now + 2)
        }
        lock.unlock()
    }
}
