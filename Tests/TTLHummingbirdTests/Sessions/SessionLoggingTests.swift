#if Hummingbird
import HTTPTypes
import InMemoryLogging
import Logging
import TTLHummingbird
import TTLSessions
import TTLStore
import TTLTestSupport
import Testing

@Suite struct SessionLoggingTests {
    @Test("the life of a session is logged with its handle, and no line holds a token, a user or data") func life()
        async throws
    {
        let handler = InMemoryLogHandler()
        var logger = Logger(label: "test") { _ in handler }
        logger.logLevel = .trace
        let server = try SessionServer(logger: logger) { $0.log(to: logger) }
        let browser = server.browser()
        var tokens: [String] = []
        for path in ["/set/secret-data", "/login/secret-user", "/regenerate"] {
            await browser.post(path)
            tokens.append(try #require(browser.token))
        }
        let handle = await browser.get("/devices").dropLast()
        await browser.post("/logout")
        _ = await browser.send(.get, "/name", cookie: "__Host-id=\(tokens[0])")
        _ = await browser.send(.get, "/name", cookie: "__Host-id=secret-text")
        let messages = handler.entries.map(\.message.description)
        for expected in [
            "session created", "session authenticated", "session token renewed", "session ended",
            "an unknown session token was sent", "a malformed session token was sent",
        ] {
            #expect(messages.contains(expected))
        }
        let lines = handler.entries.map { "\($0.message) \($0.metadata)" }
        #expect(lines.count { $0.contains(handle) } >= 4)
        for secret in tokens + ["secret-data", "secret-user", "secret-text"] {
            #expect(!lines.contains { $0.contains(secret) })
        }
    }

    @Test("the cookie for local development is warned of once") func insecure() async throws {
        let handler = InMemoryLogHandler()
        let logger = Logger(label: "test") { _ in handler }
        var configuration = SessionMiddlewareConfiguration()
        configuration.cookie = .insecureForLocalDevelopmentOverPlainHTTP()
        let server = try SessionServer(logger: logger, configuration: configuration)
        for _ in 0..<3 { _ = await server.browser().get("/plain") }
        #expect(handler.entries.count { $0.level == .warning } == 1)
    }

    @Test("timeouts are reported in a service group, until it shuts down") func timeouts() async throws {
        let handler = InMemoryLogHandler()
        var logger = Logger(label: "test") { _ in handler }
        logger.logLevel = .trace
        let server = try SessionServer { $0.log(to: logger) }
        try await withServices([SessionTimeouts(server.sessions)]) {
            while !handler.entries.contains(where: { $0.message == "session timed out" }) {
                _ = try await server.sessions.create(Visit())
                try server.temporary.advance(by: .seconds(1800))
                try await Task.sleep(for: .milliseconds(1))
            }
        }
        await server.temporary.store.close()
    }
}
#endif
