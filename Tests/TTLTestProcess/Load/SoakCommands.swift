import Foundation
import TTLStore
import TTLTestSupport

let soakCommands: [String: Command] = [
    // PATH NUMBER SEED: is three clients, two on threads and one in a task. For each line of input, with the wall
    // clock's time and a number of calls, they call operations on a few keys at random, and print each as JSON, before
    // the call and after it, while other tasks use keys of their own. When all have ended, prints "longest" with the
    // nanoseconds of these tasks' longest operation, and "done". At the end of the input closes the store and prints
    // "before" and "after" with the threads and descriptors without a store.
    "soak": { arguments in
        let (number, seed) = (Int(arguments[1]) ?? 0, UInt64(arguments[2]) ?? 0)
        // The pool's threads, and descriptors that the first store of a process leaves, don't count against the store.
        try TTLStore(path: arguments[0]).close()
        untilDone { await warmPool() }
        let before = SoakCensus()
        let clock = ManualClock()
        var configuration = TTLStore.Configuration()
        configuration.clock = clock.wallClock
        configuration.busyTimeout = .seconds(2)
        configuration.maximumLogSize = 1 << 20
        let store = try TTLStore(path: arguments[0], configuration: configuration)
        say("ready")
        var round = 0
        while let line = readLine() {
            let numbers = line.split(separator: " ").compactMap { Int64($0) }
            clock.advance(by: .milliseconds(numbers[0] - clock.now))
            let clients = SoakClients(
                store: store, clock: clock, number: number * 1000 + round * 10, seed: seed, calls: Int(numbers[1]))
            let noise = SoakNoise(store: store)
            onThreads(4) { thread in
                switch thread {
                case 0, 1: clients.runThread(thread)
                case 2: untilDone { await clients.runTask(thread) }
                default: untilDone { await noise.run() }
                }
            }
            say("longest \(noise.longest.all.max() ?? 0)")
            say("done")
            round += 1
        }
        store.close()
        _ = eventually(within: 60) { SoakCensus() <= before }
        say("before \(before) after \(SoakCensus())")
    }
]

private func warmPool() async {
    await withTaskGroup(of: Void.self) { group in
        for _ in 0..<64 { group.addTask { usleep(1000) } }
    }
    // Dispatch keeps a descriptor for each clock by which a task has slept.
    try? await Task.sleep(for: .milliseconds(1))
    try? await Task.sleep(for: .milliseconds(1), clock: .suspending)
    try? await Task.sleep(nanoseconds: 1_000_000)
}

/// Threads and descriptors of this process.
private struct SoakCensus: CustomStringConvertible {
    let threads = Census.threads
    let descriptors = Census.descriptors()

    static func <= (one: SoakCensus, other: SoakCensus) -> Bool {
        one.threads <= other.threads && one.descriptors <= other.descriptors
    }

    var description: String { "\(threads) \(descriptors)" }
}

/// Clients whose calls make the history.
private struct SoakClients: Sendable {
    let store: TTLStore
    let clock: ManualClock
    let number: Int
    let seed: UInt64
    let calls: Int

    func runThread(_ thread: Int) {
        var client = HistoryClient(number + thread, store, clock, seed: seed)
        client.run(calls: calls, print)
    }

    func runTask(_ thread: Int) async {
        var client = SuspendingClient(number + thread, store, clock, seed: seed)
        await client.run(calls: calls, print)
    }

    private func print(_ event: HistoryEvent) {
        say((try? JSONEncoder().encode(event)).map { String(decoding: $0, as: UTF8.self) } ?? "no JSON")
    }
}

/// Tasks beside the clients.
private struct SoakNoise: Sendable {
    let store: TTLStore
    /// How long operations took, in nanoseconds.
    let longest = Collected<Int>()

    func run() async {
        await withTaskGroup(of: Void.self) { group in
            for task in 0..<40 {
                group.addTask {
                    let key = "noise:\(task)"
                    await measure { try await store.set(key, key, expiring: .after(.milliseconds(20))) }
                    await measure { _ = try await store.get(key) }
                    if task % 20 == 0 { await measure { _ = try await store.count() } }
                    if task % 20 == 1 { await measure { _ = try await store.purgeExpired() } }
                    await measure { _ = try await store.increment("noise") }
                }
            }
        }
    }

    private func measure(_ operation: () async throws -> Void) async {
        let begun = ContinuousClock.now
        do { try await operation() } catch {
            // A caller has to cope with a lock that is held for too long.
            if (error as? TTLStoreError)?.code != .busy { say("failed \(error)") }
        }
        let time = (ContinuousClock.now - begun).components
        longest.append(Int(time.seconds) * 1_000_000_000 + Int(time.attoseconds / 1_000_000_000))
    }
}
