import CTTLBenchmarkLoops
import Foundation
import TTLStore

/// Single writes and reads of one task, of few and of many, each beside one thread in the same rounds.
enum Tasks: Benchmark {
    static let name = "tasks"
    static let summary = "cold set and get of 1, 8 and 1,000 tasks against one thread: rate, 99.9th percentile, threads"

    static func run(_ workshop: Workshop) throws -> [Row] {
        let work = try SetWork(workshop)
        defer { work.remove() }
        return try Work.allCases.flatMap { kind in
            let rounds = try Rounds(workshop.options.roundCount, among: Caller.allCases) { caller in
                try work.withCopy { path in try measure(kind, caller, work, path) }
            }
            return Caller.allCases.map { row(kind, $0, rounds) }
        }
    }

    private enum Work: String, CaseIterable {
        case set, get
    }

    private enum Caller: String, CaseIterable {
        case thread = "one thread"
        case task = "one task"
        case fewTasks = "8 tasks"
        case manyTasks = "1,000 tasks"

        /// Nil for a thread.
        var tasks: Int? {
            switch self {
            case .thread: nil
            case .task: 1
            case .fewTasks: 8
            case .manyTasks: 1000
            }
        }
    }

    private struct Outcome {
        /// Calls in a second.
        var rate: Double
        /// The 99.9th percentile, in seconds.
        var tail: Double
        var threads: Double
    }

    private static func row(_ kind: Work, _ caller: Caller, _ rounds: Rounds<Caller, Outcome>) -> Row {
        let (rate, tail) = (rounds.median(caller) { $0.rate } ?? .nan, rounds.median(caller) { $0.tail } ?? .nan)
        let work = "\(kind.rawValue), cold, of \(caller.rawValue)"
        let figures = "\(Format.perSecond(rate)), 99.9th percentile \(Format.microseconds(tail))"
        guard caller != .thread else { return Row(work: work, store: figures) }
        let ratio = rounds.ratio(of: caller, to: .thread) { $0.rate } ?? .nan
        let threads = Int(rounds.median(caller) { $0.threads } ?? 0)
        return Row(
            work: work, store: "\(figures), \(threads) threads, \(Format.ratio(ratio)) × one thread",
            target: caller == .task ? "≥ 0.60 × one thread" : "–", isMet: caller == .task ? ratio >= 0.6 : nil)
    }

    private static func measure(_ kind: Work, _ caller: Caller, _ work: SetWork, _ path: String) throws -> Outcome {
        // Each read is one of the file.
        var configuration = TTLStore.Configuration()
        configuration.memory = 0
        let store = try TTLStore(path: path, configuration: configuration)
        defer { store.close() }
        // The writes' keys: half of them are not in the file, so that half of the reads find nothing.
        let keys = work.order.map { work.material.keys[Int($0)] }
        awaitFewThreads()
        let threads = Watch.threads()
        let begun = ContinuousClock.now
        let times = try nanoseconds(kind, keys, of: caller, store)
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

    /// Calls once for each key, and returns the nanoseconds that each call took.
    private static func nanoseconds(
        _ kind: Work, _ keys: [String], of caller: Caller, _ store: TTLStore
    ) throws -> [Int64] {
        guard let tasks = caller.tasks else { return try calls(kind, keys, store) }
        let shares = (0..<tasks).map { task in stride(from: task, to: keys.count, by: tasks).map { keys[$0] } }
        return try untilDone {
            try await withThrowingTaskGroup(of: [Int64].self) { group in
                for keys in shares { group.addTask { try await calls(kind, keys, store) } }
                return try await group.reduce(into: []) { $0 += $1 }
            }
        }
    }

    private static func calls(_ kind: Work, _ keys: [String], _ store: TTLStore) throws -> [Int64] {
        let value = Material.value
        return try timed(keys.count) { place in
            switch kind {
            case .set: try store.set(keys[place], value, expiring: .after(timeToLive))
            case .get: _ = try store.get(keys[place])
            }
        }
    }

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
