import TTLTestSupport
import Testing

@Suite("Arguments that begin with a dash")
struct DashTests {
    let ttl: CommandUnderTest

    init() throws { ttl = try CommandUnderTest() }

    @Test(
        "a negative number as an option's value is refused, and the message says what the option takes",
        arguments: [
            ("set k v --ttl -5", "--ttl: a duration is longer than zero"),
            ("set k v --ttl=-5", "--ttl: a duration is longer than zero"),
            ("set k v --ttl -1h30m", "--ttl: a duration is longer than zero"),
            ("set --ttl -5m k v", "--ttl: a duration is longer than zero"),
            ("touch k --ttl -5", "--ttl: a duration is longer than zero"),
            ("incr k --ttl -5", "--ttl: a duration is longer than zero"),
            ("get k --touch -3", "--touch: a duration is longer than zero"),
            ("get k --touch=-3", "--touch: a duration is longer than zero"),
            ("set k v --ttl -5x", "--ttl: not a duration such as"),
            ("set k v --at -5", "--at: not a date such as"), ("set k v --at=-5", "--at: not a date such as"),
            ("ls --limit -1", "--limit is 0 or more"), ("ls --limit=-1", "--limit is 0 or more"),
            ("set k v --if-revision -1", "--if-revision: not a revision, which is a number of 0 or more"),
            ("set k v --if-revision=-1", "--if-revision: not a revision, which is a number of 0 or more"),
        ])
    func options(line: String, message: String) throws {
        let outcome = try ttl.shell("$ttl \(line)")
        #expect(outcome.status == 64)
        #expect(outcome.errors.hasPrefix("ttl: \(message)"), "\(outcome.errors)")
    }

    @Test(
        "an argument with a leading dash is refused, and the message says where it may stand",
        arguments: [
            "incr k -5", "incr k --tag t -5", "set k -5", "set -k v", "get -5", "take -5", "rm -5", "rm a -b", "ls -l",
            "set k v --tag -5", "rm --prefix -x", "-v", "--store -x get k", "set k v --ttl -5 -6",
        ])
    func loose(line: String) throws {
        let outcome = try ttl.shell("$ttl \(line)")
        #expect(outcome.status == 64)
        #expect(
            outcome.errors.hasPrefix(
                "ttl: an argument that begins with a dash goes after '--', and an option's value after '=' (see"))
    }

    @Test("an argument with a leading dash is accepted after \"--\"")
    func taken() throws {
        #expect(try ttl("set", "--tag=-t", "--", "-k", "-5").status == 0)
        #expect(try ttl("get", "--", "-k").text == "-5")
        #expect(try ttl("ls", "--tag=-t").text == "-k\n")
        #expect(try ttl("incr", "n", "--by", "-5").text == "-5\n")
        #expect(try ttl("incr", "n", "--", "-5").text == "-10\n")
        #expect(try ttl("rm", "--prefix=-").text == "1\n")
        #expect(try ttl("get", "-h").status == 0)
    }
}
