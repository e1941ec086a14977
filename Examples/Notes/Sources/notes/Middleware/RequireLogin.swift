import Hummingbird
import TTLHummingbird

/// Sends a browser without a session to the login page.
struct RequireLogin: RouterMiddleware {
    let cookie: SessionCookie

    func handle(
        _ request: Request, context: NotesContext, next: (Request, NotesContext) async throws -> Response
    ) async throws -> Response {
        guard context.sessions.subject == nil else { return try await next(request, context) }
        guard request.cookies[cookie.name] != nil else { return .redirect(to: "/login") }
        // The session has ended elsewhere. With its cookie go the pages that the browser keeps for its back button.
        context.sessions.clearSession()
        return .redirect(to: "/login?\(LoginNotice.ended.rawValue)")
    }
}
