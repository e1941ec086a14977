import Foundation
import TTLTestSupport
import Testing

@testable import TTLStore

@Suite("A reader of another program that stays", .hangLimit) struct LongReaderTests {
    @Test("a foreign reader that stays causes no error and no spinning, and the log shrinks after it")
    func log() throws {
        let folder = try TemporaryFolder()
        let path = folder("store.db")
        var configuration = TTLStore.Configuration()
        configuration.maximumLogSize = 1 << 20
        let store = try TTLStore(path: path, configuration: configuration)
        try store.set("key", "value")
        let reader = try otherProcess("read", path)
        #expect(reader.readLine() == "reading")
        let (wakeUps, begun) = (store.engine.activity.snapshot.wakeUps, MonotonicTime.now)
        for number in 0..<4000 {
            try store.set("key:\(number % 50)", String(repeating: "x", count: 3000), expiring: .after(.seconds(3600)))
        }
        // However long that took: the thread tries again every 50 ms.
        let allowed = MonotonicTime.now.milliseconds(since: begun) / 25 + 20
        let long = try store.statistics()
        #expect(long.logSize > 30 << 20, "\(long.logSize) bytes")
        #expect(long.lastError == nil)
        #expect(long.wakeUps - wakeUps < allowed, "\(long.wakeUps - wakeUps) wake-ups for 4000 commits")
        #expect(reader.ask("") == "ended")
        // The reader's connection is closed, its process still there.
        #expect(try eventually { try store.statistics().logSize < 4 << 20 }, "the log stays long")
        #expect(try store.count() == 51)
        store.close()
        try expectIntact(path)
    }
}
