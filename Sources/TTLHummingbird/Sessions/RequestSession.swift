#if Hummingbird
internal import Logging
internal import NIOConcurrencyHelpers
internal import TTLSessions

/// What a request has found and what it wants, until the middleware carries it out.
struct RequestSession<Payload: Codable & Sendable>: Sendable {
    /// Who has authenticated in this request.
    struct Login {
        let subject: String
        /// Nil for no change.
        let isRemembered: Bool?
    }

    /// Nil where no middleware runs.
    var sessions: Sessions<Payload>?
    var logger: Logger?
    /// The session that the request came with.
    var loaded: Session<Payload>?
    /// The data as the handlers have left it.
    var data: SessionData<Payload>?
    var login: Login?
    /// Whether `loaded` shall end.
    var isCleared = false
    var wantsNewToken = false
    var newFlash: [FlashMessage] = []
    /// Whether a handler has looked at the session, so that the response depends on the cookie.
    var wasRead = false
    /// The head of the response is on its way: what comes now is not saved.
    var isHeadSent = false
    var wasChangedTooLate = false

    /// What the middleware has to do, from the state after the handlers alone.
    enum Action {
        case nothing
        /// The session has no changes, and its token may be old.
        case renew(Session<Payload>)
        case create(SessionData<Payload>, Login?, replacing: Session<Payload>?)
        case authenticate(Session<Payload>, SessionData<Payload>, Login)
        case regenerate(Session<Payload>, SessionData<Payload>)
        case save(Session<Payload>, SessionData<Payload>)
        case end(Session<Payload>)
    }

    var action: Action {
        switch (loaded, data) {
        case (nil, nil): return .nothing
        case (let loaded?, nil): return .end(loaded)
        case (nil, let data?): return .create(data, login, replacing: nil)
        case (let loaded?, let data?):
            if isCleared || (login != nil && loaded.subject != nil && loaded.subject != login?.subject) {
                return .create(data, login, replacing: loaded)
            }
            if let login { return .authenticate(loaded, data, login) }
            if wantsNewToken { return .regenerate(loaded, data) }
            return data.isChanged || !newFlash.isEmpty ? .save(loaded, data) : .renew(loaded)
        }
    }

    mutating func clear() {
        (data, login, newFlash, wantsNewToken) = (nil, nil, [], false)
        isCleared = true
    }

    mutating func noteChange() {
        guard isHeadSent else { return }
        wasChangedTooLate = true
        logger?.error("a session was changed after the head of the response was sent; the change is lost")
    }
}

/// The state, shared by the context's copies.
final class RequestSessionBox<Payload: Codable & Sendable>: Sendable {
    private let state = NIOLockedValueBox(RequestSession<Payload>())

    func withLock<Success>(_ body: (inout RequestSession<Payload>) -> Success) -> Success {
        state.withLockedValue(body)
    }

    func begin(_ sessions: Sessions<Payload>, _ loaded: Session<Payload>?, _ logger: Logger) {
        withLock {
            $0 = RequestSession(
                sessions: sessions, logger: logger, loaded: loaded,
                data: loaded.map { SessionData(loaded: $0.payload, remaining: $0.details.remaining) })
        }
    }

    /// The wishes of the handlers, which are done. What comes now is too late.
    func takeState() -> RequestSession<Payload> {
        withLock {
            $0.isHeadSent = true
            return $0
        }
    }
}
#endif
