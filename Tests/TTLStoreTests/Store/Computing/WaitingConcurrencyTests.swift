import Foundation
import TTLTestSupport
import Testing

@testable import TTLStore

@Suite("Waiting for a value that another caller computes", .serialized, .hangLimit)
struct WaitingConcurrencyTests {
    private struct Failure: Error {}

    @Test("many threads and tasks, through two stores on one file, run one closure for each key")
    func once() async throws {
        let first = try Setting.inFile.open()
        let stores = [first.store, try await TTLStore(path: first.path, configuration: first.store.configuration)]
        let runs = (0..<20).map { _ in Counter() }
        // Other tests may keep the threads of the pool, and so the closure of a task, for long.
        let options = TTLStore.ComputeOptions(leaseDuration: .seconds(600), timeout: .seconds(600))
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                await onThreadsOutsideThePool(6) { thread in
                    for key in runs.indices {
                        #expect(throws: Never.self) {
                            let value = try stores[thread % 2].getOrCompute("\(key)", options: options) {
                                runs[key].add()
                                usleep(1000)
                                return key
                            }
                            #expect(value == key)
                        }
                    }
                }
            }
            for task in 0..<6 {
                group.addTask {
                    for key in runs.indices {
                        await #expect(throws: Never.self) {
                            let value = try await stores[task % 2].getOrCompute("\(key)", options: options) {
                                runs[key].add()
                                try await Task.sleep(for: .milliseconds(1))
                                return key
                            }
                            #expect(value == key)
                        }
                    }
                }
            }
        }
        #expect(runs.map(\.value) == Array(repeating: 1, count: 20))
        for store in stores { await store.close() }
        withExtendedLifetime(first) {}
    }

    @Test("when a closure throws, one of the waiting callers computes instead", arguments: Setting.Place.allCases)
    func afterFailure(place: Setting.Place) throws {
        let store = try Setting(form: .synchronous, place: place).open()
        let (begun, runs) = (Counter(), Counter())
        onThreads(5) { thread in
            if thread == 0 {
                #expect(throws: Failure.self) {
                    try store.store.getOrCompute("k", as: String.self) {
                        begun.add()
                        #expect(eventually { misses(store) == 5 })
                        throw Failure()
                    }
                }
                return
            }
            #expect(eventually { begun.value > 0 })
            #expect(throws: Never.self) {
                let value = try store.store.getOrCompute("k") {
                    runs.add()
                    return "second"
                }
                #expect(value == "second")
            }
        }
        #expect(runs.value == 1)
    }

    @Test("a waiting caller takes over when the lease has run out")
    func afterExpiry() throws {
        let store = try Setting.inFile.open()
        let (clock, gate) = (store.clock, Gate())
        onThreads(3) { thread in
            #expect(throws: Never.self) {
                switch thread {
                case 0:
                    let late = try store.store.getOrCompute("k") {
                        gate.pass()
                        return "late"
                    }
                    #expect(late == "late")
                case 1:
                    #expect(eventually { gate.arrived > 0 })
                    #expect(try store.store.getOrCompute("k") { "second" } == "second")
                    gate.open()
                default:
                    #expect(eventually { misses(store) == 2 })
                    clock.advance(by: .seconds(30))
                }
            }
        }
        #expect(try store.store.get("k") == "second")
    }

    @Test("waiting callers give up at their deadline", arguments: Setting.all)
    func deadline(setting: Setting) async throws {
        let store = try setting.open()
        try hold("k", store)
        let runs = Counter()
        for milliseconds in [0, 30] {
            let options = ComputeOptions(timeout: .milliseconds(milliseconds))
            await expectFailure(.timedOut) {
                try await store.getOrCompute("k", options: options) {
                    runs.add()
                    return "v"
                }
            }
        }
        #expect(runs.value == 0)
    }

    @Test("a value that is set meanwhile ends the wait of callers")
    func setMeanwhile() throws {
        let store = try Setting.inFile.open()
        let other = try TTLStore(path: store.path, configuration: store.store.configuration)
        try hold("k", store)
        onThreads(2) { thread in
            #expect(throws: Never.self) {
                if thread == 0 {
                    #expect(try store.store.getOrCompute("k") { "computed" } == "set")
                } else {
                    #expect(eventually { misses(store) == 1 })
                    try other.set("k", "set")
                }
            }
        }
    }

    @Test("a cancelled task stops waiting for a value")
    func cancellation() async throws {
        let store = try Setting.inFile.open()
        try hold("k", store)
        let task = Task { try await store.store.getOrCompute("k", as: String.self) { "v" } }
        #expect(await eventuallyWithoutBlocking { misses(store) == 1 })
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        // The closure of a cancelled task decides for itself, and the lease is given back.
        let cancelled = Task {
            try await store.store.getOrCompute("other", as: String.self) {
                withUnsafeCurrentTask { $0?.cancel() }
                try await Task.sleep(for: .seconds(60))
                return "v"
            }
        }
        await #expect(throws: CancellationError.self) { try await cancelled.value }
        #expect(try await store.store.getOrCompute("other") { "next" } == "next")
    }

    @Test(
        "close ends the wait of threads for a value, and the computed result is not stored",
        arguments: Setting.Place.allCases)
    func closing(place: Setting.Place) throws {
        let store = try Setting(form: .synchronous, place: place).open()
        let (gate, ended) = (Gate(), Counter())
        onThreads(5) { thread in
            if thread == 0 {
                expectClosed(store) { gate.pass() }
            } else if thread == 1 {
                #expect(eventually { misses(store) == 4 })
                store.store.close()
                // While the closure still computes.
                #expect(eventually { ended.value == 3 })
                gate.open()
            } else {
                #expect(eventually { gate.arrived > 0 })
                expectClosed(store) {}
                ended.add()
            }
        }
    }

    private func expectClosed(_ store: StoreUnderTest, _ body: () -> Void) {
        expectFailure(.closed) {
            try store.store.getOrCompute("k") {
                body()
                return "v"
            }
        }
    }

    @Test("close ends the wait of tasks for a value", arguments: Setting.Place.allCases)
    func closingTasks(place: Setting.Place) async throws {
        let store = try Setting(form: .suspending, place: place).open()
        let gate = Gate()
        let computer = Task {
            try await store.store.getOrCompute("k") {
                await gate.opened()
                return "v"
            }
        }
        #expect(await eventuallyWithoutBlocking { gate.arrived > 0 })
        let waiters = (0..<4).map { _ in Task { try await store.store.getOrCompute("k") { "v" } } }
        #expect(await eventuallyWithoutBlocking { misses(store) == 5 })
        await store.store.close()
        for waiter in waiters { await expectFailure(.closed) { try await waiter.value } }
        gate.open()
        await expectFailure(.closed) { try await computer.value }
    }

    /// How many calls have looked for the value in vain. From then on all calls wait but the computing one.
    private func misses(_ store: StoreUnderTest) -> Int { store.store.engine.activity.snapshot.misses }

    /// As `onThreads`, and the task suspends meanwhile: the threads wait for tasks.
    private func onThreadsOutsideThePool(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) async {
        await withCheckedContinuation { continuation in
            DispatchQueue.global().async {
                onThreads(count, body)
                continuation.resume()
            }
        }
    }

    /// Holds the lease like a caller that computes the key and doesn't end.
    private func hold(_ key: String, _ store: StoreUnderTest) throws {
        let computation = try Computation(
            key, expiring: .never, staleAfter: nil, tag: nil, ComputeOptions(), store.store.configuration)
        guard case .acquired = try store.store.engine.write(computation.acquireLease) else {
            Issue.record("the lease is not free")
            return
        }
    }
}
