import Foundation
import TTLTestSupport
import Testing

@testable import TTLStore

@Suite("Closing behind a long read") struct CloseBehindReadsTests {
    private let folder: TemporaryFolder
    private let path: String

    init() throws {
        folder = try TemporaryFolder()
        path = folder("store.db")
    }

    @Test("that has the only reader, while the thread waits for it to purge", arguments: 0..<4)
    func onlyReader(round: Int) throws {
        let clock = ManualClock()
        var configuration = TTLStore.Configuration()
        configuration.clock = clock.wallClock
        configuration.maximumReaders = 1
        let store = try TTLStore(path: path, configuration: configuration)
        try store.set("due", "value", expiring: .after(.seconds(60)))
        let (begun, closed) = (Counter(), Counter())
        onThreads(3) { thread in
            switch thread {
            case 0:
                expectFailure(.closed) {
                    try store.engine.read("count") { reader in
                        begun.add()
                        // Takes minutes.
                        return try reader.connection.integer(
                            """
                            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000000)
                            SELECT count(*) FROM n
                            """)
                    }
                }
            case 1:
                _ = eventually { begun.value > 0 }
                clock.advance(by: .seconds(61))
                store.engine.wakeExpirer()
                // In most rounds the thread waits for the reader by now.
                usleep(UInt32(round * 60_000))
                store.close()
                closed.add()
            default:
                _ = eventually { begun.value > 0 }
                #expect(eventually(within: 10) { closed.value > 0 })
            }
        }
        expectFailure(.closed) { try store.count() }
        #expect(Census.descriptors(below: folder.path) == 0)
        try expectIntact(path)
    }
}
