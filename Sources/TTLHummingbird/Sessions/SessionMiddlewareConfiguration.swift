#if Hummingbird
internal import Hummingbird
public import TTLSessions

/// The settings of ``SessionMiddleware``.
public struct SessionMiddlewareConfiguration: Sendable {
    /// What happens to a session whose data is not of the application's type, for example after an update.
    public enum UnreadableSession: Hashable, Sendable {
        /// It ends, the request goes on without a session, and the cookie is removed. It is logged as an error.
        case end
        /// The request fails with status 500, and the session stays.
        case fail
    }

    /// One request of a session at a time, in all processes; see `Sessions.withExclusiveAccess`. It costs two more
    /// commits for a request with a session, and reads while a request waits, at last one every 25 to 50 ms.
    public struct ExclusiveAccess: Hashable, Sendable {
        /// How long a request waits for its turn. After that it gets status 503.
        public var waiting: Duration
        /// After which a turn ends by itself. A request that takes longer runs beside the next one; the one of the two
        /// that saves later gets status 409.
        public var duration: Duration

        /// Waits for up to 10 seconds, for a turn of up to 30.
        public init(waiting: Duration = .seconds(10), duration: Duration = .seconds(30)) {
            self.waiting = waiting
            self.duration = duration
        }
    }

    /// How the browser keeps the token.
    public var cookie = SessionCookie()
    /// What happens to a session whose data is not of the application's type.
    public var unreadableSession = UnreadableSession.end
    /// Whether one request of a session runs after the other; nil if they run at the same time.
    public var exclusiveAccess: ExclusiveAccess?
    /// What a request gets whose session was ended while it ran, so that its changes were not saved or its messages
    /// could not be taken: an error, by default with status 409.
    public var conflict: @Sendable (SessionError) -> any Error = { _ in
        HTTPError(.conflict, message: "The session has ended.")
    }

    /// The defaults.
    public init() {}
}
#endif
