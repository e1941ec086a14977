import Foundation
import TTLStore
import TTLTestSupport

let loadCommands: [String: Command] = [
    // SCENARIO PATH NAME=NUMBER …: puts a store under load. Prints "base" with the threads of a process of tasks
    // without a store and the width of their pool, and "done" with the outcome, both as NAME=VALUE. With pool=1 the
    // process has one processor.
    "load": { arguments in
        guard arguments.count >= 2, let scenario = loadScenarios[arguments[0]] else {
            complain("load SCENARIO PATH NAME=NUMBER …")
            exit(64)
        }
        let load = Load(path: arguments[1], numbers: arguments.dropFirst(2))
        if load["pool"] == 1 { try OneProcessor.enter() }
        let pool = measurePool()
        say("base threads=\(Census.threads) pool=\(pool)")
        try scenario(load)
        say("done " + load.tally.line)
    }
]

/// Each returns when all its operations have ended, or tallies the ones that have not.
let loadScenarios: [String: @Sendable (Load) throws -> Void] = [
    "tasks": runTasks,
    "readers": runReaders,
    "expiring": runExpiring,
    "stuck": runStuck,
]

/// The arguments of a scenario, and its tally.
struct Load: Sendable {
    let path: String
    let tally = Tally()
    private let numbers: [String: Int]

    init(path: String, numbers: some Sequence<String>) {
        self.path = path
        self.numbers = numbers.reduce(into: [:]) { numbers, argument in
            let parts = argument.split(separator: "=")
            if parts.count == 2 { numbers[String(parts[0])] = Int(parts[1]) }
        }
    }

    /// Zero for a number that was not given.
    subscript(_ name: String) -> Int { numbers[name, default: 0] }

    /// Opens the store with `log` bytes of log and `busy` milliseconds of patience, where these are given.
    func open(_ adjust: (inout TTLStore.Configuration) -> Void = { _ in }) throws -> TTLStore {
        var configuration = TTLStore.Configuration()
        if self["log"] > 0 { configuration.maximumLogSize = self["log"] }
        if self["busy"] > 0 { configuration.busyTimeout = .milliseconds(self["busy"]) }
        adjust(&configuration)
        return try TTLStore(path: path, configuration: configuration)
    }

    /// Entries that never expire, written before the load begins; the log is empty afterwards.
    func fill(_ count: Int, prefix: String, value: TTLStore.Value) throws {
        let store = try open()
        for first in stride(from: 0, to: count, by: 1000) {
            let numbers = first..<min(first + 1000, count)
            try store.setAll(numbers.map { TTLStore.BatchEntry("\(prefix):\($0)", value) })
        }
        store.close()
    }
}

/// Counts by name, of several threads and tasks.
final class Tally: @unchecked Sendable {
    // Sendable: the lock guards the counts.
    private let lock = NSLock()
    private var counts: [String: Int] = [:]

    subscript(_ name: String) -> Int { lock.withLock { counts[name, default: 0] } }

    func add(_ number: Int = 1, to name: String) { lock.withLock { counts[name, default: 0] += number } }

    /// Counts an operation by what it returned, or by its error's code.
    /// - Returns: whether the store is still open.
    @discardableResult
    func note(_ operation: () async throws -> String) async -> Bool {
        do { add(to: try await operation()) } catch { return note(error) }
        return true
    }

    /// As the suspending form.
    @discardableResult
    func noteBlocking(_ operation: () throws -> String) -> Bool {
        do { add(to: try operation()) } catch { return note(error) }
        return true
    }

    private func note(_ error: any Error) -> Bool {
        add(to: Tally.name(of: error))
        return (error as? TTLStoreError)?.code != .closed
    }

    static func name(of error: any Error) -> String {
        (error as? TTLStoreError)?.code.description ?? "\(type(of: error))"
    }

    var line: String {
        lock.withLock { counts.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: " ") }
    }
}

/// Blocks until the task has ended.
func untilDone(_ body: @escaping @Sendable () async -> Void) {
    let done = DispatchSemaphore(value: 0)
    Task {
        await body()
        done.signal()
    }
    done.wait()
}

/// How many tasks run at one time, once the pool has all of its threads.
private func measurePool() -> Int {
    let (running, peak) = (Counter(), Collected<Int>())
    untilDone {
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<64 {
                group.addTask {
                    running.add()
                    peak.append(running.value)
                    // Awake: on Linux, Dispatch adds a thread for one that sleeps.
                    let end = ProcessInfo.processInfo.systemUptime + 0.003
                    while ProcessInfo.processInfo.systemUptime < end {}
                    running.add(-1)
                }
            }
        }
    }
    return peak.all.max() ?? 0
}
