import TTLTestSupport
import Testing

@testable import TTLStore

@Suite("While another process computes a value and never returns") struct StoppedComputerTests {
    private let folder: TemporaryFolder
    private let computer: ChildProcess

    init() throws {
        folder = try TemporaryFolder()
        computer = try otherProcess("compute-forever", folder("store.db"), "k", "3600000")
        #expect(computer.readLine() == "computing")
    }

    /// - Parameter clock: when the store thinks it is.
    private func open(_ clock: WallClock = .system) throws -> TTLStore {
        var configuration = TTLStore.Configuration()
        configuration.clock = clock
        configuration.purging = .manual
        return try TTLStore(path: folder("store.db"), configuration: configuration)
    }

    @Test(
        "a caller that waits for a stopped process's value gets timedOut",
        arguments: [.zero, Duration.milliseconds(30)])
    func timeOut(waiting: Duration) async throws {
        let store = try open()
        let options = ComputeOptions(timeout: waiting)
        let runs = Counter()
        let compute = { @Sendable in
            runs.add()
            return "own"
        }
        onThreads(1) { _ in
            expectFailure(.timedOut) { try store.getOrCompute("k", options: options, compute) }
        }
        await expectFailure(.timedOut) { try await store.getOrCompute("k", options: options) { compute() } }
        #expect(runs.value == 0)
        // Other keys have nothing to do with it.
        #expect(try await store.getOrCompute("other", options: options) { compute() } == "own")
        await store.close()
    }

    @Test("a caller gets the stale value at once while a stopped process computes a fresh one")
    func stale() async throws {
        let store = try open()
        try await store.set("k", "old")
        await store.close()
        let later = try open(WallClock { WallClock.system.now + 60_000 })
        let runs = Counter()
        let compute = { @Sendable in
            runs.add()
            return "own"
        }
        onThreads(1) { _ in
            #expect((try? later.getOrCompute("k", staleAfter: .seconds(10), compute)) == "old")
        }
        #expect(try await later.getOrCompute("k", staleAfter: .seconds(10)) { compute() } == "old")
        #expect(runs.value == 0)
        await later.close()
    }
}
