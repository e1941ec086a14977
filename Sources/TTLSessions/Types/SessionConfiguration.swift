#if Sessions
public import TTLStore

/// The settings of ``Sessions``. Each has a default, which an application that needs more than a password should look
/// at: the article "Session security, statement by statement" compares the timeouts with OWASP's advice.
public struct SessionConfiguration: Sendable {
    /// How long a session lasts.
    public struct Timeouts: Hashable, Sendable {
        /// The session ends so long after its last use, and up to ``SessionConfiguration/useInterval`` earlier.
        public var idle: Duration
        /// The session ends so long after it began or its subject last authenticated, however much it is used.
        public var absolute: Duration

        /// Both are whole milliseconds, rounded up, and longer than zero; `idle` is at most `absolute`.
        public init(idle: Duration, absolute: Duration) {
            self.idle = idle
            self.absolute = absolute
        }
    }

    /// For sessions that last as long as the browser is open: 30 minutes without use, 12 hours at most.
    public var timeouts = Timeouts(idle: .seconds(30 * 60), absolute: .seconds(12 * 3600))
    /// For sessions that are remembered, whose cookie outlives the browser: 14 days without use, 30 days at most.
    public var rememberedTimeouts = Timeouts(idle: .seconds(14 * 86_400), absolute: .seconds(30 * 86_400))
    /// How often the use of a session is written, at most: 5 minutes, or a sixth of the idle timeout if that is less. A
    /// session may end so much before its idle timeout is over, and never after it. Longer than zero.
    public var useInterval = Duration.seconds(300)
    /// The age at which ``Sessions/renew(_:)`` gives the session another token; nil for no renewal. An hour.
    public var renewalAge: Duration? = .seconds(3600)
    /// How long the old token is still accepted after a renewal, for requests that the browser sent before it got the
    /// new one. 30 seconds; from zero to 5 minutes.
    public var renewalGrace = Duration.seconds(30)
    /// The most sessions of one subject; nil for any number. If there are more after a login, the sessions that were
    /// not used for longest end. From 1.
    public var maximumPerSubject: Int?
    /// The largest payload, in bytes of its JSON: 64 KiB. From 1 byte.
    public var maximumPayloadSize = 64 << 10
    /// Where the time comes from. Give the store the same clock.
    public var clock = TTLStore.WallClock.system
    /// Called with what happens to sessions, by the task to which it happens, after it has happened.
    public var onEvent: (@Sendable (SessionEvent) -> Void)?

    /// The defaults.
    public init() {}

    /// The time in milliseconds since 1970, as far as sums with it don't overflow: a clock may show anything.
    var now: Int64 { max(0, min(clock.now, 253_402_300_799_999)) }

    func timeouts(remembered: Bool) -> Timeouts { remembered ? rememberedTimeouts : timeouts }

    func validate() throws(SessionError) {
        func require(_ condition: Bool, _ message: String) throws(SessionError) {
            if !condition { throw SessionError(.invalidConfiguration, message) }
        }
        for timeouts in [timeouts, rememberedTimeouts] {
            try require(timeouts.idle > .zero, "the idle timeout is longer than zero")
            try require(timeouts.absolute >= timeouts.idle, "the absolute timeout is not shorter than the idle one")
            try require(
                timeouts.absolute <= SessionConfiguration.longestTimeout, "the absolute timeout is at most 1000 years")
        }
        try require(useInterval > .zero, "useInterval is longer than zero")
        try require(renewalAge ?? .seconds(1) > .zero, "renewalAge is longer than zero, or nil")
        try require(
            renewalGrace >= .zero && renewalGrace <= SessionConfiguration.longestGrace,
            "renewalGrace is from zero to 5 minutes")
        try require(maximumPerSubject ?? 1 >= 1, "maximumPerSubject is at least 1, or nil")
        try require(maximumPayloadSize >= 1, "maximumPayloadSize is at least 1")
    }

    static let longestTimeout = Duration.seconds(1000 * 366 * 86_400)
    static let longestGrace = Duration.seconds(300)
}

extension Duration {
    /// In whole milliseconds, rounded up; for durations up to `SessionConfiguration.longestTimeout`.
    var milliseconds: Int64 {
        let (seconds, attoseconds) = min(self, SessionConfiguration.longestTimeout).components
        return max(0, seconds) * 1000 + (max(0, attoseconds) + 999_999_999_999_999) / 1_000_000_000_000_000
    }
}
#endif
