import Foundation
import TTLTestSupport
import Testing

@testable import TTLStore

@Suite("One call fetches a value for all calls of its store", .serialized, .hangLimit)
struct SingleFlightConcurrencyTests {
    private struct Failure: Error {}

    /// Counts how often a store asks its clock for the time: once for each read and each write.
    private let readings = Counter()

    private func open(
        _ place: Setting.Place = .file, _ adjust: (inout TTLStore.Configuration) -> Void = { _ in }
    ) throws -> StoreUnderTest {
        try Setting(form: .suspending, place: place).open { [readings] configuration in
            let clock = configuration.clock
            configuration.clock = WallClock {
                readings.add()
                return clock.now
            }
            adjust(&configuration)
        }
    }

    private func waiting(_ store: StoreUnderTest) -> Int { store.store.engine.flights.waitingCount }

    @Test("two thousand tasks wait for one closure, and get its value without another look at the file")
    func thousands() async throws {
        let store = try open()
        let (inner, gate, runs) = (store.store, Gate(), Counter())
        let tasks = (0..<2001).map { _ in
            Task {
                try await inner.getOrCompute("k") {
                    runs.add()
                    await gate.opened()
                    return "value"
                }
            }
        }
        #expect(await eventuallyWithoutBlocking { waiting(store) == 2000 })
        let before = readings.value
        gate.open()
        for task in tasks { #expect(try await task.value == "value") }
        #expect(runs.value == 1)
        // One reading to store the value, and the readings for the lease.
        #expect(readings.value - before < 1000)
        #expect(store.store.engine.activity.snapshot.misses == 2001)
    }

    @Test("threads and tasks share one flight", arguments: Setting.Place.allCases)
    func bothForms(place: Setting.Place) async throws {
        let store = try open(place)
        let (inner, gate, runs) = (store.store, Gate(), Counter())
        let task = Task {
            try await inner.getOrCompute("k") {
                runs.add()
                await gate.opened()
                return 7
            }
        }
        #expect(await eventuallyWithoutBlocking { gate.arrived > 0 })
        let tasks = (0..<4).map { _ in Task { try await inner.getOrCompute("k") { 8 } } }
        let strict = ComputeOptions(recomputesUndecodable: false)
        let other = Task { try await inner.getOrCompute("k", options: strict) { "text" } }
        let answers = Counter()
        let threads = Task {
            await withCheckedContinuation { continuation in
                DispatchQueue.global().async {
                    onThreads(4) { _ in if (try? inner.getOrCompute("k", as: Int.self) { 9 }) == 7 { answers.add() } }
                    continuation.resume()
                }
            }
        }
        #expect(await eventuallyWithoutBlocking { waiting(store) == 9 })
        gate.open()
        #expect(try await task.value == 7)
        for task in tasks { #expect(try await task.value == 7) }
        await expectFailure(.wrongKind) { try await other.value }
        await threads.value
        #expect(answers.value == 4 && runs.value == 1)
    }

    @Test("one caller computes for all also if the file is locked or for reading only", arguments: [true, false])
    func unusable(isLocked: Bool) async throws {
        let writable = try open { $0.busyTimeout = .zero }
        let store = isLocked ? writable : try writable.reopened { $0.access = .readOnly }
        let holder = isLocked ? try otherProcess("hold", store.path) : nil
        #expect(holder?.readLine() == (isLocked ? "held" : nil))
        let (inner, gate, runs, ended) = (store.store, Gate(), Counter(), Counter())
        let tasks = (0..<50).map { number in
            Task {
                defer { ended.add() }
                let options = ComputeOptions(requiresStoring: number > 0 && number % 10 == 0)
                return try await inner.getOrCompute("k", options: options) {
                    runs.add()
                    await gate.opened()
                    return "value"
                }
            }
        }
        #expect(await eventuallyWithoutBlocking { gate.arrived > 0 && waiting(store) + ended.value == 49 })
        gate.open()
        for (number, task) in tasks.enumerated() {
            if number > 0, number % 10 == 0 {
                await expectFailure(isLocked ? .busy : .readOnlyStore) { try await task.value }
            } else {
                #expect(try await task.value == "value")
            }
        }
        #expect(runs.value == 1)
    }

    @Test(
        "the error of a closure goes to its caller alone, and the next caller computes",
        arguments: Setting.Place.allCases)
    func failing(place: Setting.Place) async throws {
        let store = try open(place)
        let (inner, gate) = (store.store, Gate())
        let first = Task {
            try await inner.getOrCompute("k", as: String.self) {
                await gate.opened()
                throw Failure()
            }
        }
        #expect(await eventuallyWithoutBlocking { gate.arrived > 0 })
        let second = Task { try await inner.getOrCompute("k", as: String.self) { throw Failure() } }
        #expect(await eventuallyWithoutBlocking { waiting(store) == 1 })
        let others = (0..<5).map { number in Task { try await inner.getOrCompute("k") { "third" } } }
        #expect(await eventuallyWithoutBlocking { waiting(store) == 6 })
        gate.open()
        await #expect(throws: Failure.self) { try await first.value }
        await #expect(throws: Failure.self) { try await second.value }
        for other in others { #expect(try await other.value == "third") }
        #expect(try store.leaseRows() == 0)
    }

    @Test("a leader that is cancelled or gives up hands the lead on", arguments: [true, false])
    func handingOn(isCancelled: Bool) async throws {
        let store = try open()
        let inner = store.store
        // Another process computes.
        let token = try #require(try hold("k", store))
        let options = ComputeOptions(timeout: isCancelled ? .seconds(600) : .milliseconds(50))
        let first = Task { try await inner.getOrCompute("k", options: options) { "first" } }
        #expect(await eventuallyWithoutBlocking { store.store.engine.activity.snapshot.misses == 1 })
        let second = Task { try await inner.getOrCompute("k", options: .init(timeout: .seconds(600))) { "own" } }
        if isCancelled {
            #expect(await eventuallyWithoutBlocking { waiting(store) == 1 })
            first.cancel()
            await #expect(throws: CancellationError.self) { try await first.value }
        } else {
            await expectFailure(.timedOut) { try await first.value }
        }
        #expect(await eventuallyWithoutBlocking { waiting(store) == 0 })
        let third = Task { try await inner.getOrCompute("k") { "third" } }
        #expect(await eventuallyWithoutBlocking { waiting(store) == 1 })
        try store.store.engine.write("test") { try $0.leases.releaseComputation(token: token) }
        #expect(try await second.value == "own")
        #expect(try await third.value == "own")
    }

    @Test("no caller waits beyond its time, after its cancellation, or if it asked not to wait")
    func waits() async throws {
        let store = try open()
        let (inner, gate) = (store.store, Gate())
        let computer = Task {
            try await inner.getOrCompute("k") {
                await gate.opened()
                return "value"
            }
        }
        #expect(await eventuallyWithoutBlocking { gate.arrived > 0 })
        for milliseconds in [0, 30] {
            let options = ComputeOptions(timeout: .milliseconds(milliseconds))
            await expectFailure(.timedOut) { try await inner.getOrCompute("k", options: options) { "own" } }
            onThreads(1) { _ in
                expectFailure(.timedOut) { try inner.getOrCompute("k", options: options) { "own" } }
            }
        }
        let cancelled = Task { try await inner.getOrCompute("k") { "own" } }
        #expect(await eventuallyWithoutBlocking { waiting(store) == 1 })
        cancelled.cancel()
        await #expect(throws: CancellationError.self) { try await cancelled.value }
        gate.open()
        #expect(try await computer.value == "value")
        #expect(inner.engine.threads.count > 0)
        await inner.close()
        #expect(inner.engine.threads.count == 0)
    }

    @Test("a caller for which another caller's value is stale computes it anew")
    func ownFreshness() async throws {
        let store = try open()
        let inner = store.store
        let token = try #require(try hold("k", store))
        let first = Task { try await inner.getOrCompute("k") { "first" } }
        #expect(await eventuallyWithoutBlocking { inner.engine.activity.snapshot.misses == 1 })
        #expect(await eventuallyWithoutBlocking { inner.engine.flights.isLed })
        let second = Task { try await inner.getOrCompute("k", staleAfter: .milliseconds(5)) { "second" } }
        #expect(await eventuallyWithoutBlocking { waiting(store) == 1 })
        let item = try NewEntry(
            "k", .text("found"), expiring: .never, tag: nil, inner.configuration, in: "test")
        let yesterday = store.clock.now - 86_400_000
        try inner.engine.write("test") { writer in
            try writer.leases.releaseComputation(token: token)
            _ = try writer.set(item, when: .always, now: yesterday, in: "test")
        }
        #expect(try await first.value == "found")
        #expect(try await second.value == "second")
        #expect(try await store.get("k") == "second")
    }

    /// As another process that computes the key.
    private func hold(_ key: String, _ store: StoreUnderTest) throws -> Int64? {
        let computation = try Computation(
            key, expiring: .never, staleAfter: nil, tag: nil, ComputeOptions(), store.store.configuration)
        guard case .acquired(let token, _) = try store.store.engine.write(computation.acquireLease) else { return nil }
        return token
    }
}
