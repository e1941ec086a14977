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

    /// The closure has closed the store, which can only be done when it has returned.
    func closeLater() { wantsClosing.store(true, ordering: .relaxed) }

    func takeWish() -> Bool {
        wantsClosing.load(ordering: .relaxed) && wantsClosing.exchange(false, ordering: .relaxed)
    }
}
