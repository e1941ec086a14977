/// How long work waits: for its turn, and then for another process's lock.
struct Patience: Sendable {
    /// How long a caller waits at least behind other work of the same store, such as a commit, a batch or the end of a
    /// checkpoint: a `busyTimeout` of zero concerns locks, not the other threads of the program.
    static let shortWork: Milliseconds = 1000
    /// For the store's own thread. It waits for its turn as long as it takes, since it would otherwise lose its place
    /// in a long line again and again. It waits only shortly for a lock, since the program's own writers wait behind it
    /// meanwhile: a little longer than a batch of another process holds it.
    static let ownThread = Patience(turn: 1 << 40, lock: 200, isForBoth: false)

    /// How long to wait for the turn.
    let turn: Milliseconds
    private let lock: Milliseconds
    /// Whether the time that the turn took counts for the lock as well.
    private let isForBoth: Bool

    private init(turn: Milliseconds, lock: Milliseconds, isForBoth: Bool) {
        self.turn = turn
        self.lock = lock
        self.isForBoth = isForBoth
    }

    /// For a caller: `Configuration.busyTimeout` in all.
    init(busyTimeout: Milliseconds) {
        self.init(turn: max(busyTimeout, Patience.shortWork), lock: busyTimeout, isForBoth: true)
    }

    /// How long to wait for the lock, once the turn has come.
    /// - Parameter deadline: the deadline of the wait for the turn; nil if the turn was free.
    func lockTimeout(turnDeadline deadline: MonotonicTime?) -> Milliseconds {
        // A request that found the turn free has no deadline.
        guard isForBoth, let deadline, deadline.nanoseconds < .max else { return lock }
        return max(0, deadline.milliseconds(since: .now) - (turn - lock))
    }

    /// By how much the time for the turn is longer than the time for the lock.
    var grace: Milliseconds { turn - lock }
}
