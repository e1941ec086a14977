import Foundation
import TTLTestSupport
import Testing

@testable import TTLStore

@Suite("A purge by hand of a file") struct ManualPurgeTests {
    private let folder: TemporaryFolder
    private let path: String
    private let clock = ManualClock()

    init() throws {
        folder = try TemporaryFolder()
        path = folder("store.db")
    }

    private func configuration(_ adjust: (inout TTLStore.Configuration) -> Void = { _ in }) -> TTLStore.Configuration {
        var configuration = TTLStore.Configuration()
        configuration.clock = clock.wallClock
        configuration.purging = .manual
        adjust(&configuration)
        return configuration
    }

    @Test("a purge by hand keeps the log near its maximum, and gives the space back")
    func logSize() throws {
        let store = try TTLStore(path: path, configuration: configuration { $0.maximumLogSize = 1 << 20 })
        onThreads(8) { thread in
            var random = SeededGenerator(seed: UInt64(thread))
            for _ in 0..<5000 {
                // Keys in no order: neighbours in the table are far apart in the index.
                let key = (0..<2).map { _ in hex(random.next()) }.joined()
                let value = (0..<200).map { _ in UInt8.random(in: .min ... .max, using: &random) }
                #expect(throws: Never.self) {
                    try store.set(key, TTLStore.Value.bytes(value), expiring: .after(.seconds(60)))
                }
            }
        }
        #expect(try store.count() == 40_000)
        clock.advance(by: .seconds(61))
        let before = try store.statistics()
        #expect(before.expiredEntries == 40_000)
        var longest: Int64 = 0
        let deleted = try store.purgeExpired { _ in longest = max(longest, FileSystem.size(of: path + "-wal")) }
        longest = max(longest, FileSystem.size(of: path + "-wal"))
        #expect(deleted == 40_000)
        #expect(longest > 0 && longest < 8 << 20, "\(longest) bytes")
        let after = try store.statistics()
        #expect(after.expiredEntries == 0)
        #expect(after.fileSize < before.fileSize / 4, "\(before.fileSize), then \(after.fileSize) bytes")
        store.close()
        #expect(FileSystem.size(of: path) == after.fileSize)
        try expectIntact(path)
    }

    @Test("a purge by hand ends although more entries expire during each of its batches")
    func progress() throws {
        let store = try TTLStore(path: path, configuration: configuration())
        let total = try fill(store)
        clock.advance(by: .milliseconds(10))
        let deleted = try store.purgeExpired { _ in clock.advance(by: .milliseconds(10)) }
        #expect((10..<total).contains(deleted))
        store.close()
    }

    @Test("a purge by hand ends although more entries expire whenever it reads the clock")
    func everyReading() throws {
        let store = try TTLStore(path: path, configuration: configuration())
        let total = try fill(store)
        store.close()
        let moving = WallClock { [clock] in
            clock.advance(by: .milliseconds(1))
            return clock.now
        }
        let purger = try TTLStore(path: path, configuration: configuration { $0.clock = moving })
        let deleted = try purger.purgeExpired()
        #expect((1..<total).contains(deleted))
        purger.close()
    }

    /// Entries of which one expires in each millisecond.
    private func fill(_ store: TTLStore) throws -> Int {
        let total: Int64 = 2000
        for number in 1...total { try store.set("\(number)", "value", expiring: .after(.milliseconds(number))) }
        return Int(total)
    }
}

private func hex(_ number: UInt64) -> String {
    let digits = String(number, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
}
