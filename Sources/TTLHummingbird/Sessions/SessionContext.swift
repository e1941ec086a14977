#if Hummingbird
public import Hummingbird
public import TTLSessions

/// A request context with a session. `Session` is what the application keeps in one.
///
/// The names are those of hummingbird-auth, so an application that has used its sessions changes an import.
public protocol SessionRequestContext<Session>: RequestContext {
    associatedtype Session: Codable & Sendable
    /// The request's session.
    var sessions: SessionContext<Session> { get }
}

/// A request context with nothing but a session.
public struct BasicSessionRequestContext<Session: Codable & Sendable>: SessionRequestContext {
    /// What every context has.
    public var coreContext: CoreRequestContextStorage
    /// The request's session.
    public let sessions: SessionContext<Session>

    /// For a request.
    public init(source: Source) {
        coreContext = CoreRequestContextStorage(source: source)
        sessions = SessionContext()
    }
}

/// A request's session: what it came with, and what the handlers want of it.
///
/// The handlers' wishes are carried out by ``SessionMiddleware`` after the last handler has returned and before the
/// response is sent, in one commit as a rule. A handler that throws, and a response with a status of 500 or more,
/// change nothing. A change that comes while the body is written is lost, and logged as an error; a streamed body is
/// cut off. Without the middleware a request has no session, and wishes are lost. The methods that throw are no wishes:
/// they take effect at once.
public struct SessionContext<Session: Codable & Sendable>: Sendable {
    let box = RequestSessionBox<Session>()

    /// An empty one, for the initialiser of a request context.
    public init() {}

    // MARK: The data

    /// The data; nil if the request has no session.
    public var session: Session? {
        box.withLock {
            $0.wasRead = true
            return $0.data?.object
        }
    }

    /// Stores data. A request without a session begins one, which nobody has logged in to.
    ///
    /// **Not for a login**: the token stays. A login calls ``authenticate(_:as:remembered:expiresIn:)``.
    /// - Parameters:
    ///   - session: the data.
    ///   - expiresIn: an idle timeout for this session, within its absolute deadline; nil for the one that it has, or
    ///     for the one of the configuration.
    public func setSession(_ session: Session, expiresIn: Duration? = nil) {
        box.withLock {
            $0.data = SessionData(session, expiresIn: expiresIn)
            $0.noteChange()
        }
    }

    /// Ends the session, and removes the browser's cookie: a logout.
    ///
    /// It also removes a cookie that opens no session any more, for a page that tells the user so. A browser then drops
    /// the pages that it has kept for its back button.
    public func clearSession() {
        box.withLock {
            $0.clear()
            $0.noteChange()
        }
    }

    /// Changes the data, or sets it to nil for a logout, while no other task of the request does.
    /// - Parameter mutate: is called once, at once, with the data or nil. It must not use the context.
    public func withLockedSession<Value>(_ mutate: (inout SessionData<Session>?) -> Value) -> Value {
        box.withLock { state in
            state.wasRead = true
            let before = state.data
            state.data?.noteNoChange()
            let value = mutate(&state.data)
            let isChanged = state.data?.isChanged ?? (before != nil)
            if let before { state.data?.noteChanges(of: before) }
            if state.data == nil, before != nil { state.clear() }
            if isChanged { state.noteChange() }
            return value
        }
    }

    // MARK: Logins

    /// Stores data for a user who has just authenticated: a login, or a check of the password in a session that exists.
    ///
    /// The browser gets another token, and the old one ends in the same commit. A session of another subject ends, and
    /// a new one begins. The session is fresh, and its lifetime begins anew.
    /// - Parameters:
    ///   - session: the data.
    ///   - subject: the user, 1 to 512 bytes of UTF-8; any other one is status 500.
    ///   - remembered: whether the cookie outlives the browser; nil for no change, and for a cookie that doesn't.
    ///   - expiresIn: an idle timeout for this session; nil for the one of the configuration.
    public func authenticate(
        _ session: Session, as subject: String, remembered: Bool? = nil, expiresIn: Duration? = nil
    ) {
        box.withLock {
            $0.data = SessionData(session, expiresIn: expiresIn)
            $0.login = RequestSession.Login(subject: subject, isRemembered: remembered)
            $0.noteChange()
        }
    }

    /// Gives the browser another token, with the same session: after a change of privileges. The data is saved in the
    /// same commit. A request that came by an old token, in its grace period, gets status 409.
    public func regenerate() {
        box.withLock {
            $0.wantsNewToken = true
            $0.noteChange()
        }
    }

    // MARK: The session itself

    /// The session that the request came with, as it was loaded; nil for none.
    public var details: SessionDetails? {
        box.withLock {
            $0.wasRead = true
            return $0.loaded?.details
        }
    }

    /// The user whose session the request came with; nil for a session without, and for none.
    public var subject: String? { details?.subject }

    /// Whether the user authenticated within that time before the request: for what needs more than a session.
    public func isFresh(within duration: Duration) -> Bool {
        box.withLock {
            $0.wasRead = true
            return $0.loaded?.isFresh(within: duration) ?? false
        }
    }

    // MARK: Messages

    /// Adds a message for the next page.
    /// - Returns: false if the request has no session that could keep it; set one first.
    @discardableResult
    public func flash(_ text: String, kind: String = "info") -> Bool {
        box.withLock {
            $0.wasRead = true
            guard $0.data != nil else { return false }
            $0.newFlash.append(FlashMessage(text, kind: kind))
            $0.noteChange()
            return true
        }
    }

    /// Takes the messages for this page; each is returned once, however many requests ask. A commit if there are any.
    /// - Throws: `ended` if the session was ended meanwhile; `busy`; the errors of storage.
    public func takeFlash() async throws -> [FlashMessage] {
        guard let (sessions, loaded) = current else { return [] }
        let (messages, session) = try await sessions.takeFlash(from: loaded)
        box.withLock { $0.loaded = session }
        return messages
    }

    // MARK: The subject's sessions

    /// The live sessions of the request's user, the last used first; none without a user.
    /// - Throws: the errors of storage.
    public func list() async throws -> [SessionDetails] {
        guard let (sessions, loaded) = current, let subject = loaded.subject else { return [] }
        return try await sessions.list(of: subject, current: loaded)
    }

    /// Ends a session of the request's user at once, also if the response fails. For its own session, it is a logout.
    /// - Returns: false if the user has no such session.
    /// - Throws: the errors of storage.
    @discardableResult
    public func end(_ handle: SessionHandle) async throws -> Bool {
        guard let (sessions, loaded) = current, let subject = loaded.subject else { return false }
        guard try await sessions.end(handle, of: subject) else { return false }
        if handle == loaded.handle { clearSession() }
        return true
    }

    /// Ends all other sessions of the request's user at once, also if the response fails.
    /// - Returns: how many there were.
    /// - Throws: the errors of storage.
    @discardableResult
    public func endOthers() async throws -> Int {
        guard let (sessions, loaded) = current else { return 0 }
        return try await sessions.endOthers(than: loaded)
    }

    /// Ends all sessions of the request's user at once, also if the response fails, and logs this browser out.
    /// - Returns: how many there were.
    /// - Throws: the errors of storage.
    @discardableResult
    public func endAll() async throws -> Int {
        guard let (sessions, loaded) = current, let subject = loaded.subject else { return 0 }
        let count = try await sessions.endAll(of: subject)
        clearSession()
        return count
    }

    private var current: (sessions: Sessions<Session>, loaded: TTLSessions.Session<Session>)? {
        box.withLock { state in
            state.wasRead = true
            guard let sessions = state.sessions, let loaded = state.loaded else { return nil }
            return (sessions, loaded)
        }
    }
}
#endif
