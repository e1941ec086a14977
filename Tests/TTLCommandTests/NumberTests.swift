import TTLTestSupport
import Testing

@Suite("ttl incr")
struct NumberTests {
    let ttl: CommandUnderTest

    init() throws { ttl = try CommandUnderTest() }

    @Test("ttl incr adds one, or the given number, and prints the sum, also if there is no file yet")
    func sums() throws {
        for (arguments, sum) in [
            ([], "1"), ([], "2"), (["40"], "42"), (["--", "-50"], "-8"), (["--by", "-2"], "-10"), (["--by=10"], "0"),
        ] {
            let outcome = try ChildProcess.run("ttl", ["--store", ttl.store, "incr", "key"] + arguments)
            #expect(outcome.status == 0 && outcome.text == sum + "\n" && outcome.errors == "")
        }
        #expect(try ttl("get", "key").text == "0")
        #expect(try ttl("get", "key", "--json").text.contains(#""kind":"integer""#))
    }

    @Test("the sum is also printed as JSON, with its key")
    func json() throws {
        for sum in ["-3", "-6"] {
            let outcome = try ttl("incr", "n", "--by", "-3", "--json")
            #expect(outcome.text == #"{"key":"n","value":\#(sum)}"# + "\n" && outcome.status == 0)
        }
    }

    @Test("ttl incr gives expiry and tag to a new entry, and a live one keeps its own")
    func newEntry() throws {
        _ = try ttl("incr", "key", "--ttl", "2d", "--tag", "first")
        _ = try ttl("incr", "key", "--never", "--tag", "second")
        #expect(try ttl("ttl", "key").text.hasPrefix("1d23h"))
        #expect(try ttl("ls", "--tag", "first").text == "key\n")
        try ttl.sqlite3("UPDATE entries SET expires_at = 1500000000000;")
        #expect(try ttl("incr", "key", "7", "--at", "2999-01-01T00:00:00Z").text == "7\n")
        #expect(try ttl("get", "key", "--json").text.contains(#""expires_at":"2999-01-01T00:00:00.000Z""#))
        #expect(try ttl("get", "key", "--json").text.contains(#""tag":null"#))
    }

    @Test("a sum beyond 64 bits is the store's error, and changes nothing")
    func overflow() throws {
        _ = try ttl("incr", "key", "9223372036854775807")
        let outcome = try ttl("incr", "key")
        #expect(outcome.status == 2 && outcome.output == [])
        #expect(outcome.errors == "ttl: incr: the sum leaves the range of 64-bit integers\n")
        #expect(try ttl("incr", "key", "--by", "-9223372036854775808").text == "-1\n")
    }

    @Test("text of digits can't be incremented")
    func wrongKind() throws {
        _ = try ttl("set", "key", "5")
        let outcome = try ttl("incr", "key")
        #expect(outcome.status == 2 && outcome.output == [])
        #expect(outcome.errors == "ttl: incr: the stored value is text, not an integer\n")
        #expect(try ttl("get", "key").text == "5")
    }

    @Test("processes that count at the same time lose no count")
    func concurrent() throws {
        // `cat` ends when all of them have.
        let sums = try ttl.shell("for n in 1 2 3 4 5 6 7 8; do $ttl incr key & done | cat").text.split(separator: "\n")
        #expect(sums.compactMap { Int($0) }.sorted() == Array(1...8))
        #expect(try ttl("get", "key").text == "8")
    }
}
