import Foundation
import TTLTestSupport
import Testing

@testable import TTLStore

@Suite("A purge of large values") struct LargeValueTests {
    private let folder: TemporaryFolder
    private let path: String

    init() throws {
        folder = try TemporaryFolder()
        path = folder("store.db")
    }

    @Test("a purge of large values releases the write lock in between, and deletes all")
    func smallBatches() throws {
        let clock = ManualClock()
        var configuration = TTLStore.Configuration()
        configuration.clock = clock.wallClock
        configuration.purging = .manual
        let store = try TTLStore(path: path, configuration: configuration)
        let value = Value.bytes(Array(repeating: 1, count: 1 << 20))
        for number in 0..<64 { try store.set("\(number)", value, expiring: .after(.seconds(60))) }
        clock.advance(by: .seconds(61))
        var purge = Purge(clock: configuration.clock)
        // On no machine is it enough for 64 MiB.
        purge.batch.pace = BatchPace(fixed: 2)
        var counts: [Int] = []
        repeat {
            counts.append(try purge.runBatch(store.engine.batchStore(timeout: 1000)).count)
        } while try store.statistics().expiredEntries > 0 && counts.count < 100
        #expect((1..<64).contains(counts[0]), "\(counts)")
        #expect(counts.reduce(0, +) == 64, "\(counts)")
        store.close()
        try expectIntact(path)
    }
}
