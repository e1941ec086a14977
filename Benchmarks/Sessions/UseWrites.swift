#if Hummingbird
import TTLSessions
import TTLStoreTesting

/// How often an active session is written, by a clock that is moved: with the default settings, for requests that
/// change nothing.
enum UseWrites: Benchmark {
    static let name = "writes"
    static let summary = "writes in 1,000 requests of one session that change nothing"

    static func run(_ workshop: Workshop) async throws -> [Row] {
        let requests = workshop.options.size(10_000, quick: 1000)
        let rates: [(String, Duration)] = [
            ("as fast as they are served", .zero), ("10 in a second", .milliseconds(100)),
            ("2 in a second", .milliseconds(500)), ("1 in a second", .seconds(1)),
        ]
        var rows: [Row] = []
        for (rate, pause) in rates {
            let writes = Double(try await writes(requests, pause)) / Double(requests) * 1000
            rows.append(
                Row(
                    work: "writes in 1,000 requests of one session, \(rate)",
                    figure: Format.ratio(writes), target: "≤ 2", isMet: writes <= 2))
        }
        return rows
    }

    /// Does what the middleware does for such a request: loads the session, and renews its token once an hour.
    private static func writes(_ requests: Int, _ pause: Duration) async throws -> Int {
        let test = try TemporaryStore()
        let sessions = try Sessions<Payload>(store: test.store)
        let issued = try await sessions.create(
            try Payload.of(1), subject: Material.subject(1), client: Material.client)
        var token = issued.token.text
        for _ in 0..<requests {
            test.clock.advance(by: pause)
            guard let session = try await sessions.load(token) else { throw WrongResult("the session has ended") }
            if let renewed = try await sessions.renew(session) { token = renewed.token.text }
        }
        return sessions.statistics.usesWritten + sessions.statistics.tokensRenewed
    }
}
#endif
