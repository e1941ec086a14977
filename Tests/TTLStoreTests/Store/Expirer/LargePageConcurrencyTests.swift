import TTLTestSupport
import Testing

@testable import TTLStore

@Suite("A file of large pages", .hangLimit) struct LargePageConcurrencyTests {
    @Test("the thread copies the log of a file of large pages before a writer must, at the smallest limit")
    func checkpoints() throws {
        let folder = try TemporaryFolder()
        let path = folder("store.db")
        // The migration finds an empty database, whose page size stays.
        try shell(path, "PRAGMA page_size = 65536; PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL;")
        let byThread = Counter()
        var configuration = TTLStore.Configuration()
        configuration.maximumLogSize = 1 << 20
        configuration.onExpirerActivity = { activity in
            if activity == .checkpointed { byThread.add() }
        }
        let store = try TTLStore(path: path, configuration: configuration)
        #expect(store.engine.maximumLogFrames == 16)
        for number in 0..<200 {
            let before = byThread.value
            try store.set("key:\(number)", String(repeating: "x", count: 1000))
            #expect(store.engine.logFrames <= 16)
            // A writer that leaves the thread time to follow never does its work.
            if store.engine.logFrames >= 8 { try #require(eventually { byThread.value > before }, "key \(number)") }
        }
        #expect(byThread.value > 5)
        // The thread counts a checkpoint before it reports it; a writer's is not reported.
        #expect(try eventually { try store.statistics().checkpoints == byThread.value })
        store.close()
        #expect(try shell(path, "PRAGMA page_size; PRAGMA integrity_check;") == "65536\nok")
    }
}
