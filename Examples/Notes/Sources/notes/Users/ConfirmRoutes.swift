import Hummingbird
import TTLHummingbird
import TTLSessions

/// Asks a user for the password again, before something that needs more than a session.
struct ConfirmRoutes {
    let users: Users
    let limit: LoginLimit
    let freshness: Duration

    private struct ConfirmForm: Decodable {
        let password: String
    }

    func add(to router: RouterGroup<NotesContext>) {
        router.get("/confirm", use: page)
        router.post("/confirm", use: confirm)
    }

    private func page(_ request: Request, _ context: NotesContext) throws -> Response {
        ConfirmView(user: try context.user).response()
    }

    private func confirm(_ request: Request, _ context: NotesContext) async throws -> Response {
        let user = try context.user
        let form = try await request.decode(as: ConfirmForm.self, context: context)
        guard try await !limit.isReached(by: context.address) else {
            return ConfirmView(user: user, error: "Too many attempts. Try again in three minutes.")
                .response(.tooManyRequests)
        }
        guard try await users.isPassword(form.password, of: user) else {
            return ConfirmView(user: user, error: "That is not your password.").response(.unauthorized)
        }
        if let session = context.sessions.session, let details = context.sessions.details {
            // Another token, and the session is fresh.
            context.sessions.authenticate(session, as: user, remembered: details.isRemembered)
            context.sessions.flash("Thank you. You can log out other devices now.")
        }
        return .redirect(to: "/devices")
    }
}
