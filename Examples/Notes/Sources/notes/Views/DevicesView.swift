import TTLSessions

struct DevicesView: View {
    let user: String?
    let flash: [FlashMessage]
    let sessions: [SessionDetails]
    /// Whether the password was entered a short while ago.
    let isFresh: Bool

    let title = "Devices"

    var body: HTML {
        """
        <h1>Where you are logged in</h1>
        <ul class="devices">
        \(sessions.filter(\.isCurrent).map(item))\(sessions.filter { !$0.isCurrent }.map(item))
        </ul>
        <div class="row actions">
        \(others)
        <form method="post" action="/devices/end-all">
        <button class="danger" id="end-all">Log out everywhere</button></form>
        </div>
        \(hint)
        """
    }

    private var others: HTML {
        guard sessions.count > 1 else { return "" }
        return """
            <form method="post" action="/devices/end-others">
            <button class="secondary" id="end-others">Log out everywhere else</button></form>
            """
    }

    private var hint: HTML {
        isFresh ? "" : "<p class=\"hint\">You will be asked for your password, unless you only log out here.</p>"
    }

    private func item(_ session: SessionDetails) -> HTML {
        """
        <li class="card device\(session.isCurrent ? " current" : "")">
        <div>
        <h2>\(session.client.label ?? "Unknown browser")\(badges(session))</h2>
        <p class="meta">\(lastSeen(session))</p>
        <p class="meta">First seen \(TimeText.ago(session.createdAt))</p>
        <p class="meta">\(session.client.address ?? "Unknown address")</p>
        </div>
        \(button(session))
        </li>
        """
    }

    private func lastSeen(_ session: SessionDetails) -> HTML {
        session.isCurrent ? "Active now" : "Last seen \(TimeText.ago(session.lastSeenAt))"
    }

    private func badges(_ session: SessionDetails) -> HTML {
        """
        \(session.isCurrent ? "<span class=\"badge\">This device</span>" : "" as HTML)\
        \(session.isRemembered ? "<span class=\"badge plain\">Stays logged in</span>" : "" as HTML)
        """
    }

    private func button(_ session: SessionDetails) -> HTML {
        let action = session.isCurrent ? "/logout" : "/devices/\(session.handle.text)/end"
        return "<form method=\"post\" action=\"\(action)\"><button class=\"quiet\">Log out</button></form>"
    }
}
