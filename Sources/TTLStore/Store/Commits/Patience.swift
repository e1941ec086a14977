/// How long work waits: for its turn, and then for another process's lock.
struct Patience: Sendable {
    /// Behind other work of the same store, such as a commit, a batch or the end of a checkpoint, a caller waits for so
    /// long at least: a `busyTimeout` of zero is about locks, not about the other threads of the program.
    static let shortWork: Milliseconds = 1000
    /// The store's own thread: for its turn it waits as long as it takes, or it would lose its place in a long line
    /// again and again. The program's own writers wait behind it while it waits for a lock, so it does not wait for
    /// that for long.
    static let ownThread = Patience(turn: 1 << 40, lock: 50, isForBoth: false)

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

    /// That of a caller: `Configuration.busyTimeout` in all.
    init(busyTimeout: Milliseconds) {
        self.init(turn: max(busyTimeout, Patience.shortWork), lock: busyTimeout, isForBoth: true)
    }

    /// How long to wait for the lock, once the turn has come.
    /// - Parameter deadline: until when the turn was waited for; nil if it was free.
    func lockTimeout(turnDeadline deadline: MonotonicTime?) -> Milliseconds {
        // A request that found the turn free has no deadline.
        guard isForBoth, let deadline, deadline.nanoseconds < .max else { return lock }
        return max(0, deadline.milliseconds(since: .now) - (turn - lock))
    }

    /// By how much the time for the turn is longer than the time for the lock.
    var grace: Milliseconds { turn - lock }
}
