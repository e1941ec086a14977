struct LoginView: View {
    var notice: LoginNotice?
    var error: String?

    let title = "Log in"

    var body: HTML {
        """
        <section class="card narrow">
        <img class="logo" src="/icon.svg" alt="" width="56" height="56">
        <h1>Notes</h1>
        <p class="lead">Private notes, for as long as you like.</p>
        \(message)
        <form method="post" action="/login" class="stack">
        <label>Name
        <input name="name" autocomplete="username" autocapitalize="none" required autofocus></label>
        <label>Password
        <input name="password" type="password" autocomplete="current-password" required></label>
        <label class="check"><input name="remember" type="checkbox"> Stay logged in on this device</label>
        <button id="log-in">Log in</button>
        </form>
        </section>
        <aside class="narrow demo">
        <h2>To try it</h2>
        <dl>\(Users.demo.map { "<dt>\($0.name)</dt><dd><code>\($0.password)</code></dd>" })</dl>
        </aside>
        """
    }

    private var message: HTML {
        if let error { return "<p class=\"message error\" role=\"alert\">\(error)</p>" }
        let text: String
        switch notice {
        case .ended: text = "Your session has ended. Please log in again."
        case .goodbye: text = "You are logged out."
        case .everywhere: text = "You are logged out everywhere."
        case nil: return ""
        }
        return "<p class=\"message\" role=\"status\">\(text)</p>"
    }
}

/// Asks for the password again.
struct ConfirmView: View {
    let user: String?
    var error: String?

    let title = "Confirm"

    var body: HTML {
        """
        <section class="card narrow">
        <h1>Is it still you?</h1>
        <p class="lead">To log out other devices, please enter your password again.</p>
        \(error.map { "<p class=\"message error\" role=\"alert\">\($0)</p>" } ?? "" as HTML)
        <form method="post" action="/confirm" class="stack">
        <label>Password of \(user ?? "")
        <input name="password" type="password" autocomplete="current-password" required autofocus></label>
        <button id="confirm">Continue</button>
        </form>
        <p class="hint"><a href="/devices">Back to the devices</a></p>
        </section>
        """
    }
}

struct ErrorView: View {
    let title: String
    let message: String

    var body: HTML {
        """
        <section class="card narrow">
        <h1>\(title)</h1>
        <p class="lead">\(message)</p>
        <p><a href="/">To the notes</a></p>
        </section>
        """
    }
}
