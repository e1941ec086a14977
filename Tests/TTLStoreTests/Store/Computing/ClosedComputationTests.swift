import Synchronization
import TTLTestSupport
import Testing

@testable import TTLStore

@Suite("Get or compute where the store can't be written to") struct ClosedComputationTests {
    private let folder: TemporaryFolder
    private let clock = ManualClock()

    init() throws { folder = try TemporaryFolder() }

    private func open(_ adjust: (inout TTLStore.Configuration) -> Void = { _ in }) throws -> TTLStore {
        var configuration = TTLStore.Configuration()
        configuration.purging = .manual
        configuration.clock = clock.wallClock
        adjust(&configuration)
        return try TTLStore(path: folder("store.db"), configuration: configuration)
    }

    @Test("a store that closes while its closure runs releases the lease, and another store computes at once")
    func closing() throws {
        let (store, other) = try (open(), open())
        expectFailure(.closed) {
            try store.getOrCompute("k", options: ComputeOptions(leaseDuration: .seconds(86_400))) {
                store.close()
                let options = ComputeOptions(timeout: .zero)
                // On another thread, which is not part of this computation.
                onThreads(1) { _ in
                    #expect((try? other.getOrCompute("k", as: String.self, options: options) { "other" }) == "other")
                }
                return "late"
            }
        }
        #expect(try other.get("k") == "other")
        #expect(try shell(folder("store.db"), "SELECT count(*) FROM leases WHERE kind = 'compute'") == "0")
        other.close()
    }

    @Test("a stale value is served while another process keeps the write lock")
    func heldLock() throws {
        let store = try open { $0.busyTimeout = .zero }
        try store.set("k", "stale")
        let holder = try otherProcess("hold", folder("store.db"))
        #expect(holder.readLine() == "held")
        clock.advance(by: .seconds(10))
        let served = try store.getOrCompute("k", staleAfter: .seconds(10)) { () throws -> String in
            Issue.record("nobody can store what is computed")
            return "new"
        }
        #expect(served == "stale")
        store.close()
    }

    @Test("a value that expires during the wait for the lock is not served", arguments: [true, false])
    func expiresMeanwhile(requiresStoring: Bool) throws {
        let store = try open { $0.busyTimeout = .milliseconds(500) }
        try store.set("k", "stale", expiring: .after(.seconds(30)))
        clock.advance(by: .seconds(10))
        let holder = try otherProcess("hold", folder("store.db"))
        #expect(holder.readLine() == "held")
        onThreads(2) { number in
            if number == 0 {
                let options = ComputeOptions(requiresStoring: requiresStoring)
                let result = Result {
                    try store.getOrCompute("k", staleAfter: .seconds(10), options: options) { "new" }
                }
                if requiresStoring {
                    expectFailure(.busy) { try result.get() }
                } else {
                    #expect((try? result.get()) == "new")
                }
            } else {
                #expect(eventually { store.engine.writing?.queue.isTaken.load(ordering: .relaxed) ?? false })
                clock.advance(by: .seconds(20))
            }
        }
        store.close()
    }

    @Test("a read-only store serves a stale value")
    func readOnly() throws {
        let writer = try open()
        try writer.set("k", "stale")
        clock.advance(by: .seconds(10))
        let store = try open { $0.access = .readOnly }
        #expect(try store.getOrCompute("k", staleAfter: .seconds(10)) { "new" } == "stale")
        store.close()
        writer.close()
    }
}
