import Foundation
import TTLStore
import TTLTestSupport
import Testing

@Suite("An invalid claim on work") struct WorkClaimTests {
    private let folder: TemporaryFolder
    private let path: String

    init() throws {
        folder = try TemporaryFolder()
        path = folder("store.db")
    }

    @Test(
        "an invalid claim on work keeps no expired entry from being deleted",
        arguments: [
            "'soon'", "''", "x'00'", "-1", "1e300", "9223372036854775807",
            // The year 9000.
            "221845392000000", "'-9223372036854775808x'",
        ])
    func ignored(expiresAt: String) throws {
        // Enough for several batches.
        try makeBacklog(path, dead: 20_000)
        try shell(
            path,
            """
            PRAGMA ignore_check_constraints = ON;
            INSERT INTO leases (kind, name, owner, expires_at) VALUES ('store', 'expirer', 'x', \(expiresAt));
            """)
        let store = try TTLStore(path: path)
        // Counted after the commit that the file shows.
        #expect(try eventually { try store.statistics().purgedEntries == 20_000 })
        let statistics = try store.statistics()
        #expect(statistics.expiredEntries == 0)
        #expect(statistics.failures == 0, "\(String(describing: statistics.lastError))")
        store.close()
        try expectIntact(path)
    }

    @Test(
        "the shell refuses an invalid claim on work, and says why",
        arguments: ["'soon'", "x'00'", "-1", "1800000000", "1e300"])
    func refused(expiresAt: String) throws {
        try TTLStore(path: path).close()
        let answer = try ChildProcess.sqlite3(
            path, "INSERT INTO leases (kind, name, owner, expires_at) VALUES ('store', 'a', 'x', \(expiresAt));")
        #expect(answer.status != 0)
        #expect(
            answer.errors.contains("expires_at is in milliseconds since 1970 (not seconds), before the year 10000"),
            "\(answer.errors)")
        #expect(try shell(path, "SELECT count(*) FROM leases;") == "0")
    }
}
