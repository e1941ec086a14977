import CTTLBenchmarkLoops
import TTLStore

/// What a transaction costs above the one operation in it.
enum TransactionOverhead: Benchmark {
    static let name = "transaction"
    static let summary = "a transaction with one set, less a set by itself: both one commit"

    static func run(_ workshop: Workshop) throws -> [Row] {
        let count = workshop.options.size(100_000, quick: 10_000)
        let pairs = workshop.options.size(20_000, quick: 2000)
        let material = Material(count: count)
        let template = try workshop.makeFile(.live(count))
        defer { Workshop.removeFile(template) }
        var dice = Dice()
        let order = (0..<2 * pairs).map { _ in Int.random(in: 0..<count, using: &dice) }
        let outcomes = try (0..<workshop.options.roundCount).map { _ in
            try workshop.withCopy(of: template) { path in
                try alternate(TTLStore(path: path), order.map { material.keys[$0] })
            }
        }
        let above = outcomes.map { $0.transaction - $0.set }.median
        let (transaction, set) = (outcomes.map { $0.transaction }.median, outcomes.map { $0.set }.median)
        return [
            Row(
                work: "transaction { set } less set, median of calls",
                store: """
                    \(Format.microseconds(above)) (\(Format.microseconds(transaction)) less \
                    \(Format.microseconds(set)))
                    """,
                target: "< " + Format.microseconds(5e-6), isMet: above < 5e-6)
        ]
    }

    /// Medians of calls, in seconds.
    private struct Outcome {
        var set: Double
        var transaction: Double
    }

    /// One call of either kind after the other, so that both find the same log and the same machine.
    private static func alternate(_ store: TTLStore, _ keys: [String]) throws -> Outcome {
        defer { store.close() }
        let value = Material.value
        let times = try timed(keys.count) { place in
            let key = keys[place]
            if place.isMultiple(of: 2) {
                try store.set(key, value, expiring: .after(timeToLive))
            } else {
                _ = try store.transaction { try $0.set(key, value, expiring: .after(timeToLive)) }
            }
        }
        func median(from first: Int) -> Double {
            stride(from: first, to: times.count, by: 2).map { Double(times[$0]) / 1e9 }.median
        }
        return Outcome(set: median(from: 0), transaction: median(from: 1))
    }
}
