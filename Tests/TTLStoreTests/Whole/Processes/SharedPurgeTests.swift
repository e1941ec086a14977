import Foundation
import TTLTestSupport
import Testing

@testable import TTLStore

@Suite("Several purgers of one file") struct SharedPurgeTests {
    private let folder: TemporaryFolder
    private let path: String

    init() throws {
        folder = try TemporaryFolder()
        path = folder("store.db")
    }

    @Test("purgers of one file leave a backlog to the holder of the lease")
    func lease() throws {
        // Enough for several batches. The clock stands still, so that the lease does not run out if one of them stalls.
        try makeBacklog(path, dead: 40_000)
        var configuration = TTLStore.Configuration()
        configuration.clock = ManualClock().wallClock
        let stores = try (0..<4).map { _ in try TTLStore(path: path, configuration: configuration) }
        // Counted after the commit that the file shows.
        #expect(
            try eventually { try stores.map { try $0.statistics().purgedEntries }.reduce(0, +) == 40_000 })
        let batches = try stores.map { try $0.statistics() }
        #expect(batches.map(\.purgedEntries).sorted() == [0, 0, 0, 40_000])
        #expect(batches.allSatisfy { $0.expiredEntries == 0 })
        for store in stores { store.close() }
        try expectIntact(path)
    }

    @Test("purgers that looked ahead leave the backlog to the first that has claimed the lease")
    func claimed() throws {
        try makeBacklog(path, dead: 40_000)
        let clock = ManualClock().wallClock
        var configuration = TTLStore.Configuration()
        configuration.clock = clock
        configuration.purging = .manual
        let (first, second) = (
            try TTLStore(path: path, configuration: configuration),
            try TTLStore(path: path, configuration: configuration)
        )
        var one = Purge(clock: clock, claim: WorkClaim(name: "expirer"))
        var two = Purge(clock: clock, claim: WorkClaim(name: "expirer"))
        // The second store has read ahead before the lease was claimed, and gets to write after the first.
        let holder = try otherProcess("hold", path)
        #expect(holder.readLine() == "held")
        expectFailure(.busy) { try two.runBatch(second.engine.batchStore(timeout: 1)) }
        #expect(holder.ask("") == "released")
        #expect(try one.runBatch(first.engine.batchStore(timeout: 1000)).count > 0)
        #expect(try two.runBatch(second.engine.batchStore(timeout: 1000)).leftToAnother == WorkClaim.duration)
        #expect(try one.runBatch(first.engine.batchStore(timeout: 1000)).count > 0)
        #expect(try two.runBatch(second.engine.batchStore(timeout: 1000)).leftToAnother == WorkClaim.duration)
        // A purge by hand ignores the lease.
        #expect(try second.purgeExpired() > 0)
        let last = try one.runBatch(first.engine.batchStore(timeout: 1000))
        #expect(last.count == 0 && last.leftToAnother == nil)
        first.close()
        second.close()
    }

    @Test("purgers delete no entry that was extended after they had read that it was due")
    func extended() throws {
        try makeBacklog(path, dead: 40_000)
        var configuration = TTLStore.Configuration()
        configuration.purging = .manual
        let purger = try TTLStore(path: path, configuration: configuration)
        // For a process whose clock is behind, the entries are still live.
        configuration.clock = ManualClock(start: 1_599_999_999_999).wallClock
        let extender = try TTLStore(path: path, configuration: configuration)
        var purge = Purge(clock: .system)
        var deleted = try purge.runBatch(purger.engine.batchStore(timeout: 1000)).count
        #expect((1..<30_000).contains(deleted))
        let extended = (39_000..<39_100).map { "dead:\($0)" }
        for key in extended {
            #expect(try extender.touch(key, expiring: .at(Date(timeIntervalSinceNow: 3600))) == .touched)
        }
        while try purger.statistics().expiredEntries > 0 {
            deleted += try purge.runBatch(purger.engine.batchStore(timeout: 1000)).count
        }
        #expect(deleted == 40_000 - extended.count)
        for key in extended { #expect(try purger.contains(key)) }
        purger.close()
        extender.close()
    }

    @Test("a purger takes over from one that was killed")
    func takeOver() throws {
        try makeBacklog(path, dead: 60_000)
        let child = try otherProcess("purge", path)
        #expect(child.readLine() != nil)
        child.kill(SIGKILL)
        child.wait()
        let store = try TTLStore(path: path)
        #expect(try eventually { try store.statistics().expiredEntries == 0 })
        store.close()
        try expectIntact(path)
    }
}
