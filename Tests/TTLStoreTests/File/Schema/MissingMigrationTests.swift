import Foundation
import TTLStore
import TTLTestSupport
import Testing

@Suite("A file whose migrations were deleted in the shell") struct MissingMigrationTests {
    private let folder: TemporaryFolder
    private let path: String

    init() throws {
        folder = try TemporaryFolder()
        path = folder("store.db")
    }

    @Test("a file without its list of migrations has its log copied as before, and keeps its data")
    func checkpoint() throws {
        try TTLStore(path: path).close()
        try shell(path, "DELETE FROM migrations;")
        var configuration = TTLStore.Configuration()
        configuration.maximumLogSize = 1 << 20
        let store = try TTLStore(path: path, configuration: configuration)
        for round in 1...3 {
            let before = try store.statistics().checkpoints
            // Several times the length at which the thread copies the log.
            for number in 0..<1000 { try store.set("\(round):\(number)", String(repeating: "x", count: 2000)) }
            #expect(try eventually { try store.statistics().checkpoints > before })
        }
        let statistics = try store.statistics()
        #expect(statistics.failures == 0, "\(String(describing: statistics.lastError))")
        #expect(try store.count() == 3000)
        store.close()
        try expectIntact(path)
        #expect(try shell(path, "SELECT count(*), sum(length(value)) FROM live;") == "3000|6000000")
        #expect(try shell(path, "SELECT count(*) FROM migrations;") == "0")
    }
}
