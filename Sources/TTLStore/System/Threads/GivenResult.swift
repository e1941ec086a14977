import Synchronization

/// A result that one thread gives, and one task waits for.
///
/// It goes through the state and not through the continuation. That orders both as well, but unseen by the thread
/// sanitizer where the task is resumed before it has suspended.
final class GivenResult<Value: Sendable>: @unchecked Sendable {
    // Sendable: `given` is written before the state says so, and read after it; `waiting` likewise.
    private let state = Atomic<State>(.open)
    private var given: Value?
    private var waiting: CheckedContinuation<Void, Never>?

    private enum State: UInt8, AtomicRepresentable {
        case open, awaited, given
    }

    /// Once. Called outside all locks.
    func give(_ value: Value) {
        given = value
        if state.exchange(.given, ordering: .acquiringAndReleasing) == .awaited { waiting?.resume() }
    }

    var isGiven: Bool { state.load(ordering: .acquiring) == .given }

    /// Awaited once.
    var value: Value {
        get async {
            if !isGiven { await suspend() }
            // The one who resumes has given it. The load orders the read of it.
            precondition(isGiven)
            return given!
        }
    }

    private func suspend() async {
        await withCheckedContinuation { continuation in
            waiting = continuation
            let (isAwaited, _) = state.compareExchange(
                expected: .open, desired: .awaited, ordering: .acquiringAndReleasing)
            if !isAwaited { continuation.resume() }
        }
    }
}
