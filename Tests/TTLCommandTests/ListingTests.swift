import TTLTestSupport
import Testing

@Suite("ttl ls and ttl rm")
struct ListingTests {
    let ttl: CommandUnderTest

    init() throws { ttl = try CommandUnderTest() }

    @Test("keys are listed in the order of their bytes, from a prefix, up to a limit")
    func keys() throws {
        for key in ["b:2", "a", "b:10", "é", "B", "b"] { _ = try ttl("set", key, "value") }
        #expect(try ttl("ls").text == "B\na\nb\nb:10\nb:2\né\n")
        #expect(try ttl("ls", "b:").text == "b:10\nb:2\n")
        #expect(try ttl("ls", "b", "--limit", "2").text == "b\nb:10\n")
        #expect(try ttl("ls", "--limit", "0").text == "")
        #expect(try ttl("ls", "none").status == 0)
    }

    @Test("a listing of many pages has each key once")
    func pages() throws {
        _ = try ttl("set", "key:0", "value")
        try ttl.sqlite3(
            """
            WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 4999)
            INSERT INTO entries (key, value) SELECT 'key:' || n, 'value' FROM numbers;
            """)
        let keys = try ttl("ls").text.split(separator: "\n")
        #expect(keys.count == 5000)
        #expect(Set(keys).count == 5000)
        #expect(try ttl("ls", "--limit", "1500").text.split(separator: "\n") == Array(keys.prefix(1500)))
        #expect(try ttl.shell("$ttl ls --json | wc -l").text.contains("5000"))
        #expect(try ttl.shell("$ttl ls --long --limit 1234 | wc -l").text.contains("1234"))
    }

    @Test("the long form has time left, size, kind and tag, and the key last")
    func long() throws {
        _ = try ttl("set", "a key", "four", "--ttl", "2d")
        _ = try ttl("set", "b", "é日", "--tag", "tag")
        _ = try ttl("incr", "c", "100")
        let lines = try ttl("ls", "--long").text.split(separator: "\n").map { $0.split(separator: " ") }
        #expect(
            lines.map { Array($0.dropFirst()) } == [
                ["4", "text", "-", "a", "key"], ["5", "text", "tag", "b"], ["3", "integer", "-", "c"],
            ])
        #expect(lines.first?.first?.hasPrefix("1d23h59m") == true && lines.last?.first == "never")
    }

    @Test("expired entries that are still in the file can be listed, and listing deletes none")
    func expired() throws {
        try ttl.addExpired(count: 2)
        for _ in 1...2 { #expect(try ttl("ls", "--expired").text == "expired:1\nexpired:2\n") }
        #expect(try ttl("ls").text == "first\n")
        let long = try ttl("ls", "--expired", "--long", "expired:2")
        #expect(long.text.hasPrefix("-") && long.errors.isEmpty, "\(long)")
        let json = try ttl("ls", "--expired", "--json", "--limit", "1").text
        #expect(json.contains(#""overdue":"#) && !json.contains(#""ttl":"#))
    }

    @Test(
        "a line break in a key stays as it is in a pipe, and is escaped on a terminal and in JSON",
        .enabled(if: hasScript))
    func lineBreak() throws {
        _ = try ttl("set", "a\nb\u{1B}", "value")
        #expect(try ttl("ls").text == "a\nb\u{1B}\n")
        #expect(try ttl("ls", "--json").text.contains(#""key":"a\nb\u001b""#))
        #expect(try ttl.shell("script -qec '$ttl ls' /dev/null").text == "a\\nb\\u{1B}\r\n")
    }

    @Test("keys are removed one by one or by prefix, and counted")
    func remove() throws {
        for key in ["a", "b", "c:1", "c:2", "d"] { _ = try ttl("set", key, "value") }
        #expect(try ttl("rm", "a", "none", "b").text == "2\n")
        #expect(try ttl("rm", "--prefix", "c:").text == "2\n")
        let none = try ttl("rm", "a")
        #expect(none.text == "0\n" && none.status == 1)
        let refusal = try ttl("rm", "--prefix", "")
        #expect(refusal.status == 64 && refusal.errors.contains("--all"), "\(refusal.errors)")
        #expect(try ttl("rm", "--all").text == "1\n")
        #expect(try ttl("ls").text == "")
        #expect(try ttl("rm", "--json", "a").text == #"{"removed":0}"# + "\n")
        #expect(try ttl("rm", "--json", "--quiet", "a").status == 64)
    }

    @Test("a reader that leaves early ends the listing quietly, and the store is closed")
    func brokenPipe() throws {
        try ttl.addExpired(count: 50_000)
        try ttl.sqlite3("UPDATE entries SET expires_at = NULL;")
        let outcome = try ttl.shell("{ $ttl ls; echo \"status $?\" >&2; } | head -n 1")
        #expect(outcome.text == "expired:1\n")
        #expect(outcome.errors == "status 141\n")
        #expect(try ttl.shell("ls \(ttl.folder.path)").text == "store.db\n")
    }
}

/// `script` runs a command on a terminal of its own.
let hasScript = isLinux && (try? ChildProcess.run("/bin/sh", ["-c", "command -v script"]).status) == 0
