import Foundation
import Testing

/// The seeds of a test's runs, one each.
///
/// To repeat a failure, run its seed alone: `TTL_MODEL_SEED` in the environment. `TTL_MODEL_RUNS=10` makes ten times as
/// many runs.
struct ModelSeeds: CustomTestStringConvertible, Sendable {
    private let range: Range<UInt64>

    var testDescription: String { range.count == 1 ? "seed \(range.lowerBound)" : "seeds \(range)" }

    /// In three parts: two with the same seeds in each run of the tests, and one with others.
    static func all(runs: UInt64) -> [ModelSeeds] {
        let environment = ProcessInfo.processInfo.environment
        if let seed = environment["TTL_MODEL_SEED"].flatMap({ UInt64($0) }) {
            return [ModelSeeds(range: seed..<seed + 1)]
        }
        let runs = runs * (environment["TTL_MODEL_RUNS"].flatMap { UInt64($0) } ?? 1)
        return [0, runs, .random(in: 1 << 20..<1 << 40)].map { ModelSeeds(range: $0..<$0 + runs) }
    }

    /// One run for each seed, until one fails.
    func run(steps: Int, _ operations: (UInt64) throws -> RandomOperations) async {
        for seed in range {
            do {
                var operations = try operations(seed)
                try await operations.run(steps: steps)
            } catch {
                Issue.record("TTL_MODEL_SEED=\(seed): \(error)")
                return
            }
        }
    }
}
