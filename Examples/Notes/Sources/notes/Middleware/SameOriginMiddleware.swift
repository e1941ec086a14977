import HTTPTypes
import Hummingbird
import Logging

/// Refuses requests that change something and that a page of another origin has made the browser send.
///
/// Browsers since 2023 send `Sec-Fetch-Site`, older ones `Origin`, and no page can set either. A request with neither
/// is refused as well. So no form needs a token, but no GET may change anything.
struct SameOriginMiddleware: RouterMiddleware {
    func handle(
        _ request: Request, context: NotesContext, next: (Request, NotesContext) async throws -> Response
    ) async throws -> Response {
        guard request.method == .get || request.method == .head || isOwn(request) else {
            context.logger.notice("a request from another origin was refused")
            throw HTTPError(.forbidden, message: "This request came from another site, and was refused.")
        }
        return try await next(request, context)
    }

    private func isOwn(_ request: Request) -> Bool {
        if let site = request.headers[.secFetchSite] {
            // None: the user's own doing, such as sending a form again after the browser's start.
            return site == "same-origin" || site == "none"
        }
        guard let origin = request.headers[.origin], let host = request.head.authority else { return false }
        // Behind a proxy that ends TLS, only the browser knows the scheme.
        return origin == "http://\(host)" || origin == "https://\(host)"
    }
}

extension HTTPField.Name {
    // The characters are those of a field name.
    fileprivate static let secFetchSite = HTTPField.Name("Sec-Fetch-Site")!
}
