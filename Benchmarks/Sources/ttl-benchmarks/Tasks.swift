import CTTLBenchmarkLoops
import Foundation
import TTLStore

/// Single writes and reads of few and of many tasks.
enum Tasks: Benchmark {
    static let name = "tasks"
    static let summary = "set and get from 8 and from 1,000 tasks: rate, 99.9th percentile, threads at the peak"

    static func run(_ workshop: Workshop) throws -> [Row] {
        let work = try SetWork(workshop)
        defer { work.remove() }
        return try Work.allCases.flatMap { kind in
            try [8, 1000].map { tasks in
                let rounds = try Rounds(workshop.options.roundCount, among: [Contestant.store]) { _ in
                    try work.withCopy { path in try measure(kind, tasks, work, path) }
                }
                return row("\(kind.rawValue) from \(Format.count(tasks)) tasks", rounds)
            }
        }
    }

    private enum Work: String, CaseIterable {
        case set, get
    }

    private struct Outcome {
        /// Calls in a second.
        var rate: Double
        /// The 99.9th percentile, in seconds.
        var tail: Double
        var threads: Double
    }

    private static func row(_ work: String, _ rounds: Rounds<Contestant, Outcome>) -> Row {
        let (rate, tail) = (rounds.median(.store) { $0.rate } ?? 0, rounds.median(.store) { $0.tail } ?? 0)
        let threads = Int(rounds.median(.store) { $0.threads } ?? 0)
        return Row(
            work: work,
            store: "\(Format.perSecond(rate)), 99.9th percentile \(Format.microseconds(tail)), \(threads) threads")
    }

    private static func measure(_ kind: Work, _ tasks: Int, _ work: SetWork, _ path: String) throws -> Outcome {
        let store = try TTLStore(path: path)
        defer { store.close() }
        // The writes' keys: half of them are not in the file, so that half of the reads find nothing.
        let shares = (0..<tasks).map { task in
            stride(from: task, to: work.order.count, by: tasks).map { work.material.keys[Int(work.order[$0])] }
        }
        awaitFewThreads()
        let threads = Watch.threads()
        let begun = ContinuousClock.now
        let times = try untilDone {
            try await withThrowingTaskGroup(of: [Int64].self) { group in
                for keys in shares { group.addTask { try await calls(kind, keys, store) } }
                return try await group.reduce(into: []) { $0 += $1 }
            }
        }
        let time = (ContinuousClock.now - begun).inSeconds
        return Outcome(
            rate: Double(times.count) / time, tail: times.map { Double($0) / 1e9 }.percentile(99.9),
            threads: Double(threads.stop()))
    }

    /// Until the threads have gone that Dispatch keeps for some seconds after earlier work, or for ten seconds.
    private static func awaitFewThreads() {
        // The main thread, Dispatch's own, the store's, and the threads of tasks.
        let few = 4 + ProcessInfo.processInfo.activeProcessorCount
        for _ in 0..<100 where Holdings.now.threads > few { usleep(100_000) }
    }

    /// Returns the nanoseconds that each call took.
    private static func calls(_ kind: Work, _ keys: [String], _ store: TTLStore) async throws -> [Int64] {
        let value = Material.value
        var times: [Int64] = []
        times.reserveCapacity(keys.count)
        for key in keys {
            let begun = ttl_bench_steady()
            switch kind {
            case .set: try await store.set(key, value, expiring: .after(timeToLive))
            case .get: _ = try await store.get(key)
            }
            times.append(ttl_bench_steady() - begun)
        }
        return times
    }
}
