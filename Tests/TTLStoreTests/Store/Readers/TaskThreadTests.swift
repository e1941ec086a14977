import Foundation
import TTLTestSupport
import Testing

@testable import TTLStore

#if !canImport(Darwin)
@Suite("The blocking work of tasks") struct TaskThreadTests {
    /// On Linux the threads of Dispatch's global queues are those on which tasks run.
    @Test("the blocking work of tasks runs on threads of the store's own, which are named and counted")
    func threads() async throws {
        let names = Collected<String>()
        let folder = try TemporaryFolder()
        var configuration = TTLStore.Configuration()
        configuration.purging = .manual
        // Memory would answer on the task's own thread.
        configuration.memory = 0
        // The clock is read where an operation runs.
        configuration.clock = WallClock {
            let name = TaskThreadTests.threadName
            // The thread `TTLStore.clock` reads the clock as well, at some time.
            if name != "TTLStore.clock" { names.append(name) }
            return 1_800_000_000_000
        }
        let store = try await TTLStore(path: folder("store.db"), configuration: configuration)
        let opened = names.all.count
        try await store.set("k", "v")
        let written = names.all.count
        #expect(try await store.get("k") == "v")
        let read = names.all.count
        _ = try await store.transaction { try $0.remove("k") }
        let changed = names.all.count
        _ = try await store.purgeExpired()
        let all = names.all
        #expect(Set(all[opened..<written]) == ["TTLStore.commit"])
        #expect(Set(all[written..<read]) == ["TTLStore.read"])
        #expect(Set(all[read..<changed]) == ["TTLStore.commit"])
        #expect(Set(all[changed...]) == ["TTLStore.maint"])
        let statistics = try await store.statistics()
        // Including the thread that ends the waits of tasks.
        #expect(statistics.threads == 4 && statistics.peakThreads == 4)
        await store.close()
        #expect(store.engine.threads.count == 0)
    }

    /// The name of the calling thread, as `ps -T` shows it: 15 bytes.
    private static var threadName: String {
        let name = try? String(contentsOfFile: "/proc/thread-self/comm", encoding: .utf8)
        return name?.trimmingCharacters(in: .newlines) ?? "none"
    }
}
#endif
