import TTLTestSupport
import Testing

@Suite("What goes wrong")
struct FailureTests {
    let ttl: CommandUnderTest

    init() throws { ttl = try CommandUnderTest() }

    @Test(
        "a wrong command line is one line on standard error and status 64",
        arguments: [
            "set", "get", "ttl", "touch key", "rm", "rm key --prefix p", "unknown", "get key --unknown",
            "set k v --ttl",
            "set k v --ttl 5x", "set k v --ttl 0", "set k v --ttl=-5m", "set k v --ttl=nan", "set k v --at tomorrow",
            "set k v --at 2027-02-30T00:00:00Z", "set k v --ttl 5m --never",
            "set k v --at 2027-01-01T00:00:00Z --ttl 5m",
            "set k v --keep --never", "set k v --if-absent --if-present", "get k --touch 1.5h", "ls --limit x",
            "ls --limit=-1", "rm --tag", "rm key --tag t", "rm --prefix p --tag t", "ls p --tag t",
            "set k v --if-revision x", "set k v --if-revision 1 --if-absent", "set k v --if-present --if-revision 1",
            "incr", "incr k x", "incr k 1.5", "incr k 1 2", "incr k 1 --by 2", "incr k --by", "incr k --by x",
            "incr k -3", "incr k 9223372036854775808", "incr k --ttl 5m --never", "take", "take k k",
            "ls --limit 99999999999999999999", "ls --long --json", "ls a b", "stats extra",
            "purge extra",
            "demo extra", "export extra", "export --prefix p --tag t", "export --format xml", "import a b",
            "import --tag t", "set k v --ttl 9999999999w",
        ])
    func usage(line: String) throws {
        let outcome = try ttl.shell("$ttl \(line)")
        #expect(outcome.status == 64)
        #expect(outcome.output == [])
        #expect(outcome.errors.hasPrefix("ttl: ") && outcome.errors.split(separator: "\n").count == 1)
    }

    @Test(
        "no error message repeats a possible key or value",
        arguments: [
            "set key value s3cret", "set key s3cret 'it is s3cret' more", "set key -s3cret", "set key --s3cret",
            "set s3cret value --ttl 5x", "get s3cret s3cret", "get -- key --s3cret", "ttl s3cret s3cret",
            "set key value --never=s3cret", "set key value --limit=s3cret", "ls s3cret s3cret", "ls --limit s3cret",
            "rm s3cret --prefix s3cret", "set s3cret --ttl 5x", "set key s3cret --at 2020-01-01T00:00:00Z",
            "set s3cret value --ttl 9999999w", "--store /dev/null/x get s3cret",
            "incr key s3cret", "incr s3cret --by x", "incr key --by s3cret", "take s3cret s3cret",
            "set s3cret v --if-revision s3cret", "set --tag s3cret k v --if-present", "ls s3cret --tag s3cret",
            "rm s3cret --tag s3cret",
        ])
    func secrets(line: String) throws {
        let outcome = try ttl.shell("$ttl \(line)")
        #expect(outcome.status != 0)
        #expect(!outcome.errors.contains("s3cret"))
    }

    @Test("a message about a missing command names the '--' before it, whether that is there or not")
    func missingCommand() throws {
        for line in ["run --ttl 5m --", "run --ttl 5m echo", "run --ttl 5m"] {
            #expect(
                try ttl.shell("$ttl \(line)").errors
                    == "ttl: the command is missing; it goes after '--' (see 'ttl run --help')\n", "\(line)")
        }
    }

    @Test("a mistyped option is named, with the right one")
    func mistyped() throws {
        #expect(
            try ttl("set", "key", "value", "--tll", "5m").errors
                == "ttl: Unknown option '--tll'. Did you mean '--ttl'? (see 'ttl set --help')\n")
        for line in ["unlock --foo", "unlock job --foo", "unlock job --foo --token 3"] {
            let outcome = try ttl.shell("$ttl \(line)")
            #expect(outcome.errors == "ttl: Unknown option '--foo' (see 'ttl unlock --help')\n", "\(line)")
            #expect(outcome.status == 64)
        }
        // Also where something is missing besides.
        for line in ["get --sto", "set --sto key", "lock --sto", "run --sto x -- true"] {
            let errors = try ttl.shell("$ttl \(line)").errors
            #expect(errors.hasPrefix("ttl: Unknown option '--sto'. Did you mean '--store'? (see"), "\(line)")
        }
    }

    @Test("a key or a tag that is empty or too long is a mistake of usage, also where there is no store")
    func lengths() throws {
        for (size, status) in [(0, 64), (1025, 64), (1024, 1)] {
            let name = String(repeating: "é", count: size / 2) + String(repeating: "k", count: size % 2)
            for line in [
                "get \"$N\"", "get --json \"$N\"", "take \"$N\"", "ttl \"$N\"", "rm \"$N\"", "rm a \"$N\"",
                "touch \"$N\" --never", "rm --tag \"$N\"", "set \"$N\" v --if-present",
                "set k v --if-present --tag \"$N\"",
            ] {
                let outcome = try ttl.shell("$ttl \(line)", environment: ["N": name])
                #expect(outcome.status == status, "\(line) with \(size) bytes")
                #expect(
                    outcome.errors.contains("has 1 to 1024 bytes of UTF-8, this one \(size) (see") == (status == 64))
            }
        }
        for line in ["incr ''", "incr k --tag ''", "ls --tag ''", "export --tag ''"] {
            #expect(try ttl.shell("$ttl \(line)").status == 64, "\(line)")
        }
    }

    @Test("a message of several lines is put on one")
    func oneLine() throws {
        let outcome = try ttl("--generate-completion-script", "nope")
        #expect(outcome.status == 64)
        #expect(outcome.errors.hasSuffix("with one of: zsh bash fish (see 'ttl --help')\n"))
    }

    @Test("an error of the store names the subcommand, also behind --store")
    func operations() throws {
        _ = try ttl("set", "key", "text")
        for line in ["incr key", "--store $TTL_STORE incr key", "--store=$TTL_STORE incr key"] {
            #expect(try ttl.shell("$ttl \(line)").errors == "ttl: incr: the stored value is text, not an integer\n")
        }
    }

    @Test("an argument that is not UTF-8 is refused rather than changed")
    func notUTF8() throws {
        let outcome = try ttl.shell(#"$ttl set key "$(printf '\377')""#)
        #expect(outcome.status == 64)
        #expect(try ttl("get", "key").status == 1)
    }

    @Test("a path that is not UTF-8 is named as a path, and an import takes such a file on standard input")
    func paths() throws {
        let path = ttl.folder.path + #"/$(printf '\377')"#
        let store =
            "the path after --store is not valid UTF-8; name the file by a link whose path is (see 'ttl get --help')"
        let file = "is not valid UTF-8; give the file on standard input: ttl import < FILE (see 'ttl import --help')"
        for (line, message) in [
            ("get key --store \(path)", store),
            ("--store=\(path) get key", store),
            ("import \(path)", "the file's path \(file)"),
            ("backup \(path)", "the path of the copy is not valid UTF-8, as it must be (see 'ttl backup --help')"),
        ] {
            let outcome = try ttl.shell("$ttl \(line)")
            #expect(outcome.status == 64 && outcome.errors == "ttl: \(message)\n", "\(line)")
        }
        let line = #"{"key":"k","value":1}"#
        #expect(try ttl.shell("echo '\(line)' > \(path); $ttl import < \(path)").text == "1 stored\n")
    }

    private static let canMount =
        (try? ChildProcess.run("/usr/bin/env", ["unshare", "-m", "mount", "--bind", "/tmp", "/tmp"]))?.status == 0

    @Test("what can't write to a read-only store says so, and what to look at; reading works", .enabled(if: canMount))
    func readOnly() throws {
        _ = try ttl("set", "key", "value")
        let folder = ttl.folder.path
        let mount = "mount --bind \(folder) \(folder) && mount -o remount,ro,bind \(folder)"
        for (name, arguments) in [("set", "key other"), ("rm", "key"), ("vacuum", "")] {
            let outcome = try ttl.shell("unshare -m sh -c '\(mount) && exec $ttl \(name) \(arguments)'")
            #expect(outcome.status == 2)
            #expect(
                outcome.errors == "ttl: open: the file is read-only, so 'ttl \(name)' can't write; "
                    + "check the permissions of file and folder (commands that only read work): \(ttl.store)\n")
        }
        let read = try ttl.shell("unshare -m sh -c '\(mount) && exec $ttl get key'")
        #expect(read.text == "value" && read.status == 0)
    }

    @Test("help for a subcommand that doesn't exist is the same mistake as that subcommand")
    func helpForNone() throws {
        let (help, plain) = (try ttl("help", "nosuch"), try ttl("nosuch"))
        #expect(help.status == 64 && help.output == [])
        #expect(help.errors == plain.errors && help.errors.contains("'nosuch'"))
        #expect(try ttl("help", "set").text == ttl("set", "--help").text)
        #expect(try ttl("help").text == ttl("--help").text)
    }

    @Test("an error of the store is one line on standard error and status 2")
    func storeErrors() throws {
        let foreign = ttl.folder("foreign.db")
        _ = try ChildProcess.sqlite3(foreign, "CREATE TABLE other (id INTEGER);")
        for line in [
            "--store \(ttl.folder.path) get key", "--store \(foreign) get key", "--store /etc/hosts get key",
            "--store /dev/null get key", "--store '' get key", "--store /dev/null/x set key value",
            "head -c 100 /etc/hosts > $TTL_STORE; $ttl set key value",
        ] {
            let outcome = try ttl.shell(line.hasPrefix("head") ? line : "$ttl \(line)")
            #expect(outcome.status == 2, "\(line)")
            #expect(outcome.output == [])
            #expect(outcome.errors.hasPrefix("ttl: ") && outcome.errors.split(separator: "\n").count == 1)
        }
    }

    @Test("a value that is too large is refused before it fills the memory")
    func tooLarge() throws {
        let outcome = try ttl.shell("$ttl set key </dev/zero")
        #expect(outcome.status == 2)
        #expect(outcome.errors == "ttl: standard input has more than the 16777216 bytes that a value may have\n")
        #expect(
            try ttl.shell("head -c 16777216 /dev/zero | $ttl set key && $ttl get key | wc -c").text.contains("16777216")
        )
    }

    @Test("output that can't be written is an error", .enabled(if: isLinux))
    func fullOutput() throws {
        _ = try ttl("set", "key", "value")
        let outcome = try ttl.shell("$ttl get key >/dev/full")
        #expect(outcome.status == 2)
        #expect(outcome.errors == "ttl: standard output: No space left on device\n")
    }

    @Test("no command crashes on rows that another program wrote past the constraints")
    func oddRows() throws {
        _ = try ttl("set", "key", "value")
        try ttl.sqlite3(
            """
            INSERT INTO entries (key, value, expires_at) VALUES
                (CAST(x'FF41' AS TEXT), 1.5, NULL), ('huge', CAST(x'FF' AS TEXT), 9223372036854775807),
                ('text', 'v', 'abc'), ('real', 'v', 1e300), ('null' || char(0), '', 253402300799999),
                (x'00FF', 'v', NULL), ('', 'v', NULL), ('least', 'v', -9223372036854775808), ('negative', 'v', -5);
            INSERT INTO entries (key, value, created_at, updated_at, revision) VALUES
                ('created', 'v', -9223372036854775808, 9223372036854775807, 'x'), ('mixed', 'v', 'x', 1.5, -5);
            """)
        for line in [
            "ls", "ls --long", "ls --json", "ls --expired", "ls --expired --long", "ls --expired --json", "stats",
            "stats --json", "get huge", "get huge --json", "ttl huge", "ttl huge --ms", "ttl text",
            "get created --json",
            "purge --dry-run", "purge", "ls --json",
        ] {
            let outcome = try ttl.shell("$ttl \(line)")
            #expect(outcome.status == 0, "\(line)")
            #expect(outcome.errors == "")
        }
    }

    @Test(
        "the help of every subcommand has status 0",
        arguments: [
            "", "set", "get", "take", "incr", "rm", "touch", "ttl", "ls", "purge", "stats", "demo",
        ])
    func help(subcommand: String) throws {
        let outcome = try ttl.shell("$ttl \(subcommand) --help")
        #expect(outcome.status == 0)
        #expect(outcome.text.contains("USAGE: ttl \(subcommand)"))
    }

    @Test("the version is one line")
    func version() throws {
        let outcome = try ttl("--version")
        #expect(outcome.status == 0 && outcome.errors == "")
        #expect(outcome.text.wholeMatch(of: #/ttl \d+\.\d+\.\d+\n/#) != nil)
    }
}
