import Foundation
import TTLStore

/// What it costs to wait for a value that another task computes.
enum ComputeWaiters: Benchmark {
    static let name = "compute-waiters"
    static let summary = "2,000 tasks wait for one closure of getOrCompute of 3 s: processor time"

    static func run(_ workshop: Workshop) throws -> [Row] {
        let count = workshop.options.size(2000, quick: 200)
        let time = Duration.milliseconds(workshop.options.size(3000, quick: 300))
        let rounds = try Rounds(workshop.options.roundCount, among: [Contestant.store]) { _ in
            let path = workshop.newPath()
            defer { Workshop.removeFile(path) }
            return try wait(path, count, time)
        }
        let closure = "one closure of \(Format.milliseconds(time.inSeconds))"
        return [
            Row(
                "getOrCompute, \(Format.count(count)) tasks wait for \(closure): processor time", rounds, target: "–",
                figure: { $0.processor }, format: Format.milliseconds),
            Row(
                "… from the closure's end until all have the value", rounds, target: "–", figure: { $0.delay },
                format: Format.milliseconds),
        ]
    }

    private struct Outcome {
        /// Of this process meanwhile, in seconds.
        var processor: Double
        /// In seconds.
        var delay: Double
    }

    private static func wait(_ path: String, _ count: Int, _ time: Duration) throws -> Outcome {
        let store = try TTLStore(path: path)
        defer { store.close() }
        let begun = processorTime
        let elapsed = try untilDone {
            let begun = ContinuousClock.now
            try await withThrowingTaskGroup(of: String.self) { group in
                for _ in 0...count {
                    group.addTask {
                        try await store.getOrCompute("key") {
                            try await Task.sleep(for: time)
                            return "value"
                        }
                    }
                }
                for try await value in group where value != "value" { throw WrongResult("another value") }
            }
            return ContinuousClock.now - begun
        }
        return Outcome(processor: processorTime - begun, delay: (elapsed - time).inSeconds)
    }

    /// Of this process, in seconds.
    private static var processorTime: Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
