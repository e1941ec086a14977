import Foundation
import TTLStore
import TTLTestSupport
import Testing

@Suite("ttl export and ttl import")
struct ExportImportTests {
    let ttl: CommandUnderTest

    init() throws { ttl = try CommandUnderTest() }

    /// Every kind of value, and every byte that a format could lose.
    private func fill() throws {
        let store = try TTLStore(path: ttl.store)
        defer { store.close() }
        let date = Date(timeIntervalSince1970: 4_000_000_000.123)
        try store.set("a\0b", "text\0with\r\nbreaks\u{1B}[31m \"quoted\" \\", expiring: .at(date), tag: "x\ny")
        try store.set("bytes", [UInt8](0...255), expiring: .at(date.addingTimeInterval(0.001)))
        try store.set("e\u{301}", "decomposed", tag: "é")
        try store.set("é", "composed")
        try store.set("empty", "")
        try store.set("emptyBytes", [UInt8]())
        for number in [Int64.min, -1, 0, .max] { try store.set("number:\(number)", number) }
        try store.set("json", ["a": [1, 2]], expiring: .hours(1))
        try store.set("👩‍👩‍👧", "\u{10FFFF}")
    }

    private func contents(_ path: String) throws -> String {
        try ChildProcess.sqlite3(
            path, "SELECT hex(key), typeof(value), hex(value), expires_at, hex(tag) FROM entries ORDER BY key;"
        ).text
    }

    @Test("what was exported and imported is in the file as it was, and exports the same lines again")
    func roundTrip() throws {
        try fill()
        let (copy, lines) = (ttl.folder("copy.db"), ttl.folder("lines"))
        #expect(try ttl.shell("$ttl export > \(lines)").errors == "")
        #expect(try ttl.shell("$ttl --store \(copy) import < \(lines)").text == "12 stored\n")
        #expect(try contents(copy) == contents(ttl.store))
        #expect(try ttl.shell("$ttl --store \(copy) export | cmp - \(lines)").status == 0)
        let file = try ttl("import", lines, "--json")
        #expect(file.text == #"{"bad":0,"expired":0,"present":0,"stored":12}"# + "\n" && file.errors == "")
        #expect(try ttl("import", lines, "--quiet").output == [])
    }

    @Test("what 'ttl ls --json' prints can be imported")
    func listing() throws {
        try fill()
        let copy = ttl.folder("copy.db")
        #expect(try ttl.shell("$ttl ls --json | $ttl --store \(copy) import").text == "12 stored\n")
        #expect(try contents(copy) == contents(ttl.store))
    }

    @Test("a byte order mark at the beginning is passed over, and nowhere else")
    func byteOrderMark() throws {
        let mark = #"printf '\357\273\277'"#
        let line = #"echo '{"key":"\u00e9","value":"v"}'"#
        #expect(try ttl.shell("{ \(mark); \(line); } | $ttl import --strict").text == "1 stored\n")
        #expect(try ttl("get", "é").text == "v")
        #expect(try ttl.shell("\(mark) | $ttl import --strict").text == "0 stored\n")
        #expect(try ttl.shell("{ \(line); \(mark); \(line); } | $ttl import").text == "1 stored, skipped: 1 bad\n")
    }

    @Test("creation, change and revision are the new file's own")
    func metadata() throws {
        try fill()
        let copy = ttl.folder("copy.db")
        _ = try ttl.shell("$ttl export | $ttl --store \(copy) import")
        let sql = "SELECT revision FROM entries ORDER BY key;"
        #expect(try ChildProcess.sqlite3(copy, sql).text != ChildProcess.sqlite3(ttl.store, sql).text)
    }

    @Test("only the entries with the prefix or the tag are exported, and none that has expired")
    func selections() throws {
        for key in ["a:1", "a:2", "b:1"] { _ = try ttl("set", key, "v", "--tag", key == "a:2" ? "u" : "t") }
        try ttl.sqlite3("INSERT INTO entries (key, value, expires_at) VALUES ('a:3', 'v', 1500000000000);")
        func keys(_ options: String) throws -> [String] {
            try ttl.shell("$ttl export \(options)").text.split(separator: "\n").map {
                $0.split(separator: "\"")[3] + ""
            }
        }
        #expect(try keys("") == ["a:1", "a:2", "b:1"])
        #expect(try keys("--prefix a:") == ["a:1", "a:2"])
        #expect(try keys("--tag t") == ["a:1", "b:1"])
        #expect(try ttl("export", "--prefix", "a", "--tag", "t").status == 64)
        #expect(try ttl("export", "--format", "xml").status == 64)
    }

    @Test("a missing file is an error for an export, which makes none; an import makes one")
    func missing() throws {
        let outcome = try ttl("export")
        #expect(outcome.status == 2 && outcome.errors == "ttl: export: there is no such file: \(ttl.store)\n")
        #expect(!FileManager.default.fileExists(atPath: ttl.store))
        #expect(try ttl("import", ttl.folder("none")).status == 2)
        #expect(try ttl("import", ttl.folder.path).errors.contains("Is a directory"))
        #expect(try ttl("import").text == "0 stored\n")
    }

    private func importing(_ lines: [String], _ options: String = "", separator: String = "\n") throws
        -> ChildProcess.Outcome
    {
        let path = ttl.folder("lines")
        try lines.joined(separator: separator).write(toFile: path, atomically: false, encoding: .utf8)
        return try ttl.shell("$ttl import \(options) < \(path)")
    }

    @Test("an expired entry is skipped, and the entry that has its key now stays")
    func expired() throws {
        _ = try ttl("set", "k", "mine")
        let outcome = try importing([
            #"{"key":"k","value":"old","expires_at":"2020-01-01T00:00:00.000Z"}"#,
            #"{"key":"l","value":"old","expires_at":1500000000000}"#, #"{"key":"m","value":"new"}"#,
        ])
        #expect(outcome.text == "1 stored, skipped: 2 expired\n" && outcome.status == 0)
        #expect(try ttl("ls").text == "k\nm\n" && ttl("get", "k").text == "mine")
    }

    @Test("--if-absent leaves live entries as they are, and an expired one counts as absent")
    func ifAbsent() throws {
        _ = try ttl("set", "k", "mine")
        try ttl.sqlite3("INSERT INTO entries (key, value, expires_at) VALUES ('l', 'old', 1500000000000);")
        let lines = ["k", "l", "m", "m"].map { #"{"key":"\#($0)","value":"imported"}"# }
        let outcome = try importing(lines, "--if-absent")
        #expect(outcome.text == "2 stored, skipped: 2 present\n" && outcome.status == 0)
        #expect(try ttl("get", "k").text == "mine" && ttl("get", "l").text == "imported")
        #expect(try importing(lines).text == "4 stored\n" && ttl("get", "k").text == "imported")
    }

    @Test("of lines with the same key the last one counts")
    func sameKey() throws {
        // The middle one expires last: the order of the lines decides, not that of the expiries.
        let outcome = try importing([
            #"{"key":"k","value":"1","expires_at":null}"#, #"{"key":"k","value":"2","expires_at":4000000000000}"#,
            #"{"key":"k","value":"3","expires_at":3000000000000}"#,
        ])
        #expect(outcome.text == "3 stored\n")
        #expect(try ttl("get", "k").text == "3")
    }

    private static let mixed = [
        #"{"key":"a","value":1}"#, "", "nonsense", #"{"key":"","value":1}"#,
        #"{"key":"\#(String(repeating: "k", count: 1025))","value":1}"#, #"{"key":"b","value":1,"tag":""}"#,
        #"{"key":"c","value":2}"#, #"{"key":"d""#, "  \t\r", #"{"key":"e","value":3}"#,
    ]

    @Test("each bad line is reported by its number, and the others are stored", arguments: ["\n", "\r\n"])
    func badLines(separator: String) throws {
        let outcome = try importing(ExportImportTests.mixed, separator: separator)
        #expect(outcome.status == 1)
        #expect(outcome.text == "3 stored, skipped: 5 bad\n")
        let numbers = outcome.errors.split(separator: "\n").map { $0.split(separator: ":")[2] }
        #expect(numbers.sorted() == [" line 3", " line 4", " line 5", " line 6", " line 8"])
        #expect(outcome.errors.contains("line 5: a key has 1 to 1024 bytes of UTF-8, this one 1025\n"))
        #expect(try ttl("ls").text == "a\nc\ne\n")
    }

    @Test("--strict stops at the first bad line, and stores nothing of its batch", arguments: [2, 3, 4, 5, 7])
    func strict(bad: Int) throws {
        _ = try ttl("set", "first", "value")
        let lines = [ExportImportTests.mixed[0], ExportImportTests.mixed[bad], ExportImportTests.mixed[6]]
        let outcome = try importing(lines, "--strict")
        #expect(outcome.status == 1 && outcome.text == "0 stored, skipped: 1 bad\n")
        #expect(outcome.errors.hasPrefix("ttl: import: line 2: "))
        #expect(outcome.errors.hasSuffix("; stopped, and nothing is stored\n"))
        #expect(outcome.errors.split(separator: "\n").count == 1)
        #expect(try ttl("ls").text == "first\n")
    }

    @Test("--strict says up to which line entries are stored")
    func strictLater() throws {
        let lines = (1...45_000).map { #"{"key":"k\#($0)","value":1}"# } + ["nonsense"]
        let outcome = try importing(lines, "--strict")
        #expect(outcome.errors.hasSuffix("; stopped, and the lines up to 40000 are stored, and no others\n"))
        #expect(outcome.text == "40,000 stored, skipped: 1 bad\n")
        #expect(try ttl.shell("$ttl ls | wc -l").text == "40000\n")
    }

    @Test("a line that is too long is reported, takes no memory, and the next one is stored")
    func longLine() throws {
        let outcome = try ttl.shell(
            """
            { echo '{"key":"a","value":1}'; printf '{"key":"b","value":"'; head -c 120000000 /dev/zero | tr '\\0' x;
            echo '"}'; echo '{"key":"c","value":1}'; } | $ttl import
            """)
        #expect(outcome.status == 1 && outcome.text == "2 stored, skipped: 1 bad\n")
        #expect(outcome.errors == "ttl: import: line 2: is longer than 97 MiB\n")
    }

    @Test("the largest value goes through, escaped, and a larger one is reported")
    func largest() throws {
        #expect(try ttl.shell("head -c 16777216 /dev/zero | $ttl set big").status == 0)
        let copy = ttl.folder("copy.db")
        #expect(try ttl.shell("$ttl export | $ttl --store \(copy) import").text == "1 stored\n")
        let compare = "$ttl get big > \(copy).big; $ttl --store \(copy) get big | cmp - \(copy).big"
        #expect(try ttl.shell(compare).status == 0)
        let outcome = try ttl.shell(
            """
            { printf '{"key":"b","value":"'; head -c 16777217 /dev/zero | tr '\\0' x; echo '"}'; } | $ttl import
            """)
        #expect(outcome.status == 1)
        #expect(outcome.errors == "ttl: import: line 1: the value has 16777217 bytes, the store allows 16777216\n")
    }

    @Test("a reader of an export that leaves ends it quietly")
    func brokenPipe() throws {
        try ttl.addExpired(count: 0)
        try ttl.sqlite3(ExportImportTests.many(200_000))
        let outcome = try ttl.shell("{ $ttl export; echo $? >&2; } | head -n 1")
        #expect(outcome.text.split(separator: "\n").count == 1)
        #expect(outcome.errors == "141\n")
    }

    private static func many(_ count: Int) -> String {
        """
        WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < \(count))
        INSERT INTO entries (key, value, expires_at) SELECT 'key:' || i, 'value', 4000000000000 FROM n;
        """
    }

    private func lines(_ count: Int, key: String = "key") -> String {
        (1...count).map { "{\"key\":\"\(key):\($0)\",\"value\":\"\($0)\"}\n" }.joined()
    }

    @Test("entries that come slowly are stored as they come, and a signal keeps them", arguments: [SIGINT, SIGTERM])
    func slowInput(signal: Int32) throws {
        let child = try ttl.start("import")
        child.send(lines(3))
        #expect(try eventually { try ttl("ls").text == "key:1\nkey:2\nkey:3\n" })
        child.send("{\"key\":\"half")
        #expect(eventually { child.unreadInput == 0 })
        child.kill(signal)
        #expect(child.wait() == -signal)
        #expect(child.readErrors() == "ttl: import: interrupted; the lines up to 3 are stored, and no others\n")
        #expect(try ttl("ls").text == "key:1\nkey:2\nkey:3\n")
        #expect(try ttl.shell("ls \(ttl.folder.path)").text == "store.db\n")
    }

    @Test("an import that is killed leaves whole batches, and a second one ends the work")
    func killed() throws {
        let (path, total) = (ttl.folder("lines"), 200_000)
        try lines(total).write(toFile: path, atomically: false, encoding: .utf8)
        _ = try ttl("set", "key:1", "1")
        let child = try ttl.start("import", path)
        func count() throws -> Int { Int(try ttl.shell("$ttl ls key: | wc -l").text.dropLast()) ?? -1 }
        #expect(try eventually { try count() > 1 })
        child.kill(SIGKILL)
        _ = child.wait()
        #expect(try count().isMultiple(of: 20_000))
        #expect(try ttl("import", path).text == "200,000 stored\n")
        #expect(try count() == total)
    }

    @Test("programs that write meanwhile are not refused, and imports of several processes add up")
    func beside() throws {
        for writer in 1...3 {
            try lines(60_000, key: "w\(writer)").write(
                toFile: ttl.folder("lines\(writer)"), atomically: false, encoding: .utf8)
        }
        let outcome = try ttl.shell(
            """
            cd \(ttl.folder.path); $ttl set first value
            for i in 1 2 3; do $ttl import lines$i & done
            for i in $(seq 40); do
                sqlite3 -batch -cmd '.timeout 20000' $TTL_STORE \\
                    "INSERT INTO live (key, value) VALUES ('own:$i', 1)" || exit 9
                $ttl set "set:$i" value || exit 8
            done; wait
            """)
        #expect(outcome.status == 0 && outcome.errors == "", "\(outcome.errors)")
        #expect(outcome.text == String(repeating: "60,000 stored\n", count: 3))
        #expect(try ttl.shell("$ttl ls | wc -l").text == "180081\n")
    }

    @Test("a disk without room for a batch keeps what it had", .enabled(if: isLinux))
    func noRoom() throws {
        _ = try ttl("set", "key", "value")
        let limited = try ttl.shell(
            """
            ulimit -f 400
            seq 20000 | sed 's/.*/{"key":"k&","value":"0123456789012345678901234567890123456789"}/' | $ttl import
            """)
        #expect(limited.status == 2 && limited.errors.hasSuffix("nothing is stored\n"), "\(limited.errors)")
        #expect(try ttl("ls").text == "key\n")
    }

    @Test("a progress bar shows on a terminal alone, and not with --quiet", .enabled(if: hasScript))
    func progress() throws {
        try ttl.addExpired(count: 0)
        try ttl.sqlite3(ExportImportTests.many(30_000))
        let lines = ttl.folder("lines")
        let text = try ttl.shell("script -qec '$ttl export > \(lines)' /dev/null").text
        #expect(text.contains("of 30,0") && text.hasSuffix("\r\u{1B}[K\u{1B}[J"))
        #expect(try ttl.shell("script -qec '$ttl export --quiet > \(lines)' /dev/null").text == "")
        let imported = try ttl.shell("script -qec '$ttl import \(lines)' /dev/null").text
        #expect(imported.contains(" bytes\u{1B}[K\u{1B}[J") && imported.hasSuffix("30,001 stored\r\n"))
    }
}
