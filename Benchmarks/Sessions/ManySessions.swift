#if Hummingbird
import TTLSessions
import TTLStore

/// What the number of live sessions costs, and what listing a subject's does.
enum ManySessions: Benchmark {
    static let name = "many"
    static let summary = "load among 1,000,000 sessions against 1,000, and listing the ten of a subject"

    private static let perUser = 10

    static func run(_ workshop: Workshop) async throws -> [Row] {
        let (few, many) = (1000, workshop.options.size(1_000_000, quick: 5000))
        let calls = workshop.options.size(4000, quick: 200)
        let small = try await Crowd(workshop, few, perUser: perUser)
        let large = try await Crowd(workshop, many, perUser: perUser)
        // Reads each row once that is loaded below, so that all of them are in the system's page cache.
        for crowd in [small, large] { for token in crowd.tokens { try await crowd.load(token) } }
        let loads = try await Rounds(workshop.options.shortRoundCount) { party in
            let crowd = party == .measured ? large : small
            return try await crowd.loads(calls)
        }
        let lists = try await Rounds(workshop.options.shortRoundCount) { party in
            switch party {
            case .measured: try await large.lists(calls / 10, expecting: perUser)
            case .yardstick: try await large.loads(calls)
            }
        }
        await small.store.close()
        await large.store.close()
        let (load, list) = (loads.ratio { $0 }, lists.ratio { $0 })
        return [
            Row(
                work: "load among \(Format.count(many)) sessions, in the page cache; against \(Format.count(few))",
                figure: Format.microseconds(loads.median(.measured) { $0 }),
                yardstick: Format.microseconds(loads.median(.yardstick) { $0 }), ratio: Format.ratio(load),
                target: "≤ 1.5", isMet: load <= 1.5),
            Row(
                work: "list a subject's \(perUser) of \(Format.count(many)) sessions; against a load",
                figure: Format.microseconds(lists.median(.measured) { $0 }),
                yardstick: Format.microseconds(lists.median(.yardstick) { $0 }), ratio: Format.ratio(list),
                target: "≤ 10", isMet: list <= 10),
        ]
    }
}

/// A store full of sessions.
private struct Crowd {
    let store: TTLStore
    let sessions: Sessions<Payload>
    /// Of sessions at random places of the file: storage sorts them by the tokens' hashes.
    let tokens: [String]
    let users: Int

    init(_ workshop: Workshop, _ count: Int, perUser: Int) async throws {
        // The loads from the file are measured: a thousand sessions would be in memory, a million would not.
        var configuration = TTLStore.Configuration()
        configuration.memory = 0
        store = try await TTLStore(path: workshop.newPath(), configuration: configuration)
        sessions = try Sessions(store: store, configuration: Material.configuration)
        users = count / perUser
        tokens = try await Material.fill(store, count, users: users, sample: min(count, 200_000))
    }

    func load(_ token: String) async throws {
        guard try await sessions.load(token) != nil else { throw WrongResult("a session is not found") }
    }

    /// The seconds that a load takes.
    func loads(_ calls: Int) async throws -> Double {
        let order = (0..<calls).map { _ in Int.random(in: 0..<tokens.count) }
        return try await secondsEach(calls) { number in try await load(tokens[order[number]]) }
    }

    /// The seconds that a listing takes.
    func lists(_ calls: Int, expecting count: Int) async throws -> Double {
        let order = (0..<calls).map { _ in Int.random(in: 0..<users) }
        return try await secondsEach(calls) { number in
            let list = try await sessions.list(of: Material.subject(order[number]))
            guard list.count == count else { throw WrongResult("a subject has \(list.count) sessions") }
        }
    }
}
#endif
