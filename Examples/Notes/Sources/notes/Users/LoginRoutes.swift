import HTTPTypes
import Hummingbird
import TTLHummingbird

/// Why somebody is on the login page: the query of its address.
enum LoginNotice: String {
    case ended, goodbye, everywhere
}

/// Login and logout.
struct LoginRoutes {
    let users: Users
    let limit: LoginLimit
    let start: Int64

    private struct LoginForm: Decodable {
        let name: String
        let password: String
        /// The checkbox; absent if it is not checked.
        let remember: String?
    }

    func add(to router: RouterGroup<NotesContext>) {
        router.get("/login", use: page)
        router.post("/login", use: logIn)
        router.post("/logout", use: logOut)
    }

    private func page(_ request: Request, _ context: NotesContext) -> Response {
        guard context.sessions.subject == nil else { return .redirect(to: "/") }
        return LoginView(notice: request.uri.query.flatMap(LoginNotice.init)).response()
    }

    private func logIn(_ request: Request, _ context: NotesContext) async throws -> Response {
        let form = try await request.decode(as: LoginForm.self, context: context)
        guard try await !limit.isReached(by: context.address) else {
            return LoginView(error: "Too many attempts. Try again in three minutes.").response(.tooManyRequests)
        }
        guard try await users.isPassword(form.password, of: form.name) else {
            return LoginView(error: "That is not a name and its password.").response(.unauthorized)
        }
        // The browser gets a new token here, whatever it had before.
        context.sessions.authenticate(
            NotesSession(firstStart: start), as: form.name, remembered: form.remember != nil)
        context.sessions.flash("Welcome, \(form.name).")
        return .redirect(to: "/")
    }

    private func logOut(_ request: Request, _ context: NotesContext) -> Response {
        context.sessions.clearSession()
        return .redirect(to: "/login?\(LoginNotice.goodbye.rawValue)")
    }
}
