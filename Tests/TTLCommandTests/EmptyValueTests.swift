import TTLTestSupport
import Testing

@Suite("Empty values")
struct EmptyValueTests {
    let ttl: CommandUnderTest

    init() throws { ttl = try CommandUnderTest() }

    @Test("the empty value of a failed command is refused, and the value before it stays")
    func failedCommand() throws {
        _ = try ttl("set", "token", "before")
        let argument = try ttl.shell(#"$ttl set token "$(false)" --ttl 1h"#)
        #expect(argument.status == 64)
        #expect(
            argument.errors == "ttl: the value is empty; with --allow-empty it is stored (see 'ttl set --help')\n")
        for line in ["false | $ttl set token", "$ttl set token </dev/null", "false | $ttl set token -"] {
            let input = try ttl.shell(line)
            #expect(input.status == 2)
            #expect(input.errors == "ttl: standard input is empty; with --allow-empty it is stored\n")
        }
        #expect(try ttl("get", "token").text == "before")
    }

    @Test("a refused empty value makes no file")
    func nothingMade() throws {
        _ = try ttl("set", "key", "")
        _ = try ttl("set", "key")
        #expect(try ttl.shell("ls -A \(ttl.folder.path)").text == "")
    }

    @Test(
        "with --allow-empty an empty value is stored as text, from an argument and from standard input",
        arguments: ["'' --allow-empty", "--allow-empty </dev/null", "--allow-empty - </dev/null"])
    func allowed(rest: String) throws {
        #expect(try ttl.shell("$ttl set key \(rest)").status == 0)
        let outcome = try ttl("get", "key")
        #expect(outcome.status == 0 && outcome.output == [])
        #expect(try ttl("get", "key", "--json").text.contains(#""kind":"text""#))
        #expect(try ttl("take", "key").status == 0)
    }

    @Test("the form in the README stores nothing when the command fails")
    func documentedForm() throws {
        let outcome = try ttl.shell(#"token=$(echo part; false) && $ttl set token "$token" --ttl 1h"#)
        #expect(outcome.status == 1)
        #expect(try ttl("get", "token").status == 1)
    }
}
