import Foundation
import TTLTestSupport
import Testing

@testable import TTLStore

@Suite("A check of a file whose first page is damaged") struct DamagedHeaderTests {
    @Test("a check of a file whose first page is damaged reports that as a finding")
    func damage() throws {
        let folder = try TemporaryFolder()
        let path = folder("store.db")
        var configuration = TTLStore.Configuration()
        configuration.purging = .manual
        try TTLStore(path: path, configuration: configuration).close()
        let store = try TTLStore(path: path, configuration: configuration)
        // By another process: closing a descriptor in this one would drop SQLite's locks.
        let damage = try ChildProcess.run(
            "/bin/sh", ["-c", "printf '%0200d' 7 | dd of=\"$0\" bs=1 seek=100 conv=notrunc", path])
        #expect(damage.status == 0)
        let report = try store.check()
        #expect(!report.isHealthy && !report.isComplete)
        #expect(report.findings.contains { $0.code == .damaged && $0.severity == .error })
        #expect(!report.sqliteVersion.isEmpty)
        store.close()
    }
}
