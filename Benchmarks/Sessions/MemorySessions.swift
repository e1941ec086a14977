#if Hummingbird
import HTTPTypes
import Hummingbird
import Synchronization

/// Sessions in a `PersistDriver`, as hummingbird-auth keeps them: what the cookie's value leads to, in a box of the
/// request's context; stored again if a handler has changed it.
struct MemorySessions: RouterMiddleware {
    typealias Context = MemorySessionContext

    static let cookie = "SESSION_ID"

    let driver: any PersistDriver

    static func key(_ id: String) -> String { "hbs." + id }

    func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        guard let id = request.cookies[MemorySessions.cookie]?.value else { return try await next(request, context) }
        let key = MemorySessions.key(String(id))
        if let found = try await driver.getWithTTL(key: key, as: Payload.self) {
            context.box.withLock { $0 = MemorySession(payload: found.object, remaining: found.ttl) }
        }
        let response = try await next(request, context)
        if let session = context.box.withLock({ $0 }), session.isEdited {
            try await driver.set(key: key, value: session.payload, expires: nil)
        }
        return response
    }
}

struct MemorySession: Sendable {
    var payload: Payload {
        didSet { isEdited = true }
    }
    var remaining: Duration?
    private(set) var isEdited = false

    init(payload: Payload, remaining: Duration?) {
        self.payload = payload
        self.remaining = remaining
    }
}

struct MemorySessionContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    let box = SessionBox()

    init(source: Source) { coreContext = CoreRequestContextStorage(source: source) }
}

/// The session of one request, shared by the context's copies.
final class SessionBox: Sendable {
    private let session = Mutex<MemorySession?>(nil)

    func withLock<Success>(_ body: (inout sending MemorySession?) -> sending Success) -> sending Success {
        session.withLock(body)
    }
}
#endif
