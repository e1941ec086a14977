#if Hummingbird
import Foundation
import Hummingbird
import Logging
import NIOCore
import ServiceLifecycle
import TTLHummingbird
import TTLSessions
import TTLStore

/// This program as the server: an application whose sessions are in a store, or in Hummingbird's driver in memory.
///
/// It prints its port and the tokens of its sessions, and ends when its input does, also if its parent was killed.
struct Server {
    enum Kind: String {
        case store, memory
    }

    static let flag = "--serve"
    /// The answer to each request: 100 bytes.
    static let answer = String(repeating: "0123456789", count: 10)

    private let kind: Kind
    private let users: Int
    private let path: String

    /// Nil if the arguments are not those of a server.
    init?(_ arguments: [String]) throws {
        guard arguments.first == Server.flag else { return nil }
        guard arguments.count == 4, let kind = Kind(rawValue: arguments[1]), let users = Int(arguments[2]) else {
            throw UsageError("\(Server.flag) is for the program itself")
        }
        (self.kind, self.users, path) = (kind, users, arguments[3])
    }

    static func arguments(_ kind: Kind, users: Int, path: String) -> [String] {
        [flag, kind.rawValue, String(users), path]
    }

    func run() async throws {
        switch kind {
        case .store: try await serveFromStore()
        case .memory: try await serveFromMemory()
        }
    }

    private func serveFromStore() async throws {
        let store = try await TTLStore(path: path)
        let sessions = try Sessions<Payload>(store: store, configuration: Material.configuration)
        let tokens = try await Material.fill(store, users, users: users, sample: users)
        let router = Router(context: BasicSessionRequestContext<Payload>.self)
        router.add(middleware: SessionMiddleware(sessions: sessions))
        router.get("/") { _, context in
            guard context.sessions.session != nil else { throw HTTPError(.unauthorized) }
            return Server.answer
        }
        router.get("/visit") { _, context in
            context.sessions.withLockedSession { $0?.visits += 1 }
            return Server.answer
        }
        let cookie = SessionMiddlewareConfiguration().cookie.name
        try await serve(
            router, services: [store, SessionTimeouts(sessions)], cookies: tokens.map { "\(cookie)=\($0)" })
    }

    private func serveFromMemory() async throws {
        let driver = MemoryPersistDriver()
        var cookies: [String] = []
        for user in 0..<users {
            let id = SessionToken.make().text
            let payload = try Payload.of(user)
            try await driver.create(key: MemorySessions.key(id), value: payload, expires: .seconds(14 * 86_400))
            cookies.append("\(MemorySessions.cookie)=\(id)")
        }
        let router = Router(context: MemorySessionContext.self)
        router.add(middleware: MemorySessions(driver: driver))
        router.get("/") { _, context in
            guard context.box.withLock({ $0?.payload }) != nil else { throw HTTPError(.unauthorized) }
            return Server.answer
        }
        router.get("/visit") { _, context in
            context.box.withLock { $0?.payload.visits += 1 }
            return Server.answer
        }
        try await serve(router, services: [driver], cookies: cookies)
    }

    private func serve<Context: RequestContext>(
        _ router: Router<Context>, services: [any Service], cookies: [String]
    ) async throws where Context.Source == ApplicationRequestContextSource {
        var logger = Logger(label: "session-benchmarks")
        logger.logLevel = .error
        let application = Application(
            router: router, configuration: ApplicationConfiguration(address: .hostname("127.0.0.1", port: 0)),
            services: services,
            onServerRunning: { channel in
                let port = channel.localAddress?.port ?? 0
                let lines = ["\(port)"] + cookies
                FileHandle.standardOutput.write(Data((lines.joined(separator: "\n") + "\n\n").utf8))
            }, logger: logger)
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(services: [application], logger: logger))
        // Blocks a thread of its own, not one of the tasks'.
        Thread.detachNewThread {
            _ = try? FileHandle.standardInput.readToEnd()
            Task { await group.triggerGracefulShutdown() }
        }
        try await group.run()
    }
}
#endif
