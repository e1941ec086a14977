import TTLTestSupport
import Testing

@Suite("Expiry on the command line")
struct ExpiryTests {
    let ttl: CommandUnderTest

    init() throws { ttl = try CommandUnderTest() }

    @Test("a value is gone after its time")
    func expires() throws {
        #expect(try ttl("set", "key", "value", "--ttl", "20ms").status == 0)
        #expect(try eventually { try ttl("get", "key").status == 1 })
        #expect(try ttl("ls").text == "")
    }

    @Test("the time left is printed for people, or in milliseconds")
    func timeLeft() throws {
        _ = try ttl("set", "key", "value", "--ttl", "2h")
        #expect(try ttl("ttl", "key").text.hasPrefix("1h59m"))
        let milliseconds = try #require(Int(try ttl("ttl", "key", "--ms").text.dropLast()))
        #expect((7_100_000...7_200_000).contains(milliseconds))
        _ = try ttl("set", "forever", "value")
        #expect(try ttl("ttl", "forever").text == "never\n")
        #expect(try ttl("ttl", "forever", "--ms").text == "never\n")
    }

    @Test("the time left as JSON is in seconds, and null for never")
    func timeLeftJSON() throws {
        _ = try ttl("set", "k\"ey", "value")
        #expect(try ttl("ttl", "k\"ey", "--json").text == #"{"key":"k\"ey","ttl":null}"# + "\n")
        _ = try ttl("touch", "k\"ey", "--ttl", "1h")
        #expect(try ttl("ttl", "k\"ey", "--json").text.contains(/^{"key":"k\\"ey","ttl":3[56]\d\d(\.\d+)?}\n$/))
        let none = try ttl("ttl", "none", "--json")
        #expect(none.status == 1 && none.output == [])
        #expect(try ttl("ttl", "k\"ey", "--json", "--ms").status == 64)
    }

    @Test("a plain set clears the expiry, --keep keeps it, --never ends it")
    func keepAndNever() throws {
        _ = try ttl("set", "key", "one", "--at", "2999-01-01T00:00:00Z")
        _ = try ttl("set", "key", "two", "--keep")
        #expect(try ttl("get", "key", "--json").text.contains(#""expires_at":"2999-01-01T00:00:00.000Z""#))
        _ = try ttl("set", "key", "three")
        #expect(try ttl("ttl", "key").text == "never\n")
        _ = try ttl("set", "key", "four", "--ttl", "5m")
        _ = try ttl("set", "key", "five", "--never")
        #expect(try ttl("ttl", "key").text == "never\n")
    }

    @Test("touch changes the expiry and prints nothing")
    func touch() throws {
        _ = try ttl("set", "key", "value", "--ttl", "5m")
        for (arguments, left) in [
            (["--ttl", "2d"], "1d23h59m"), (["--never"], "never"), (["--at", "2999-01-01T00:00:00+02:00"], "35"),
        ] {
            let outcome = try ChildProcess.run("ttl", ["touch", "key", "--store", ttl.store] + arguments)
            #expect(outcome.status == 0 && outcome.output == [])
            #expect(try ttl("ttl", "key").text.hasPrefix(left))
        }
        #expect(try ttl("get", "key").text == "value")
    }

    @Test("get --touch prints the value and extends it")
    func getAndTouch() throws {
        _ = try ttl("set", "key", "value", "--ttl", "5m")
        #expect(try ttl("get", "key", "--touch", "3h").text == "value")
        #expect(try ttl("ttl", "key").text.hasPrefix("2h59m"))
    }

    @Test("get --touch --json shows the entry with its new time, and the same revision")
    func getAndTouchJSON() throws {
        _ = try ttl("set", "key", "value")
        let before = try ttl("get", "key", "--json").text
        #expect(before.contains(#""ttl":null"#))
        let touched = try ttl("get", "key", "--touch", "3h", "--json").text
        #expect(touched.contains(#""ttl":10800"#) && touched.contains(#""value":"value""#))
        let revision = before.split(separator: ",").first { $0.contains("revision") }
        #expect(revision != nil && touched.split(separator: ",").first { $0.contains("revision") } == revision)
        #expect(try ttl("ttl", "key").text.hasPrefix("2h59m"))
        #expect(try ttl("get", "none", "--touch", "3h", "--json").status == 1)
    }

    @Test("a date that has passed removes the key, and says so")
    func passedDate() throws {
        _ = try ttl("set", "key", "secret")
        let outcome = try ttl("set", "key", "secret", "--at", "2020-01-01T00:00:00Z")
        #expect(outcome.status == 1)
        #expect(outcome.errors == "ttl: set: the date has passed; nothing is stored, and the key is gone\n")
        #expect(try ttl("get", "key").status == 1)
        _ = try ttl("set", "key", "secret")
        let touched = try ttl("touch", "key", "--at", "2020-01-01T00:00:00Z")
        #expect(touched.status == 1)
        #expect(touched.errors == "ttl: touch: the date has passed; the key is gone\n")
        #expect(try ttl("get", "key").status == 1)
    }

    @Test("an expiry beyond the year 9999 is a mistake of usage, and changes nothing")
    func tooFar() throws {
        _ = try ttl("set", "key", "value")
        let outcome = try ttl("set", "key", "other", "--ttl", "1000000w")
        #expect(outcome.status == 64)
        #expect(outcome.errors == "ttl: the time to live leads beyond the year 9999 (see 'ttl set --help')\n")
        #expect(try ttl("get", "key").text == "value")
    }
}
