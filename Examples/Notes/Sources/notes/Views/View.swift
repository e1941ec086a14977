import HTTPTypes
import Hummingbird
import TTLSessions

/// A page.
protocol View {
    var title: String { get }
    /// Who is logged in, for the bar at the top; nil on pages without one.
    var user: String? { get }
    var flash: [FlashMessage] { get }
    var body: HTML { get }
}

extension View {
    var user: String? { nil }
    var flash: [FlashMessage] { [] }

    func response(_ status: HTTPResponse.Status = .ok) -> Response {
        Response(
            status: status, headers: [.contentType: "text/html; charset=utf-8"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: document.text)))
    }

    private var document: HTML {
        """
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>\(title) · Notes</title>
        <link rel="stylesheet" href="/style.css">
        <link rel="icon" href="/icon.svg">
        </head>
        <body>
        \(bar)
        <main>
        \(flash.map { "<p class=\"message \($0.kind)\" role=\"status\">\($0.text)</p>" })
        \(body)
        </main>
        </body>
        </html>
        """
    }

    private var bar: HTML {
        guard let user else { return "" }
        return """
            <header>
            <img src="/icon.svg" alt="" width="28" height="28">
            <nav aria-label="Pages">\(link("Notes", to: "/"))\(link("Devices", to: "/devices"))</nav>
            <form method="post" action="/logout">
            <span class="user">\(user)</span><button class="quiet" id="log-out">Log out</button>
            </form>
            </header>
            """
    }

    private func link(_ name: String, to path: String) -> HTML {
        "<a href=\"\(path)\"\(name == title ? " aria-current=\"page\"" : "" as HTML)>\(name)</a>"
    }
}
