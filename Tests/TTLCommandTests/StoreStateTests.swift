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
            #expect(state.never == 1 && state.expiries.map(\.count) == [0, 0, 0, 0, 0, 1])
            #expect(state.expiries.map(\.upTo) == [60, 600, 3600, 86_400, 604_800, nil])
            #expect(state.sizes.map(\.count) == [5, 0, 0, 0, 0, 0, 0, 0] && state.sizes.last?.upTo == nil)
            #expect(state.valuesSize == 25)
        }
        #expect(try ttl("stats").text.contains(ttl.store))
    }

    @Test("the statistics draw what expires when, and how large the values are")
    func histograms() throws {
        for number in 1...8 { _ = try ttl("set", "soon:\(number)", "value", "--ttl", "5m") }
        _ = try ttl("set", "large", String(repeating: "x", count: 5000), "--ttl", "1d")
        try ttl.addExpired(count: 3)
        let lines = try ttl("stats").text.split(separator: "\n")
        #expect(lines.contains("live         10, of which 1 never expire"))
        #expect(lines.contains("expired      3, not yet deleted"))
        #expect(lines.contains { $0.hasPrefix("overdue      the oldest for ") && $0.contains(", 50 % for at most ") })
        #expect(lines.contains { $0.hasPrefix("next expiry  ") && $0.contains("Z, in 4m5") })
        #expect(lines.contains("  overdue                  3  ###############"))
        #expect(lines.contains("  in 1 minute              0"))
        #expect(lines.contains("  in 10 minutes            8  ########################################"))
        #expect(lines.contains("  in 1 day                 1  #####"))
        #expect(lines.contains("  never                    1  #####"))
        #expect(lines.contains("  to 64 bytes             12  ########################################"))
        #expect(lines.contains("  to 16.0 KiB              1  ###"))
    }

    @Test("a SQLite with the WAL-reset bug is named in a warning, and no other one")
    func walResetBug() throws {
        _ = try ttl("set", "key", "value")
        let text = try ttl("stats").text
        let hasBug = try ttl("stats", "--json").text.contains(#""wal_reset_bug":true"#)
        #expect(text.contains("warning") == hasBug)
        #expect(text.contains("the WAL-reset bug") == hasBug)
    }

    #if os(Linux)
    @Test("the warning is one line for a pipe, and breaks between words on a terminal")
    func widths() throws {
        _ = try ttl("set", "key", "value")
        guard try ttl("stats", "--json").text.contains(#""wal_reset_bug":true"#) else { return }
        #expect(try ttl("stats").text.contains(/\nwarning .* has the WAL-reset bug.*3\.44\.6\.\n/))
        let terminal = try PseudoTerminal(rows: 50, columns: 75)
        #expect(try ttl.start("stats", on: terminal).wait() == 0)
        let lines = terminal.text.components(separatedBy: "\r\n").filter { !$0.contains(ttl.store) }
        #expect(lines.contains { $0.hasPrefix("warning") } && lines.allSatisfy { $0.count <= 75 }, "\(lines)")
    }
    #endif

    private struct State: Decodable {
        let path: String
        let live, expired: Int
        let oldestOverdue: Double
        let nextExpiry: String
        let fileSize, logSize, freeSize, schemaVersion: Int
        let sqliteVersion: String
        let never, valuesSize: Int
        let expiries, sizes: [Part]

        struct Part: Decodable {
            let upTo: Int?
            let count: Int
        }
    }

    private func size(_ path: String) throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int
    }

    @Test("the number of a purge is also printed as JSON")
    func json() throws {
        try ttl.addExpired(count: 3)
        #expect(try ttl("purge", "--dry-run", "--json").text == #"{"expired":3}"# + "\n")
        #expect(try ttl("purge", "--json").text == #"{"deleted":3}"# + "\n")
        #expect(try ttl("purge", "--json", "--quiet").status == 64)
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
