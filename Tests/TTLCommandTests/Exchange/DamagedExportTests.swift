import Foundation
import TTLTestSupport
import Testing

@Suite("ttl export of a damaged store") struct DamagedExportTests {
    let ttl: CommandUnderTest

    init() throws {
        ttl = try CommandUnderTest()
        let lines = (0..<1000).map { #"{"key":"key:\#(($0 * 7919) % 1000)","value":"value \#($0)"}"# }
        let text = lines.joined(separator: "\n")
        try Data(text.utf8).write(to: URL(fileURLWithPath: ttl.folder("lines")))
        _ = try ttl("import", ttl.folder("lines"))
    }

    private func export(_ options: String = "") throws -> (lines: [Substring], errors: String, status: Int32) {
        // More than a pipe holds.
        let outcome = try ttl.shell("$ttl export \(options) >\"$TMPDIR/out\"")
        let text = try String(contentsOfFile: ttl.folder("out"), encoding: .utf8)
        return (text.split(separator: "\n"), outcome.errors, outcome.status)
    }

    /// Fills a page with zeros: of those of a table or an index the one in the middle.
    private func erasePage(of name: String) throws {
        let sql = "SELECT pageno FROM dbstat WHERE name = '\(name)' AND pagetype = 'leaf' ORDER BY path;"
        let pages = try ChildProcess.sqlite3(ttl.store, sql).text.split(separator: "\n").compactMap { UInt64($0) }
        let file = try FileHandle(forUpdating: URL(fileURLWithPath: ttl.store))
        try file.seek(toOffset: (pages[pages.count / 2] - 1) * 4096)
        try file.write(contentsOf: Data(repeating: 0, count: 4096))
        try file.close()
    }

    @Test("prints what can be read, and says which rows are missing")
    func table() throws {
        let whole = try export().lines
        try erasePage(of: "entries")
        let rest = try export()
        #expect(rest.status == 2)
        let message = /ttl: export: rows (\d+) to (\d+) can't be read, so entries are missing; see 'ttl check'\n/
        let match = try #require(rest.errors.wholeMatch(of: message))
        let (first, last) = try (#require(Int(match.1)), #require(Int(match.2)))
        let missing = last - first + 1
        #expect(rest.lines.count == whole.count - missing)
        #expect(Set(rest.lines).isSubset(of: whole))
        // What is printed makes a store again.
        let lines = try ttl.shell("$ttl --store \"$TMPDIR/new.db\" import \"$TMPDIR/out\"").text
        #expect(lines == "\(rest.lines.count) stored\n")
    }

    @Test("prints each row once where only the index of keys is damaged, and says that the order is another one")
    func index() throws {
        let whole = try export().lines
        try erasePage(of: "sqlite_autoindex_entries_1")
        let all = try export()
        #expect(all.status == 2)
        #expect(all.errors.hasPrefix("ttl: export: an index is damaged: "))
        #expect(all.errors.split(separator: "\n").count == 1)
        #expect(all.lines.count == whole.count && Set(all.lines) == Set(whole))
        #expect(try export("--prefix key:99").lines.count == 11)
    }

    @Test("goes on past a value that is too large to be read")
    func tooLarge() throws {
        try ttl.sqlite3("UPDATE entries SET value = zeroblob(17000000) WHERE id = 500;")
        let rest = try export()
        #expect(rest.status == 2 && rest.lines.count == 999)
        #expect(rest.errors == "ttl: export: row 500 can't be read, so entries are missing; see 'ttl check'\n")
    }
}
