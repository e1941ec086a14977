import Synchronization

/// The one closure of the program that runs inside a transaction at a time, with the turn held.
final class RunningClosure: Sendable {
    /// The thread that runs it; 0 when none runs.
    private let thread = Atomic<UInt>(0)
    private let wantsClosing = Atomic<Bool>(false)

    /// True inside the closure.
    var isOnCurrentThread: Bool {
        let number = thread.load(ordering: .relaxed)
        return number != 0 && number == ThreadNumber.current
    }

    func run<Success>(_ body: () throws -> Success) rethrows -> Success {
        thread.store(ThreadNumber.current, ordering: .relaxed)
        defer { thread.store(0, ordering: .relaxed) }
        return try body()
    }

    /// Called by the closure: it has closed the store, which can only be done when it has returned.
    func closeLater() { wantsClosing.store(true, ordering: .relaxed) }

    /// Called by whoever ran the closure, before the next one can run.
    func takeWish() -> Bool { wantsClosing.exchange(false, ordering: .relaxed) }
}
