#if Sessions
internal import Synchronization

/// What has happened to sessions since ``Sessions`` was made, in this process and by this object.
public struct SessionStatistics: Hashable, Sendable {
    /// Sessions that began.
    public internal(set) var created = 0
    /// Logins in a session that existed.
    public internal(set) var authenticated = 0
    /// New tokens, but for logins.
    public internal(set) var tokensRenewed = 0
    /// Sessions that this object has ended. Ends by another process, or in the shell, are not seen.
    public internal(set) var ended = 0
    /// Sessions whose timeout was reported, see ``Sessions/reportTimeouts()``.
    public internal(set) var timedOut = 0
    /// Tokens of the right form that opened no session.
    public internal(set) var unknownTokens = 0
    /// Texts that no server has made.
    public internal(set) var malformedTokens = 0
    /// Writes of a session's use; see ``SessionConfiguration/useInterval``.
    public internal(set) var usesWritten = 0
}

final class SessionCounters: Sendable {
    private let created = Atomic(0), authenticated = Atomic(0), tokensRenewed = Atomic(0), ended = Atomic(0)
    private let timedOut = Atomic(0), unknownTokens = Atomic(0), malformedTokens = Atomic(0), usesWritten = Atomic(0)

    func count(_ event: SessionEvent) {
        switch event.kind {
        case .created: add(event.count, to: created)
        case .authenticated: add(event.count, to: authenticated)
        case .tokenRenewed: add(event.count, to: tokensRenewed)
        case .ended: add(event.count, to: ended)
        case .timedOut: add(event.count, to: timedOut)
        case .unknownToken: add(1, to: unknownTokens)
        default: add(1, to: malformedTokens)
        }
    }

    func countUse() { add(1, to: usesWritten) }

    private func add(_ count: Int, to counter: borrowing Atomic<Int>) { counter.add(count, ordering: .relaxed) }

    var statistics: SessionStatistics {
        func value(_ counter: borrowing Atomic<Int>) -> Int { counter.load(ordering: .relaxed) }
        return SessionStatistics(
            created: value(created), authenticated: value(authenticated), tokensRenewed: value(tokensRenewed),
            ended: value(ended), timedOut: value(timedOut), unknownTokens: value(unknownTokens),
            malformedTokens: value(malformedTokens), usesWritten: value(usesWritten))
    }
}

extension Sessions {
    /// What has happened to sessions since this object was made. Costs nothing.
    public var statistics: SessionStatistics { counters.statistics }
}
#endif
