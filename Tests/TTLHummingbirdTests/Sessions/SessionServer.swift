#if Hummingbird
import HTTPTypes
import Hummingbird
import Logging
import TTLHummingbird
import TTLSessions
import TTLStore
import TTLStoreTesting
import TTLTestSupport

struct Visit: Codable, Equatable, Sendable {
    var name = ""
    var steps: [String] = []
}

typealias VisitContext = BasicSessionRequestContext<Visit>

/// An application with sessions, in a store of its own and with a clock that the test moves.
struct SessionServer {
    let temporary: TemporaryStore
    let sessions: Sessions<Visit>
    let router: RouterUnderTest<VisitContext>

    init(
        logger: Logger = .silent, configuration: SessionMiddlewareConfiguration = SessionMiddlewareConfiguration(),
        _ change: (inout SessionConfiguration) -> Void = { _ in },
        routes: (Router<VisitContext>, Sessions<Visit>) -> Void = { _, _ in }
    ) throws {
        temporary = try TemporaryStore()
        var settings = SessionConfiguration()
        change(&settings)
        sessions = try Sessions(store: temporary.store, configuration: settings)
        let router = Router(context: VisitContext.self)
        router.add(middleware: SessionMiddleware(sessions: sessions, configuration: configuration))
        SessionServer.addRoutes(to: router)
        routes(router, sessions)
        self.router = RouterUnderTest(router, logger: logger)
    }

    func browser() -> Browser { Browser(server: self) }

    func rows() async throws -> Int { try await temporary.store.count(.prefix("ttl.session:")) }

    private static func addRoutes(to router: Router<VisitContext>) {
        router.get("/plain") { _, _ in "plain" }
        router.get("/name") { _, context in context.sessions.session?.name ?? "anonymous" }
        router.post("/set/:name") { request, context in
            context.sessions.setSession(
                Visit(name: try context.parameters.require("name")),
                expiresIn: request.uri.queryParameters.get("seconds", as: Int.self).map { .seconds($0) })
            return "set"
        }
        router.post("/change/:name") { _, context in
            let name = try context.parameters.require("name")
            return context.sessions.withLockedSession { session in
                session?.name = name
                return session == nil ? "nothing" : "changed"
            }
        }
        router.post("/login/:user") { request, context in
            let user = try context.parameters.require("user")
            context.sessions.authenticate(
                Visit(name: user), as: user, remembered: request.uri.queryParameters["remembered"] != nil ? true : nil)
            return "logged in"
        }
        router.post("/logout") { _, context in
            context.sessions.clearSession()
            return "logged out"
        }
        router.post("/regenerate") { _, context in
            context.sessions.regenerate()
            return "regenerated"
        }
        router.post("/flash/:text") { _, context in
            context.sessions.flash(try context.parameters.require("text")) ? "kept" : "lost"
        }
        router.get("/flash") { _, context in
            try await context.sessions.takeFlash().map(\.text).joined(separator: ",")
        }
        router.post("/fail/:name") { _, context in
            context.sessions.setSession(Visit(name: try context.parameters.require("name")))
            return Response(status: .serviceUnavailable)
        }
        router.post("/throw/:name") { _, context -> String in
            context.sessions.setSession(Visit(name: try context.parameters.require("name")))
            throw HTTPError(.badRequest)
        }
        router.get("/left") { _, context in
            context.sessions.withLockedSession { "\($0?.expiresIn?.components.seconds ?? -1)" }
        }
        router.get("/devices") { _, context in
            try await context.sessions.list().map { "\($0.handle)\($0.isCurrent ? "*" : "")" }.joined(separator: ",")
        }
        router.post("/end/:handle") { _, context in
            let handle = SessionHandle(try context.parameters.require("handle"))
            guard let handle, try await context.sessions.end(handle) else { throw HTTPError(.notFound) }
            return "ended"
        }
        router.post("/end-others") { _, context in "\(try await context.sessions.endOthers())" }
        router.post("/end-all") { _, context in "\(try await context.sessions.endAll())" }
        router.get("/fresh") { _, context in "\(context.sessions.isFresh(within: .seconds(600)))" }
    }
}

/// A client that keeps cookies as a browser does, as far as the tests need it.
final class Browser: Sendable {
    private let server: SessionServer
    private let jar = Guarded<[String: String]>([:])

    init(server: SessionServer) { self.server = server }

    /// The value of the session's cookie.
    var token: String? {
        get { jar.withLock { $0["__Host-id"] } }
        set { jar.withLock { $0["__Host-id"] = newValue } }
    }

    func send(
        _ method: HTTPRequest.Method, _ path: String, cookie: String? = nil, userAgent: String? = nil
    ) async -> TestResponse {
        var headers: HTTPFields = [:]
        let kept = jar.withLock { $0.map { "\($0.key)=\($0.value)" }.joined(separator: "; ") }
        if let cookie = cookie ?? (kept.isEmpty ? nil : kept) { headers[.cookie] = cookie }
        headers[.userAgent] = userAgent
        let response = await server.router.send(method, path, headers: headers)
        for cookie in response.cookies {
            jar.withLock { $0[cookie.name] = cookie.isRemoval ? nil : cookie.value }
        }
        return response
    }

    func get(_ path: String) async -> String { await send(.get, path).text }
    @discardableResult func post(_ path: String) async -> TestResponse { await send(.post, path) }
}

/// A `Set-Cookie` header in its parts.
struct SetCookie: Equatable {
    let name: String
    let value: String
    let attributes: Set<String>

    init(_ header: String) {
        let parts = header.split(separator: "; ").map(String.init)
        let pair = parts[0].split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        (name, value) = (pair[0], pair.count > 1 ? pair[1] : "")
        attributes = Set(parts.dropFirst())
    }

    var isRemoval: Bool { attributes.contains("Max-Age=0") }

    var maximumAge: Int? {
        attributes.first { $0.hasPrefix("Max-Age=") }.flatMap { Int($0.dropFirst("Max-Age=".count)) }
    }
}

extension TestResponse {
    var cookies: [SetCookie] { self[all: .setCookie].map(SetCookie.init) }
}
#endif
