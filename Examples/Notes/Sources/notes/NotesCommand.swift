import ArgumentParser
import Hummingbird
import Logging
import TTLHummingbird
import TTLSessions
import TTLStore

/// The program: `swift run --package-path Examples/Notes notes`.
@main
struct NotesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "notes", abstract: "Private notes on the web, with sessions that survive restarts.")

    @Option(help: "The port on 127.0.0.1.")
    var port = 8080

    @Option(help: "The file with users, notes and sessions. It is created if it is missing.")
    var file = "notes.db"

    @Option(help: "After how many seconds without a click a session ends, if the user did not ask to stay logged in.")
    var idle = 1800

    @Option(help: "For how many seconds after the password was entered other devices may be logged out.")
    var fresh = 600

    @Flag(help: "Cookies without Secure and __Host-, for a browser that refuses those over http. Never on a network.")
    var insecureCookies = false

    func validate() throws {
        guard idle > 0, fresh > 0 else { throw ValidationError("--idle and --fresh are at least 1 second") }
    }

    func run() async throws {
        let logger = Logger(label: "notes")
        let store = try await TTLStore(path: file)
        let notes = try await NotesApplication(
            store: store, sessions: try sessions(in: store, logger), cookie: cookie, freshness: .seconds(fresh))
        let application = Application(
            router: notes.router(),
            configuration: ApplicationConfiguration(address: .hostname("127.0.0.1", port: port), serverName: nil),
            // A group ends its services in the reverse order: the server first, and the store last.
            services: [store, SessionTimeouts(notes.sessions)],
            logger: logger)
        logger.info("start number \(notes.start): http://127.0.0.1:\(port), file \(file)")
        try await application.runService()
    }

    private func sessions(in store: TTLStore, _ logger: Logger) throws -> Sessions<NotesSession> {
        var configuration = SessionConfiguration()
        configuration.timeouts.idle = .seconds(idle)
        configuration.timeouts.absolute = max(configuration.timeouts.absolute, .seconds(idle))
        // The devices page is right to a minute.
        configuration.useInterval = .seconds(60)
        configuration.maximumPerSubject = 20
        configuration.log(to: logger)
        return try Sessions(store: store, configuration: configuration)
    }

    /// Chromium takes 127.0.0.1 for as safe as TLS, and keeps the safe cookie from it.
    private var cookie: SessionCookie {
        insecureCookies ? .insecureForLocalDevelopmentOverPlainHTTP() : SessionCookie()
    }
}
