import Foundation
import TTLTestSupport
import Testing

@Suite("ttl purge and ttl stats")
struct StoreStateTests {
    let ttl: CommandUnderTest

    init() throws { ttl = try CommandUnderTest() }

    @Test("a dry run counts what a purge then deletes")
    func purge() throws {
        try ttl.addExpired(count: 5000)
        for _ in 1...2 { #expect(try ttl("purge", "--dry-run").text == "5000\n") }
        let outcome = try ttl("purge")
        #expect(outcome.text == "5000\n")
        #expect(outcome.errors == "")
        #expect(try ttl("purge").text == "0\n")
        #expect(try ttl("ls").text == "first\n")
    }

    @Test("a purge leaves no log behind")
    func purgeCopiesLog() throws {
        try ttl.addExpired(count: 10)
        _ = try ttl("purge")
        #expect(try ttl.shell("ls \(ttl.folder.path)").text == "store.db\n")
    }

    @Test("the progress bar shows only on a terminal", .enabled(if: hasScript))
    func progress() throws {
        try ttl.addExpired(count: 5000)
        let text = try ttl.shell("script -qec '$ttl purge' /dev/null").text
        #expect(text.contains("of 5,000") && text.hasSuffix("5000\r\n"))
    }

    @Test("the statistics count live and expired entries, and delete none")
    func statistics() throws {
        try ttl.addExpired(count: 3)
        _ = try ttl("set", "next", "value", "--at", "2999-01-01T00:00:00Z")
        try ttl.sqlite3("UPDATE entries SET expires_at = 1500000000000 WHERE key LIKE 'expired:%';")
        try ttl.addExpired(count: 3)
        for _ in 1...2 {
            let begin = Date.now.timeIntervalSince1970
            let decoder = JSONDecoder()
            decoder.keyDecodingStrategy = .convertFromSnakeCase
            let state = try decoder.decode(State.self, from: Data(try ttl("stats", "--json").output))
            // In seconds, rounded to a millisecond.
            let overdue = begin - 1_500_000_000.002...Date.now.timeIntervalSince1970 - 1_499_999_999.998
            #expect(overdue.contains(state.oldestOverdue))
            #expect(state.live == 2 && state.expired == 3)
            #expect(state.nextExpiry == "2999-01-01T00:00:00.000Z")
            #expect(try state.path == ttl.store && state.fileSize == size(ttl.store))
            #expect((0..<state.fileSize).contains(state.freeSize) && state.logSize >= 0)
            #expect(state.schemaVersion == 2 && state.sqliteVersion.hasPrefix("3."))
        }
        let text = try ttl("stats").text
        #expect(text.contains("live         2\n") && text.contains("expired      3, the oldest for "))
        #expect(text.contains(ttl.store))
    }

    private struct State: Decodable {
        let path: String
        let live, expired: Int
        let oldestOverdue: Double
        let nextExpiry: String
        let fileSize, logSize, freeSize, schemaVersion: Int
        let sqliteVersion: String
    }

    private func size(_ path: String) throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int
    }

    @Test("a missing file has no statistics")
    func missing() throws {
        let outcome = try ttl("stats")
        #expect(outcome.status == 2)
        #expect(outcome.errors == "ttl: stats: there is no such file: \(ttl.store)\n")
    }

    @Test("statistics of a read-only file are printed")
    func readOnly() throws {
        _ = try ttl("set", "key", "value")
        let outcome = try ttl.shell("chmod 400 $TTL_STORE && $ttl get key && $ttl ls && $ttl stats >/dev/null")
        #expect(outcome.text == "valuekey\n")
        #expect(outcome.status == 0)
    }
}
