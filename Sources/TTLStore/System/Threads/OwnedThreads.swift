import Synchronization

/// The threads of one store: each is counted while it runs, and ended before the store is closed.
final class OwnedThreads: @unchecked Sendable {
    // Sendable: the lock guards `running` and `isClosed`; `onBegin` and `onEnd` are set before the first thread.
    private let lock = Lock()
    private var running: [OwnedThread] = []
    private var isClosed = false
    private let peakCount = Atomic<Int>(0)
    /// Called on each thread at its beginning and at its end. Set before the first thread is started.
    var onBegin: @Sendable () -> Void = {}
    var onEnd: @Sendable () -> Void = {}

    /// How many threads run, and the most that have run at the same time.
    var count: Int { lock.withLock { running.count } }
    var peak: Int { peakCount.load(ordering: .relaxed) }

    /// Starts a thread that runs `body`.
    /// - Returns: false if the store is being closed.
    /// - Throws: the system's error if it gives no thread.
    func startOrThrow(_ name: String, _ body: @escaping @Sendable () -> Void) throws(ThreadError) -> Bool {
        try lock.withLock { () throws(ThreadError) in
            guard !isClosed else { return false }
            running.append(
                try OwnedThread(name: name) { [self] in
                    onBegin()
                    body()
                    onEnd()
                })
            if running.count > peakCount.load(ordering: .relaxed) {
                peakCount.store(running.count, ordering: .relaxed)
            }
            return true
        }
    }

    /// - Returns: false if the system gives no thread, or the store is being closed.
    func start(_ name: String, _ body: @escaping @Sendable () -> Void) -> Bool {
        (try? startOrThrow(name, body)) ?? false
    }

    /// Whether the calling thread is one of the store's threads.
    var hasCurrent: Bool { lock.withLock { running.contains(where: \.isCurrent) } }

    /// Waits for all threads, which have been told to end; detaches the calling thread, if it is one of them.
    func join() {
        let threads = lock.withLock {
            isClosed = true
            defer { running = [] }
            return running
        }
        for thread in threads { if thread.isCurrent { thread.detach() } else { thread.join() } }
    }
}
