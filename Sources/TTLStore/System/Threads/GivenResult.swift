/// A result that one thread gives, and one task waits for.
///
/// It goes through the lock and not through the continuation. That orders both as well, but unseen by the thread
/// sanitizer where the task is resumed before it has suspended.
final class GivenResult<Value: Sendable>: @unchecked Sendable {
    // Sendable: the lock guards both.
    private let lock = Lock()
    private var given: Value?
    private var waiting: CheckedContinuation<Void, Never>?

    /// Once. Called outside all locks.
    func give(_ value: Value) {
        let waiting = lock.withLock {
            given = value
            return self.waiting
        }
        waiting?.resume()
    }

    /// Awaited once.
    var value: Value {
        get async {
            await withCheckedContinuation { continuation in
                let isGiven = lock.withLock {
                    if given == nil { waiting = continuation }
                    return given != nil
                }
                if isGiven { continuation.resume() }
            }
            // The one who resumes has given it.
            return lock.withLock { given! }
        }
    }
}
