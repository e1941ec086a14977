#if Hummingbird
import TTLSessions
import TTLStore

/// Loading a session, against reading its payload alone.
enum LoadAgainstGet: Benchmark {
    static let name = "load"
    static let summary = "load a session with 200 bytes of data, against a get of the same data"

    static func run(_ workshop: Workshop) async throws -> [Row] {
        let count = workshop.options.size(100_000, quick: 1000)
        let calls = workshop.options.size(4000, quick: 200)
        let store = try await TTLStore(path: workshop.newPath())
        let sessions = try Sessions<Payload>(store: store, configuration: Material.configuration)
        let tokens = try await Material.fill(store, count, users: count, sample: count)
        let keys = try await fill(store, count)
        let rounds = try await Rounds(workshop.options.shortRoundCount) { party in
            let order = (0..<calls).map { _ in Int.random(in: 0..<count) }
            switch party {
            case .measured:
                return try await secondsEach(calls) { number in
                    let session = try await sessions.load(tokens[order[number]])
                    guard session?.payload.visits == 1000 else { throw WrongResult("a session is not found") }
                }
            case .yardstick:
                return try await secondsEach(calls) { number in
                    let payload = try await store.get(keys[order[number]], as: Payload.self)
                    guard payload?.visits == 1000 else { throw WrongResult("a value is not found") }
                }
            }
        }
        guard sessions.statistics.usesWritten == 0 else { throw WrongResult("loading has written") }
        await store.close()
        let ratio = rounds.ratio { $0 }
        return [
            Row(
                work: "load, \(Format.count(count)) sessions beside as many values; measured against `get(_:as:)`",
                figure: Format.microseconds(rounds.median(.measured) { $0 }),
                yardstick: Format.microseconds(rounds.median(.yardstick) { $0 }), ratio: Format.ratio(ratio),
                target: "≤ 1.3", isMet: ratio <= 1.3)
        ]
    }

    /// Stores the payloads under keys of 32 characters, in no order.
    private static func fill(_ store: TTLStore, _ count: Int) async throws -> [String] {
        let keys = (0..<count).map { _ in String(SessionToken.make().text.prefix(32)) }
        for first in stride(from: 0, to: count, by: 2000) {
            try await store.setAll(
                try (first..<min(count, first + 2000)).map { number in
                    TTLStore.BatchEntry(
                        keys[number], .text(try Payload.json(number)), expiring: .after(.seconds(86_400)))
                })
        }
        return keys
    }
}
#endif
