#if Hummingbird
internal import HTTPTypes
public import Hummingbird
internal import Logging
public import TTLSessions

/// Loads the session of a request by its cookie, and saves it before the response is sent.
///
/// - The response carries a cookie if the session began, got another token or ended, or if its timeout was set; then
///   it also carries `Cache-Control: no-store`. A response to a request whose handlers have looked at the session, an
///   `HTTPError` too, carries `Vary: Cookie`, and `Cache-Control: no-store` unless the handler has set another.
/// - A request without changes costs one read, about one commit in five minutes, and one for a new token each hour; see
///   `SessionConfiguration`.
/// - With several cookies of the name the first that opens a session counts, of four at most. A cookie that opens none
///   is ignored, and a session that begins gets a token of its own.
/// - A handler that throws, and a status of 500 or more, save nothing. An error of storage becomes status 500, also
///   when loading: it never makes a request anonymous.
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
        do {
            let found = try await find(request, context)
            guard let exclusive = configuration.exclusiveAccess, let loaded = found.session else {
                return try await respond(request, context, found, next)
            }
            return try await sessions.withExclusiveAccess(
                to: loaded, waiting: exclusive.waiting, for: exclusive.duration
            ) { current in
                var found = found
                found.session = current
                return try await respond(request, context, found, next)
            }
        } catch let error as SessionError where error.code == .ended || error.code == .changed {
            throw configuration.conflict(error)
        } catch let error as SessionError where error.code == .busy {
            throw HTTPError(.serviceUnavailable, message: "Other requests of the session take too long.")
        }
    }

    /// What the request's cookies have opened.
    private struct Found {
        var session: TTLSessions.Session<Context.Session>?
        /// The cookie's value.
        var token = ""
        /// Whether the browser's cookie belongs to a session that was ended because its data is unreadable.
        var isUnreadable = false
        /// Whether the browser has sent a cookie of the name, whatever it opens.
        var hasCookie = false
    }

    private func find(_ request: Request, _ context: Context) async throws -> Found {
        let values = configuration.cookie.values(in: request.headers)
        var found = Found(hasCookie: !values.isEmpty)
        for value in values {
            found.token = String(value)
            do {
                found.session = try await sessions.load(found.token)
                if found.session != nil { return found }
            } catch let error as SessionError
                where error.code == .unreadablePayload && configuration.unreadableSession == .end
            {
                context.logger.error("a session with unreadable data is ended", metadata: ["error": "\(error)"])
                try await sessions.end(token: found.token)
                found.isUnreadable = true
                return found
            }
        }
        return found
    }

    private func respond(
        _ request: Request, _ context: Context, _ found: Found, _ next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        let box = context.sessions.box
        box.begin(sessions, found.session, context.logger)
        var response: Response
        do { response = try await next(request, context) } catch var error as HTTPError {
            // What becomes of it depends on the cookie, like any other page.
            if box.takeState().wasRead { error.headers.vary(cookie: nil) }
            throw error
        }
        let state = box.takeState()
        let cookie = response.status.code < 500 ? try await carryOut(state, request, context, found) : nil
        if cookie != nil || state.wasRead || found.isUnreadable { response.headers.vary(cookie: cookie) }
        if response.body.contentLength == nil { response.body = response.body.refusingLateChanges(box) }
        return response
    }

    // MARK: After the handlers

    /// - Returns: the cookie to set, if any.
    private func carryOut(
        _ state: RequestSession<Context.Session>, _ request: Request, _ context: Context, _ found: Found
    ) async throws -> Cookie? {
        do {
            switch state.action {
            case .nothing:
                let opensNothing = found.isUnreadable || (state.isCleared && found.hasCookie)
                return opensNothing ? configuration.cookie.removal : nil
            case .renew(let session): return try await sessions.renew(session).map(cookie)
            case .end(let session):
                try await sessions.end(session)
                return configuration.cookie.removal
            case .create(let data, let login, let old):
                let issued = try await sessions.create(
                    data.object, subject: login?.subject, remembered: login?.isRemembered ?? false,
                    idleTimeout: data.newTimeout, client: client(request, context), flash: state.newFlash)
                // Only now: if the new one can't be made, the user keeps the old one.
                if let old { try await sessions.end(old) }
                return cookie(issued)
            case .authenticate(var session, let data, let login):
                session.payload = data.object
                return cookie(
                    try await sessions.authenticate(
                        session, as: login.subject, remembered: login.isRemembered, client: client(request, context),
                        idleTimeout: data.newTimeout, flash: state.newFlash))
            case .regenerate(var session, let data):
                session.payload = data.object
                return cookie(
                    try await sessions.regenerate(session, idleTimeout: data.newTimeout, flash: state.newFlash))
            case .save(var session, let data):
                session.payload = data.object
                let condition = configuration.exclusiveAccess == nil ? SaveCondition.always : .ifUnchanged
                session = try await sessions.save(
                    session, when: condition, idleTimeout: data.newTimeout, flash: state.newFlash)
                if let renewed = try await sessions.renew(session) { return cookie(renewed) }
                // An old token, in its grace period, must not take the new one's place.
                guard data.newTimeout != nil, session.hasPresentToken else { return nil }
                return cookie(found.token, session.details)
            }
        } catch let error as SessionError where error.code == .ended || error.code == .changed { throw error } catch {
            context.logger.error(
                "a session can't be saved",
                metadata: ["error": "\(error)", "session": "\(state.loaded?.handle.text ?? "new")"])
            throw error
        }
    }

    private func cookie(_ issued: IssuedSession<Context.Session>) -> Cookie {
        cookie(issued.token.text, issued.session.details)
    }

    private func cookie(_ token: String, _ details: SessionDetails) -> Cookie {
        configuration.cookie.cookie(token, maximumAge: details.isRemembered ? details.secondsUntilEnd : nil)
    }
}

extension HTTPFields {
    /// Marks a response that depends on the request's cookie, or that sets one.
    fileprivate mutating func vary(cookie: Cookie?) {
        if let cookie { self[values: .setCookie].append(cookie.description) }
        if cookie != nil || !contains(.cacheControl) { self[.cacheControl] = "no-store" }
        let names = self[values: .vary].flatMap { $0.split(separator: ",") }.map {
            $0.trimmingPrefix { $0 == " " }.lowercased()
        }
        if !names.contains("cookie"), !names.contains("*") { self[values: .vary].append("Cookie") }
    }
}
#endif
