import Hummingbird
import TTLHummingbird
import TTLSessions
import TTLStore

/// What all requests share, and the routes.
struct NotesApplication {
    let store: TTLStore
    let sessions: Sessions<NotesSession>
    let cookie: SessionCookie
    /// For how long after the password was entered other devices may be logged out.
    let freshness: Duration
    /// How often the program has started with this file.
    let start: Int64

    init(
        store: TTLStore, sessions: Sessions<NotesSession>, cookie: SessionCookie, freshness: Duration
    ) async throws {
        self.store = store
        self.sessions = sessions
        self.cookie = cookie
        self.freshness = freshness
        start = try await store.increment("notes:starts")
        try await Users(store: store).addDemoUsers()
    }

    func router() -> Router<NotesContext> {
        let users = Users(store: store)
        let limit = LoginLimit(store: store)
        let router = Router(context: NotesContext.self, options: .autoGenerateHeadEndpoints)
        router.addMiddleware {
            SecurityHeaders()
            ErrorPages()
            // Before the session is loaded: a forged request costs nothing.
            SameOriginMiddleware()
        }
        StyleRoutes().add(to: router)

        let pages = router.group().add(
            middleware: SessionMiddleware(sessions: sessions, configuration: middlewareConfiguration) {
                request, context in
                let userAgent = request.headers[.userAgent]
                return SessionClient(
                    label: DeviceName.describe(userAgent), userAgent: userAgent, address: context.address)
            })
        LoginRoutes(users: users, limit: limit, start: start).add(to: pages)

        let privatePages = pages.group().add(middleware: RequireLogin(cookie: cookie))
        NoteRoutes(book: NoteBook(store: store), start: start).add(to: privatePages)
        DeviceRoutes(freshness: freshness).add(to: privatePages)
        ConfirmRoutes(users: users, limit: limit, freshness: freshness).add(to: privatePages)
        return router
    }

    private var middlewareConfiguration: SessionMiddlewareConfiguration {
        var configuration = SessionMiddlewareConfiguration()
        configuration.cookie = cookie
        return configuration
    }
}
