#if Hummingbird
public import Logging
public import ServiceLifecycle
public import TTLSessions

extension SessionConfiguration {
    /// Logs the life of sessions, by their handles: begun, logged in, renewed and ended at the level `info`, timeouts
    /// at `debug`, tokens that open nothing at `notice`. No message holds a token, a subject or data.
    ///
    /// The logger is called before a closure that was already set as `onEvent`. A closure that is set afterwards
    /// replaces both.
    public mutating func log(to logger: Logger) {
        let previous = onEvent
        onEvent = { event in
            event.log(to: logger)
            previous?(event)
        }
    }
}

extension SessionEvent {
    fileprivate func log(to logger: Logger) {
        switch kind {
        case .unknownToken: logger.notice("an unknown session token was sent")
        case .malformedToken: logger.notice("a malformed session token was sent")
        case .timedOut: logger.debug("session timed out", metadata: metadata)
        case .created: logger.info("session created", metadata: metadata)
        case .authenticated: logger.info("session authenticated", metadata: metadata)
        case .tokenRenewed: logger.info("session token renewed", metadata: metadata)
        default: logger.info("session \(kind)", metadata: metadata)
        }
    }

    private var metadata: Logger.Metadata {
        if let handle { ["session": "\(handle)"] } else { ["count": "\(count)"] }
    }
}

/// Reports sessions that time out, as long as it runs in a service group; see `Sessions.reportTimeouts()`.
public struct SessionTimeouts<Session: Codable & Sendable>: Service {
    private let sessions: Sessions<Session>

    /// For sessions in a store.
    public init(_ sessions: Sessions<Session>) { self.sessions = sessions }

    /// Ends when the group shuts down. Sessions in other storage than a store report nothing.
    /// - Throws: the errors of `TTLStore.removals`.
    public func run() async throws {
        let sessions = sessions
        try await cancelWhenGracefulShutdown { try await sessions.reportTimeouts() }
        // A service that ends by itself would end the whole group.
        try? await gracefulShutdown()
    }
}
#endif
