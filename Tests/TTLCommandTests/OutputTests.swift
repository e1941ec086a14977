import TTLTestSupport
import Testing

@Suite("Output that can't be written", .enabled(if: isLinux))
struct OutputTests {
    let ttl: CommandUnderTest

    init() throws { ttl = try CommandUnderTest() }

    private static let printing = [
        "get key", "get key --json", "get key --touch 5m", "take key", "incr number", "rm key", "rm --prefix k",
        "ttl key", "ls", "ls --long", "ls --json", "purge", "purge --dry-run", "stats", "stats --json", "demo",
        "--help", "--version", "help", "help set", "set --help", "get --help", "take --help", "incr --help",
        "export", "export --format resp", "import </dev/null", "export --help", "import --help",
        "rm --help", "touch --help", "ttl --help", "ls --help", "purge --help", "stats --help", "demo --help",
        "watch --help", "shell --help",
        "--generate-completion-script bash", "",
    ]

    @Test("a full output is an error of status 2, with one line", arguments: printing)
    func full(line: String) throws {
        _ = try ttl("set", "key", "value")
        let outcome = try ttl.shell("$ttl \(line) >/dev/full")
        #expect(outcome.status == 2)
        #expect(outcome.errors.contains("standard output: No space left on device"))
        #expect(outcome.errors.hasPrefix("ttl: ") && outcome.errors.split(separator: "\n").count == 1)
    }

    @Test(
        "a closed output, or one that is open for reading alone, is an error before anything is changed",
        arguments: printing, [">&-", "1</dev/null"])
    func closed(line: String, redirection: String) throws {
        _ = try ttl("set", "key", "value", "--ttl", "1h")
        _ = try ttl("incr", "number")
        let state = try ttl("ls", "--json").text.replacing(#/"ttl":[\d.]+/#, with: "")
        let outcome = try ttl.shell("$ttl \(line) \(redirection)")
        #expect(outcome.status == 2)
        #expect(outcome.output == [])
        #expect(outcome.errors == "ttl: standard output: Bad file descriptor\n")
        #expect(try ttl("ls", "--json").text.replacing(#/"ttl":[\d.]+/#, with: "") == state)
    }

    @Test("a command that prints nothing needs no output, and no input that it doesn't read")
    func unused() throws {
        #expect(try ttl.shell("$ttl set key value <&- >&- 2>&-").status == 0)
        #expect(try ttl.shell("$ttl touch key --ttl 5m <&- >&- 2>&-").status == 0)
        #expect(try ttl.shell("$ttl get key <&- 2>&-").text == "value")
        #expect(try ttl.shell("$ttl get none <&- 2>&-").status == 1)
        #expect(try ttl.shell("$ttl ls --unknown <&- >&- 2>&-").status == 64)
    }

    @Test("a closed input is an error, and nothing is stored")
    func closedInput() throws {
        let outcome = try ttl.shell("$ttl set key <&-")
        #expect(outcome.status == 2)
        #expect(outcome.errors == "ttl: standard input: Bad file descriptor\n")
        #expect(try ttl("get", "key").status == 1)
    }

    @Test("a change is kept though its result can't be printed, as the help says")
    func kept() throws {
        for (line, after, text) in [
            ("incr key 5", "get key", "5"), ("get key --touch 2d", "ttl key", "1d23h"), ("rm key", "ls", ""),
        ] {
            #expect(try ttl.shell("$ttl \(line) >/dev/full").status == 2)
            #expect(try ttl.shell("$ttl \(after)").text.hasPrefix(text))
        }
        #expect(try ttl("ls").text == "")
        for subcommand in ["incr", "get", "rm"] {
            // The help is wrapped to the width of a terminal.
            let words = try ttl(subcommand, "--help").text.split { $0.isWhitespace }.joined(separator: " ")
            #expect(words.contains("can't be printed, which is an error of status 2"))
        }
    }
}
