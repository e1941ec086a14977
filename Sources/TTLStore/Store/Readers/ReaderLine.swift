/// Who gets the next free reader. A value: `ReaderPool` has the lock around it.
///
/// As a rule whoever comes first: to hand a reader over to a thread that sleeps would leave it idle for as long as a
/// wake-up takes, which is several short reads. Once the first in the line has waited for `patience`, the others leave
/// the next one to it. So nobody waits for longer than that and one read for each who came before.
struct ReaderLine<Waiter: AnyObject> {
    static var patience: Milliseconds { 5 }

    private var waiters: [(waiter: Waiter, since: MonotonicTime)] = []

    /// Whom to wake when a reader is free.
    var first: Waiter? { waiters.first?.waiter }

    var all: [Waiter] { waiters.map(\.waiter) }

    mutating func enter(_ waiter: Waiter, at now: MonotonicTime) { waiters.append((waiter, now)) }

    /// It has got a reader, or gives up.
    mutating func leave(_ waiter: Waiter) { waiters.removeAll { $0.waiter === waiter } }

    /// - Parameters:
    ///   - waiter: nil for a thread that has just come.
    ///   - now: asked for only where somebody waits.
    func mayTake(_ waiter: Waiter?, at now: @autoclosure () -> MonotonicTime) -> Bool {
        guard let first = waiters.first, first.waiter !== waiter else { return true }
        return now() < first.since + ReaderLine.patience
    }
}
