/// Decides which thread gets the next free reader. A value: `ReaderPool` has the lock around it.
///
/// As a rule the first thread that comes: a reader that is handed to a sleeping thread would be idle during the
/// wake-up, which takes as long as several short reads. Once the first thread in line has waited for `patience`, the
/// others leave the next reader to it. So no thread waits for longer than that and one read for each thread before it.
struct ReaderLine<Waiter: AnyObject> {
    static var patience: Milliseconds { 5 }

    private var waiters: [(waiter: Waiter, since: MonotonicTime)] = []

    /// The waiter to wake when a reader is free.
    var first: Waiter? { waiters.first?.waiter }

    var all: [Waiter] { waiters.map(\.waiter) }

    mutating func enter(_ waiter: Waiter, at now: MonotonicTime) { waiters.append((waiter, now)) }

    /// The waiter has got a reader, or gives up.
    mutating func leave(_ waiter: Waiter) { waiters.removeAll { $0.waiter === waiter } }

    /// - Parameters:
    ///   - waiter: nil for a thread that has just come.
    ///   - now: read only if a thread waits.
    func mayTake(_ waiter: Waiter?, at now: @autoclosure () -> MonotonicTime) -> Bool {
        guard let first = waiters.first, first.waiter !== waiter else { return true }
        return now() < first.since + ReaderLine.patience
    }
}
