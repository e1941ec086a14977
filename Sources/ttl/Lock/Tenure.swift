/// What the holder of a lock does next, while its command runs. Effects are the caller's: it asks, acts, and tells.
struct Tenure {
    typealias Instant = ContinuousClock.Instant

    enum Action: Equatable {
        case renew
        /// The command gets SIGTERM.
        case terminate
        /// The command gets SIGKILL.
        case kill
        /// There is nothing to do before that moment; nil for the end of the command.
        case wait(until: Instant?)
    }

    /// Why the command has to end.
    enum Reason: Equatable {
        /// The lease has run out, or was taken away.
        case lost
        /// It was held for as long as it may be.
        case overdue
    }

    enum Renewal {
        case renewed, refused
        /// The store has failed.
        case failed
    }

    /// Nil as long as the command may go on.
    private(set) var reason: Reason?
    /// Until when the lease holds at least; nil once it is lost.
    private var end: Instant?
    private var renewal: Instant
    private let limit: Instant?
    /// When the command gets SIGKILL; nil before it has got SIGTERM.
    private var killing: Instant?
    private var isKilled = false

    /// - Parameters:
    ///   - start: a moment before the lease was acquired.
    ///   - longest: for how long it may be held.
    init(from start: Instant, longest: Duration?) {
        end = start + LockTimes.lease
        renewal = start + LockTimes.renewal
        limit = longest.map { start + $0 }
    }

    mutating func next(_ now: Instant) -> Action {
        if let end, end <= now { lose() }
        if let limit, limit <= now, reason == nil { reason = .overdue }
        if reason != nil {
            guard let killing else {
                self.killing = now + LockTimes.grace
                return .terminate
            }
            if killing <= now, !isKilled {
                isKilled = true
                return .kill
            }
        }
        // Also while the command ends: until then nobody else may have the lock.
        if end != nil, renewal <= now { return .renew }
        return .wait(until: [end, end == nil ? nil : renewal, nextStep].compactMap(\.self).min())
    }

    /// - Parameter start: a moment before the renewal began.
    mutating func note(_ outcome: Renewal, from start: Instant, now: Instant) {
        switch outcome {
        case .renewed:
            end = start + LockTimes.lease
            renewal = start + LockTimes.renewal
        case .refused: lose()
        case .failed: renewal = now + LockTimes.retry
        }
    }

    /// Looks at the lease now: the process may have been stopped.
    mutating func renewSoon(_ now: Instant) { renewal = min(renewal, now) }

    private var nextStep: Instant? { reason == nil ? limit : isKilled ? nil : killing }

    private mutating func lose() {
        end = nil
        reason = reason ?? .lost
    }
}
