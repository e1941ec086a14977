/// The times of the leases that a lock is made of.
enum LockTimes {
    /// For how long a holder that is gone, and that can't be asked, keeps others waiting.
    static let lease = Duration.seconds(10)
    /// How often a holder renews its lease.
    static let renewal = Duration.seconds(3)
    /// How soon a renewal that has failed is tried again.
    static let retry = Duration.milliseconds(250)
    /// How long a command has between SIGTERM and SIGKILL.
    static let grace = Duration.seconds(5)
    /// For how long a waiter that is stopped keeps its place.
    static let ticket = Duration.seconds(4)
    static let ticketRenewal = Duration.seconds(1)

    /// How often a waiter asks the system whether the process before it still runs.
    static let census = Duration.milliseconds(100)

    /// How long a waiter sleeps before it looks again: from 1 ms up to 25 ms, the longer the less happens.
    /// - Parameters:
    ///   - isFirst: whether nobody else comes before it.
    ///   - quiet: for how long nothing has changed.
    static func pause(isFirst: Bool, quiet: Duration) -> Duration {
        min(.milliseconds(25), max(.milliseconds(isFirst ? 1 : 10), quiet / 8))
    }
}
