import Synchronization

/// Waits of tasks, which have no thread to end them at their deadlines.
protocol TimedWaits: AnyObject, Sendable {
    /// Ends the waits whose deadline is `now` or earlier. Called on the timekeeper's thread, with no lock held.
    /// - Returns: the earliest remaining deadline; nil if no task waits.
    func endWaits(dueBy now: MonotonicTime) -> MonotonicTime?
}

/// Ends the waits of tasks at their deadlines, on one thread of the store's own, which starts when a task waits for the
/// first time.
///
/// The thread may wake up for a wait that has ended long ago, and then looks for the next deadline. So a wait that ends
/// in time costs one atomic load.
final class Timekeeper: @unchecked Sendable {
    // Sendable: the lock guards `waits`, `isStarted` and `isClosed`.
    static let threadName = "TTLStore.clock"

    private let threads: OwnedThreads
    private let lock = Lock()
    private let wake: Condition
    private var waits: [any TimedWaits] = []
    private var isStarted = false
    private var isClosed = false
    /// When the thread is to wake up next, in nanoseconds; written under the lock.
    private let nextWakeUp = Atomic<Int64>(.max)

    init(threads: OwnedThreads) {
        self.threads = threads
        wake = Condition(for: lock)
    }

    /// Called before any deadline of the waits is noted.
    func add(_ waits: any TimedWaits) { lock.withLock { self.waits.append(waits) } }

    /// Notes a wait that has begun and ends at `deadline`. Where the system gives no thread, the wait ends late,
    /// together with a later one.
    func note(_ deadline: MonotonicTime) {
        guard deadline.nanoseconds < nextWakeUp.load(ordering: .acquiring) else { return }
        lock.withLock {
            guard !isClosed, deadline.nanoseconds < nextWakeUp.load(ordering: .relaxed) else { return }
            if !isStarted { isStarted = threads.start(Timekeeper.threadName) { [self] in run() } }
            guard isStarted else { return }
            nextWakeUp.store(deadline.nanoseconds, ordering: .releasing)
            wake.signal()
        }
    }

    private func run() {
        lock.lock()
        while !isClosed {
            let next = MonotonicTime(nanoseconds: nextWakeUp.load(ordering: .relaxed))
            guard next <= .now else {
                if next.nanoseconds == .max { wake.wait() } else { wake.wait(until: next) }
                continue
            }
            // Deadlines that are noted from now on are compared with this, so none is lost during the look at the
            // waits.
            nextWakeUp.store(.max, ordering: .releasing)
            let waits = waits
            lock.unlock()
            let deadlines = waits.compactMap { $0.endWaits(dueBy: .now) }
            lock.lock()
            let earliest = deadlines.map(\.nanoseconds).min() ?? .max
            nextWakeUp.store(min(nextWakeUp.load(ordering: .relaxed), earliest), ordering: .releasing)
        }
        lock.unlock()
    }

    /// Lets the thread end; the closing thread joins it.
    func close() {
        lock.withLock {
            isClosed = true
            // The waits refer to this object as well.
            waits = []
            wake.broadcast()
        }
    }
}
