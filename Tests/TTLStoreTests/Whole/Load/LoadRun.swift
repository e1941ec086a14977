import Foundation
import TTLTestSupport
import Testing

/// What a store does under load, in a process of its own: it ends, and with a bounded number of threads.
@Suite(.serialized, .hangLimit) enum LoadTests {
    /// How long a load of unlimited length lasts, in milliseconds, unless the environment says otherwise.
    static let time = (environmentSeconds ?? 4) * 1000
    /// How much more work is done than by default.
    static let factor = max(1, (environmentSeconds ?? 0) / 15)

    private static let environmentSeconds = ProcessInfo.processInfo.environment["TTL_LOAD_SECONDS"].flatMap { Int($0) }
}

/// The threads on which tasks run.
enum TaskPool: CaseIterable {
    case usual, onOneProcessor
}

/// A process of the command `load`, from its begin to its end.
struct LoadRun {
    /// What the process has tallied, by name.
    let tally: [String: Int]
    /// The most threads that the process had at any time; zero if they are not counted.
    let peakThreads: Int
    /// The threads of the process with tasks and without a store.
    let baseThreads: Int

    /// Far more than the longest scenario takes.
    private static let deadline: TimeInterval = 120

    /// A process that does not end is killed and recorded as an issue.
    init(
        _ scenario: String, _ path: String, pool: TaskPool = .usual, _ numbers: KeyValuePairs<String, Int>,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let isOne = pool == .onOneProcessor
        let arguments = numbers.map { "\($0.key)=\($0.value)" } + (isOne ? ["pool=1"] : [])
        let child = try ChildProcess(
            "TTLTestProcess", ["load", scenario, path] + arguments,
            environment: isOne ? ["LIBDISPATCH_COOPERATIVE_POOL_STRICT": "1"] : [:])
        let (lines, peaks, kills) = (Collected<String>(), Collected<Int>(), Counter())
        onThreads(2) { number in
            if number == 0 {
                while let line = child.readLine() { lines.append(line) }
                return
            }
            var peak = 0
            let hasEnded = eventually(within: LoadRun.deadline) {
                peak = max(peak, LoadRun.threads(of: child.identifier))
                return !child.isRunning
            }
            peaks.append(peak)
            if hasEnded { return }
            kills.add()
            child.kill(SIGKILL)
        }
        let work = "\(scenario) \(arguments.joined(separator: " "))"
        try #require(
            kills.value == 0, "\(work) hangs with \(peaks.all) threads: \(lines.all)", sourceLocation: sourceLocation)
        let status = child.wait()
        try #require(status == 0, "\(work): \(status), \(child.readErrors())", sourceLocation: sourceLocation)
        tally = LoadRun.numbers(lines.all, "done")
        let base = LoadRun.numbers(lines.all, "base")
        (peakThreads, baseThreads) = (peaks.all.max() ?? 0, base["threads", default: 0])
    }

    /// Zero for a name that was not tallied.
    subscript(_ name: String) -> Int { tally[name, default: 0] }

    /// The sum of these.
    func sum(_ names: String...) -> Int { names.reduce(0) { $0 + self[$1] } }

    /// Expects that the store has had few threads of its own, however many tasks and threads used it.
    /// - Parameter others: the threads of the scenario.
    func expectFewThreads(besides others: Int = 0, sourceLocation: SourceLocation = #_sourceLocation) {
        let (readers, housekeeping, process) = (4, 6, max(8, baseThreads))
        #expect(
            peakThreads <= readers + housekeeping + process + others, "\(tally)", sourceLocation: sourceLocation)
    }

    private static func threads(of process: Int32) -> Int {
        (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(process)/task"))?.count ?? 0
    }

    private static func numbers(_ lines: [String], _ title: String) -> [String: Int] {
        let line = lines.last { $0.hasPrefix(title + " ") } ?? ""
        return line.split(separator: " ").dropFirst().reduce(into: [:]) { numbers, part in
            let pair = part.split(separator: "=")
            if pair.count == 2 { numbers[String(pair[0])] = Int(pair[1]) }
        }
    }
}
