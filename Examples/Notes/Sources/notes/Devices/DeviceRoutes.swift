import Hummingbird
import TTLHummingbird
import TTLSessions

/// Where the user is logged in, and how to end it.
struct DeviceRoutes {
    let freshness: Duration

    func add(to router: RouterGroup<NotesContext>) {
        router.get("/devices", use: page)
        router.post("/devices/:handle/end", use: endOne)
        router.post("/devices/end-others", use: endOthers)
        router.post("/devices/end-all", use: endAll)
    }

    private func page(_ request: Request, _ context: NotesContext) async throws -> Response {
        DevicesView(
            user: try context.user, flash: try await context.sessions.takeFlash(),
            sessions: try await context.sessions.list(), isFresh: context.sessions.isFresh(within: freshness)
        ).response()
    }

    private func endOne(_ request: Request, _ context: NotesContext) async throws -> Response {
        try await ifFresh(context) {
            // The handle is a public name, and ends only a session of this user.
            let handle = SessionHandle(try context.parameters.require("handle"))
            let hasEnded = if let handle { try await context.sessions.end(handle) } else { false }
            context.sessions.flash(hasEnded ? "That device is logged out." : "That device was logged out already.")
            return .redirect(to: "/devices")
        }
    }

    private func endOthers(_ request: Request, _ context: NotesContext) async throws -> Response {
        try await ifFresh(context) {
            let count = try await context.sessions.endOthers()
            context.sessions.flash("\(count) other \(count == 1 ? "device is" : "devices are") logged out.")
            return .redirect(to: "/devices")
        }
    }

    private func endAll(_ request: Request, _ context: NotesContext) async throws -> Response {
        try await ifFresh(context) {
            try await context.sessions.endAll()
            return .redirect(to: "/login?\(LoginNotice.everywhere.rawValue)")
        }
    }

    /// What reaches other devices needs a password that was entered a short while ago: a computer that was left alone
    /// does not lock its owner out.
    private func ifFresh(_ context: NotesContext, _ body: () async throws -> Response) async throws -> Response {
        guard context.sessions.isFresh(within: freshness) else { return .redirect(to: "/confirm") }
        return try await body()
    }
}
