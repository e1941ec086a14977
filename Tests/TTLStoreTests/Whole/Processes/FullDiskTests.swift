import Foundation
import TTLTestSupport
import Testing

@testable import TTLStore

@Suite("On a full disk", .enabled(if: SmallDisk.isPermitted, "a small tmpfs can't be mounted here"))
struct FullDiskTests {
    @Test("writes on a full disk throw diskFull, reads work, and writes work again after a purge")
    func full() throws {
        let disk = try SmallDisk()
        let clock = ManualClock()
        var configuration = TTLStore.Configuration()
        configuration.clock = clock.wallClock
        let store = try TTLStore(path: disk.path + "/store.db", configuration: configuration)
        func set(_ number: Int) throws(TTLStoreError) {
            try store.set("key:\(number % 60)", String(repeating: "x", count: 1000), expiring: .after(.seconds(60)))
        }
        for number in 0..<60 { try set(number) }
        #expect(eventually { store.engine.activity.snapshot.checkpoints > 0 })
        let failure = expectFailure(.diskFull) { for number in 0..<10_000 { try set(number) } }
        #expect(failure?.isOutcomeUnknown == false)
        #expect(try store.count() == 60)
        #expect(try store.get("key:0") == String(repeating: "x", count: 1000))
        clock.advance(by: .seconds(60))
        store.engine.wakeExpirer()
        #expect(try store.count() == 0)
        #expect(try eventually { try store.statistics().expiredEntries == 0 })
        #expect(try store.statistics().fileSize > 0)
        #expect(eventually { (try? store.set("again", "value")) == .stored })
        store.close()
        try expectIntact(disk.path + "/store.db")
    }

    @Test("a file that can't be opened since the disk is full says that reading needs room, too")
    func opening() throws {
        let disk = try SmallDisk()
        let path = disk.path + "/store.db"
        let store = try TTLStore(path: path)
        try store.set("key", "value")
        store.close()
        _ = try ChildProcess.run("/usr/bin/env", ["dd", "if=/dev/zero", "of=\(disk.path)/other", "bs=4096"])
        let failure = expectFailure(.diskFull) { _ = try TTLStore(path: path) }
        #expect(
            failure?.message.hasSuffix(
                ", and reading takes 32 KiB as well, for the log's index (-shm) beside the file; make room there")
                == true)
        try FileManager.default.removeItem(atPath: disk.path + "/other")
        #expect(try TTLStore(path: path).get("key") == "value")
    }
}
