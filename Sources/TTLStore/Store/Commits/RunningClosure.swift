import Synchronization

/// The closure of the program that runs inside a transaction, with the turn held: one at a time.
final class RunningClosure: Sendable {
    /// The thread that runs it; 0 when none runs.
    private let thread = Atomic<UInt>(0)

    /// True inside the closure.
    var isOnCurrentThread: Bool {
        let number = thread.load(ordering: .relaxed)
        return number != 0 && number == ThreadNumber.current
    }

    /// - Parameter file: the file whose write lock is held meanwhile; nil for a store in memory.
    func run<Success>(on file: FileIdentity?, _ body: () throws -> Success) rethrows -> Success {
        thread.store(ThreadNumber.current, ordering: .relaxed)
        RunningClosures.begin(file)
        defer {
            RunningClosures.end(file)
            thread.store(0, ordering: .relaxed)
        }
        return try body()
    }

    static func reentrant(_ operation: String) -> TTLStoreError {
        TTLStoreError(
            .reentrant, "the closure of a transaction called the store; use its transaction instead", in: operation)
    }
}

/// The closures of transactions that run in this process. A closure that writes to its own file through a second store
/// would wait for itself.
enum RunningClosures {
    private struct Entry: Equatable {
        let thread: UInt
        let file: FileIdentity
        /// A forked child has inherited neither the threads nor the locks.
        let generation = ForkGuard.current
    }

    private static let count = Atomic<Int>(0)
    private static let running = Running()

    private final class Running: @unchecked Sendable {
        // Sendable: the lock guards the entries.
        let lock = Lock()
        var entries: [Entry] = []
    }

    fileprivate static func begin(_ file: FileIdentity?) {
        guard let file else { return }
        running.lock.withLock { running.entries.append(Entry(thread: ThreadNumber.current, file: file)) }
        count.add(1, ordering: .relaxed)
    }

    fileprivate static func end(_ file: FileIdentity?) {
        guard let file else { return }
        count.subtract(1, ordering: .relaxed)
        let entry = Entry(thread: ThreadNumber.current, file: file)
        running.lock.withLock {
            if let index = running.entries.lastIndex(of: entry) { running.entries.remove(at: index) }
        }
    }

    /// Whether a closure on the calling thread holds the write lock of the file. One atomic load, as long as none runs.
    static func holdFile(_ file: FileIdentity?) -> Bool {
        guard count.load(ordering: .relaxed) > 0, let file else { return false }
        let entry = Entry(thread: ThreadNumber.current, file: file)
        return running.lock.withLock { running.entries.contains(entry) }
    }
}
