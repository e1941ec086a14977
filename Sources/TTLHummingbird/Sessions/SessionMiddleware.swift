#if Hummingbird
internal import HTTPTypes
public import Hummingbird
internal import Logging
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

    /// How the browser keeps the token.
    public var cookie = SessionCookie()
    /// What happens to a session whose data is not of the application's type.
    public var unreadableSession = UnreadableSession.end
    /// Whether one request of a session runs after the other, in all processes; see
    /// `Sessions.withExclusiveAccess`. Two more commits for each request with a session.
    public var serializesRequests = false
    /// What a request gets whose session was ended while it ran, so that its changes were not saved: an error, by
    /// default with status 409.
    public var conflict: @Sendable (SessionError) -> any Error = { _ in
        HTTPError(.conflict, message: "The session has ended.")
    }

    /// The defaults.
    public init() {}
}

/// Loads the session of a request by its cookie, and saves it before the response is sent.
///
/// - The response carries a cookie if the session began, got another token or ended, or if its timeout was set; then
///   it also carries `Cache-Control: no-store`. A response to a request whose handlers have looked at the session
///   carries `Vary: Cookie`, and `Cache-Control: no-store` unless the handler has set another.
/// - A request without changes costs one read, and in five minutes one commit; see `SessionConfiguration`.
/// - With several cookies of the name the first that opens a session counts. A cookie that opens none is ignored, and a
///   session that begins gets a token of its own.
/// - A handler that throws, and a status of 500 or more, save nothing. An error of storage becomes status 500, also when
///   loading: it never makes a request anonymous.
public struct SessionMiddleware<Context: SessionRequestContext>: RouterMiddleware {
    private let sessions: Sessions<Context.Session>
    private let configuration: SessionMiddlewareConfiguration
    private let client: @Sendable (Request, Context) -> SessionClient
    private let isFirstRequest = OnceFlag()

    /// - Parameters:
    ///   - sessions: where the sessions are.
    ///   - configuration: the cookie, and more.
    ///   - client: what a page with the user's sessions shows of the device; by default the header `User-Agent`.
    public init(
        sessions: Sessions<Context.Session>,
        configuration: SessionMiddlewareConfiguration = SessionMiddlewareConfiguration(),
        client: @escaping @Sendable (Request, Context) -> SessionClient = { request, _ in
            SessionClient(userAgent: request.headers[.userAgent])
        }
    ) {
        self.sessions = sessions
        self.configuration = configuration
        self.client = client
    }

    /// Runs the handlers with the session of the request.
    public func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        if !configuration.cookie.isSecure, isFirstRequest.take() {
            context.logger.warning(
                "session cookies are sent over plain HTTP; this is for a developer's own machine only")
        }
        let found = try await find(request, context)
        guard configuration.serializesRequests, let loaded = found.session else {
            return try await respond(request, context, found, next)
        }
        return try await sessions.withExclusiveAccess(to: loaded) { current in
            try await respond(request, context, Found(session: current, token: found.token), next)
        }
    }

    /// What the request's cookies have opened.
    private struct Found {
        var session: TTLSessions.Session<Context.Session>?
        /// The cookie's value.
        var token = ""
        /// Whether the browser's cookie belongs to a session that was ended because its data is unreadable.
        var isUnreadable = false
    }

    private func find(_ request: Request, _ context: Context) async throws -> Found {
        for value in configuration.cookie.values(in: request.headers) {
            let token = String(value)
            do {
                if let session = try await sessions.load(token) { return Found(session: session, token: token) }
            } catch let error as SessionError
                where error.code == .unreadablePayload && configuration.unreadableSession == .end
            {
                context.logger.error("a session with unreadable data is ended", metadata: ["error": "\(error)"])
                try await sessions.end(token: token)
                return Found(isUnreadable: true)
            }
        }
        return Found()
    }

    private func respond(
        _ request: Request, _ context: Context, _ found: Found, _ next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        let box = context.sessions.box
        let sessions = sessions
        box.withLock { state in
            state = RequestSession()
            state.sessions = sessions
            state.loaded = found.session
            state.data = found.session.map { SessionData(loaded: $0.payload, remaining: $0.details.remaining) }
        }
        var response = try await next(request, context)
        let state = box.withLock { state in
            state.isHeadSent = true
            return state
        }
        if response.status.code < 500 {
            let cookie = try await carryOut(state, request, context, found)
            setHeaders(of: &response, cookie, wasRead: state.wasRead || found.isUnreadable)
        }
        response.body = response.body.refusingLateChanges(box, context.logger)
        return response
    }

    // MARK: After the handlers

    /// - Returns: the cookie to set, if any.
    private func carryOut(
        _ state: RequestSession<Context.Session>, _ request: Request, _ context: Context, _ found: Found
    ) async throws -> Cookie? {
        do {
            switch state.action {
            case .nothing: return found.isUnreadable ? configuration.cookie.removal : nil
            case .renew(let session): return try await sessions.renew(session).map(cookie)
            case .end(let session):
                try await sessions.end(session)
                return configuration.cookie.removal
            case .create(let data, let login, let old):
                let issued = try await sessions.create(
                    data.object, subject: login?.subject, remembered: login?.isRemembered ?? false,
                    idleTimeout: data.isExpiryEdited ? data.expiresIn : nil, client: client(request, context),
                    flash: state.newFlash)
                // Only now: if the new one can't be made, the user keeps the old one.
                if let old { try await sessions.end(old) }
                return cookie(issued)
            case .authenticate(let session, let data, let login):
                return try await authenticate(session, data, login, state.newFlash, client(request, context))
            case .save(let session, let data, let newToken):
                return try await save(session, data, state.newFlash, newToken: newToken, found.token)
            }
        } catch let error as SessionError where error.code == .ended {
            throw configuration.conflict(error)
        } catch {
            context.logger.error(
                "a session can't be saved",
                metadata: ["error": "\(error)", "session": "\(state.loaded?.handle.text ?? "new")"])
            throw error
        }
    }

    private func authenticate(
        _ session: TTLSessions.Session<Context.Session>, _ data: SessionData<Context.Session>,
        _ login: RequestSession<Context.Session>.Login, _ flash: [FlashMessage], _ client: SessionClient
    ) async throws -> Cookie {
        var session = session
        session.payload = data.object
        let issued = try await sessions.authenticate(
            session, as: login.subject, remembered: login.isRemembered, client: client,
            idleTimeout: data.isExpiryEdited ? data.expiresIn : nil, flash: flash)
        return cookie(issued)
    }

    private func save(
        _ session: TTLSessions.Session<Context.Session>, _ data: SessionData<Context.Session>, _ flash: [FlashMessage],
        newToken: Bool, _ token: String
    ) async throws -> Cookie? {
        var session = session
        session.payload = data.object
        if data.isChanged || !flash.isEmpty {
            session = try await sessions.save(
                session, idleTimeout: data.isExpiryEdited ? data.expiresIn : nil, flash: flash)
        }
        if newToken { return cookie(try await sessions.regenerate(session)) }
        if let renewed = try await sessions.renew(session) { return cookie(renewed) }
        return data.isExpiryEdited ? cookie(token, session.details) : nil
    }

    private func cookie(_ issued: IssuedSession<Context.Session>) -> Cookie {
        cookie(issued.token.text, issued.session.details)
    }

    private func cookie(_ token: String, _ details: SessionDetails) -> Cookie {
        configuration.cookie.cookie(token, maximumAge: details.isRemembered ? details.secondsUntilEnd : nil)
    }

    private func setHeaders(of response: inout Response, _ cookie: Cookie?, wasRead: Bool) {
        if let cookie { response.headers[values: .setCookie].append(cookie.description) }
        guard cookie != nil || wasRead else { return }
        if cookie != nil || !response.headers.contains(.cacheControl) {
            response.headers[.cacheControl] = "no-store"
        }
        let varies = response.headers[values: .vary].contains { value in
            value.split(separator: ",").contains { name in
                let name = name.trimmingPrefix { $0 == " " }.lowercased()
                return name == "cookie" || name == "*"
            }
        }
        if !varies { response.headers[values: .vary].append("Cookie") }
    }
}
#endif
