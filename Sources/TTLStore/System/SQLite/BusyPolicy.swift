/// How long a connection waits for a lock that another connection holds, and what ends the wait early.
///
/// `sqlite3_interrupt` does not end SQLite's own busy timeout; this handler reads a stop flag at every step.
final class BusyPolicy: @unchecked Sendable {
    // Sendable: `stop` is shared and atomic; the rest belongs to the thread that uses the connection.
    private let stop: StopFlag
    /// The longest time for one wait. Zero means not to wait at all.
    var timeout: Milliseconds
    /// Called when a wait has timed out.
    var onGivingUp: (() -> Void)?
    private var deadline = MonotonicTime(nanoseconds: 0)

    init(stop: StopFlag, timeout: Milliseconds) {
        self.stop = stop
        self.timeout = timeout
    }

    /// Steps of 0.25, 0.5, 1, 2, 4 ms: short enough to be woken soon, long enough not to burn a core.
    fileprivate func shouldRetry(after attempts: Int32) -> Bool {
        let now = MonotonicTime.now
        if attempts == 0 { deadline = now + timeout }
        guard !stop.isSet, now < deadline else {
            onGivingUp?()
            return false
        }
        sleepThread(microseconds: 250 << UInt32(clamping: min(attempts, 4)))
        return true
    }
}

/// The `sqlite3_busy_handler` of every connection.
func handleBusy(_ context: UnsafeMutableRawPointer?, _ attempts: Int32) -> Int32 {
    guard let context else { return 0 }
    // Unretained: the connection keeps the policy for longer than SQLite keeps the pointer.
    return Unmanaged<BusyPolicy>.fromOpaque(context).takeUnretainedValue().shouldRetry(after: attempts) ? 1 : 0
}
