import Foundation
import TTLStore

/// New keys for a store that is as large as it may be.
enum Limit: Benchmark {
    static let name = "limit"
    static let summary = "write new rows at the limit of entries, against no limit"
    /// Longer than the entries that are there, so that those make room.
    private static let timeToLive: Duration = .seconds(2 * 86_400)

    static func run(_ workshop: Workshop) throws -> [Row] {
        let limit = workshop.options.size(100_000, quick: 10_000)
        let writes = workshop.options.size(40_000, quick: 4000)
        let material = Material(count: limit + writes)
        let template = try workshop.makeFile(.live(limit))
        defer { Workshop.removeFile(template) }
        var dice = Dice()
        let order = (limit..<limit + writes).shuffled(using: &dice)
        let rounds = try Rounds(workshop.options.roundCount, among: Variant.allCases) { variant in
            try workshop.withCopy(of: template) { path in
                try write(order.map { material.keys[$0] }, to: path, limit: variant == .with ? limit : nil)
            }
        }
        return [
            Row(
                "set of new keys at the limit of \(Format.count(limit)) entries", rounds, to: "without", limit: 1.5,
                figure: { $0.mean }, format: Format.microseconds)
        ]
    }

    private static func write(_ keys: [String], to path: String, limit: Int?) throws -> CallTimes {
        var configuration = TTLStore.Configuration()
        configuration.maximumEntries = limit
        let store = try TTLStore(path: path, configuration: configuration)
        defer { store.close() }
        // The store's thread counts the entries when it first looks at the file, after 100 ms.
        usleep(400_000)
        let value = Material.value
        let times = try CallTimes {
            try timed(keys.count) { try store.set(keys[$0], value, expiring: .after(timeToLive)) }
        }
        if let limit, try store.count() > limit + limit / 4 { throw WrongResult("the limit was not kept") }
        return times
    }
}
