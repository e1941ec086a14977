import Hummingbird
import NIOCore
import TTLHummingbird

/// What the application keeps in a session. The user is the session's subject.
struct NotesSession: Codable {
    /// The number of the program's start during which the user logged in.
    var firstStart: Int64
}

/// A request with its session and the address that it came from.
struct NotesContext: SessionRequestContext, RemoteAddressRequestContext {
    var coreContext: CoreRequestContextStorage
    let sessions: SessionContext<NotesSession>
    let remoteAddress: SocketAddress?

    init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        sessions = SessionContext()
        remoteAddress = source.channel.remoteAddress
    }

    /// The browser's address. Behind a proxy it is the proxy's: take the header that your own proxy sets, and no other.
    var address: String { remoteAddress?.ipAddress ?? "unknown" }

    /// Forms, not JSON.
    var requestDecoder: URLEncodedFormDecoder { URLEncodedFormDecoder() }
    var maxUploadSize: Int { 64 << 10 }

    /// The user, on a page behind ``RequireLogin``.
    var user: String {
        get throws {
            guard let user = sessions.subject else { throw HTTPError(.unauthorized) }
            return user
        }
    }
}
