import TTLTestSupport
import Testing

@Suite("Tags on the command line")
struct TagTests {
    let ttl: CommandUnderTest

    init() throws {
        ttl = try CommandUnderTest()
        for (key, tag) in [("b", "even"), ("a", "odd"), ("d", "even"), ("c", "odd"), ("f", "even")] {
            _ = try ttl("set", key, "value", "--tag", tag)
        }
        _ = try ttl("set", "e", "value")
    }

    @Test("ls --tag lists the keys with that tag, sorted, up to a limit")
    func list() throws {
        #expect(try ttl("ls", "--tag", "even").text == "b\nd\nf\n")
        #expect(try ttl("ls", "--tag", "even", "--limit", "2").text == "b\nd\n")
        #expect(try ttl("ls", "--tag", "eve").text == "")
        let long = try ttl("ls", "--tag", "odd", "--long").text.split(separator: "\n").map { $0.split(separator: " ") }
        #expect(long == [["never", "5", "text", "odd", "a"], ["never", "5", "text", "odd", "c"]])
        let json = try ttl("ls", "--tag", "odd", "--json").text.split(separator: "\n")
        #expect(json.count == 2 && json.allSatisfy { $0.contains(#""tag":"odd""#) })
    }

    @Test("a listing of many pages has each key with the tag once, in every form")
    func pages() throws {
        try ttl.sqlite3(
            """
            WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 2500)
            INSERT INTO entries (key, value, tag) SELECT 'key:' || n, 'value', 'many' FROM numbers;
            """)
        let keys = try ttl("ls", "--tag", "many").text.split(separator: "\n")
        #expect(keys.count == 2500 && Set(keys).count == 2500)
        for form in ["--long", "--json"] {
            #expect(try ttl.shell("$ttl ls --tag many \(form) | sort -u | wc -l").text.contains("2500"))
        }
    }

    @Test("expired entries with a tag are listed separately")
    func expired() throws {
        try ttl.sqlite3("UPDATE entries SET expires_at = 1500000000000 WHERE key IN ('a', 'b');")
        #expect(try ttl("ls", "--tag", "odd").text == "c\n")
        #expect(try ttl("ls", "--tag", "odd", "--expired").text == "a\n")
    }

    @Test("rm --tag removes the entries with that tag, and counts them")
    func remove() throws {
        #expect(try ttl("rm", "--tag", "even").text == "3\n")
        #expect(try ttl("ls").text == "a\nc\ne\n")
        let none = try ttl("rm", "--tag", "even")
        #expect(none.text == "0\n" && none.status == 1)
    }

    @Test("a set without --tag removes the tag, and JSON shows it as null")
    func cleared() throws {
        #expect(try ttl("get", "a", "--json").text.contains(#""tag":"odd""#))
        _ = try ttl("set", "a", "value")
        #expect(try ttl("get", "a", "--json").text.contains(#""tag":null"#))
        #expect(try ttl("ls", "--tag", "odd").text == "c\n")
    }

    @Test("an invalid tag is a mistake of usage", arguments: ["set k v", "ls", "rm", "incr k"])
    func invalid(line: String) throws {
        let outcome = try ttl.shell("$ttl \(line) --tag ''")
        #expect(outcome.status == 64)
        #expect(outcome.errors.contains("a tag has 1 to 1024 bytes of UTF-8"))
        #expect(try ttl("ls").text == "a\nb\nc\nd\ne\nf\n")
    }

    @Test("a line break in a tag is escaped on a terminal", .enabled(if: hasScript))
    func lineBreak() throws {
        _ = try ttl("set", "g", "value", "--tag", "x\ny\u{1B}")
        #expect(try ttl.shell("script -qec '$ttl ls g --long' /dev/null").text.contains("x\\ny\\u{1B}"))
    }
}
