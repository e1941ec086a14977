import Foundation
import TTLTestSupport
import Testing

/// A command that counts its runs: it prints how often it has run, and ends with a status.
struct CountedCommand {
    let ttl: CommandUnderTest
    private var file: String { ttl.folder("count") }
    private var runs: String { ttl.folder("runs") }

    init() throws {
        ttl = try CommandUnderTest()
        // By a shell: a child of another test could have this process's descriptor for a moment, and a file that is
        // open for writing can't be executed.
        let script = """
            #!/bin/sh
            printf . >>'\(runs)'
            wc -c <'\(runs)'
            echo error >&2
            exit ${STATUS:-0}
            """
        _ = try ttl.shell("printf '%s\\n' \"$SCRIPT\" >'\(file)'; chmod 700 '\(file)'", environment: ["SCRIPT": script])
    }

    /// Runs `ttl run OPTIONS -- count ARGUMENTS`.
    func callAsFunction(
        _ options: String = "--ttl 5s", _ arguments: String = "", _ environment: [String: String] = [:]
    ) throws -> ChildProcess.Outcome {
        try ttl.shell("$ttl run \(options) -- '\(file)' \(arguments)", environment: environment)
    }

    /// How often it has run.
    var count: Int { (try? Data(contentsOf: URL(fileURLWithPath: runs)).count) ?? 0 }

    /// Waits until it has run that often.
    func waitForCount(_ wanted: Int) -> Bool { eventually { count >= wanted } }

    /// Makes everything that is stored older.
    func age(bySeconds seconds: Int) throws {
        try ttl.sqlite3(
            """
            UPDATE entries SET created_at = created_at - \(seconds)000, updated_at = updated_at - \(seconds)000,
                expires_at = expires_at - \(seconds)000;
            """)
    }
}

/// Waits up to a minute.
func eventually(_ condition: () throws -> Bool) rethrows -> Bool {
    for _ in 0..<6000 {
        if try condition() { return true }
        usleep(10_000)
    }
    return false
}

@Suite("ttl run replays a command") struct RunTests {
    let count: CountedCommand

    init() throws { count = try CountedCommand() }

    @Test("output, errors and status are replayed", arguments: [0, 14])
    func cached(status: Int) throws {
        for _ in 0..<3 {
            let outcome = try count("--ttl 5m", "", ["STATUS": "\(status)"])
            #expect(outcome.text == "1\n")
            #expect(outcome.errors == "error\n")
            #expect(outcome.status == status)
        }
    }

    @Test("a run is replayed until it expires, and the ttl of the look-up bounds its age as well")
    func expiry() throws {
        #expect(try count("--ttl 1m").text == "1\n")
        try count.age(bySeconds: 10)
        #expect(try count("--ttl 1m").text == "1\n")
        #expect(try count("--ttl 1h").text == "1\n")
        try count.age(bySeconds: 120)
        #expect(try count("--ttl 1h").text == "2\n")
        try count.age(bySeconds: 15)
        #expect(try count("", "", ["TTL_RUN_TTL": "10s"]).text == "3\n")
        // Stored with 10 s: it is gone after that, whatever is asked for.
        try count.age(bySeconds: 11)
        #expect(try count("--ttl 1h").text == "4\n")
    }

    @Test("two runs with different ttl expire apart")
    func apart() throws {
        _ = try (count("--ttl 10s", "a"), count("--ttl 20s", "b"))
        try count.age(bySeconds: 15)
        #expect(try count("--ttl 10s", "a").text == "3\n")
        #expect(try count("--ttl 20s", "b").text == "2\n")
    }

    @Test("arguments are apart, however they are cut")
    func arguments() throws {
        #expect(
            try ["", "'A B'", "A B", "'' AB"].map { try count("--ttl 5m", $0).text } == ["1\n", "2\n", "3\n", "4\n"])
        #expect(try count("--ttl 5m", "A B").text == "3\n")
    }

    @Test("the command, its arguments and its folder may hold bytes that are not UTF-8, and all of them count")
    func anyBytes() throws {
        let script = #"""
            cd "${TTL_STORE%/*}"
            a=$(printf 'caf\351') b=$(printf 'caf\350')
            for word in "$a" "$b" "$a"; do "$ttl" run --ttl 5m -- printf '%s\n' "$word" -- "$word"; done
            for word in "$a" "$b"; do
                printf '#!/bin/sh\necho $1; pwd' >"$word"; chmod 700 "$word"; mkdir "in $word"
                PATH=. "$ttl" run --ttl 5m -- "$word" 1; "$ttl" run --ttl 5m -- "./$word" 2
                (cd "in $word" && "$ttl" run --ttl 5m --cwd -- sh -c 'echo "${PWD##*/}"')
            done
            "$ttl" run --ttl 5m --warm -- sh -c 'printf %s "$1" >warm' sh "$a"
            "$ttl" run --ttl 5m -- ./none"$a"
            """#
        let outcome = try count.ttl.shell(script)
        let (a, b): ([UInt8], [UInt8]) = (Array("caf".utf8) + [0xE9], Array("caf".utf8) + [0xE8])
        let folder = Array("\(count.ttl.folder.path)\n".utf8)
        let words = { (word: [UInt8]) in word + Array("\n--\n".utf8) + word + [0x0A] }
        let program = { (word: [UInt8]) in
            Array("1\n".utf8) + folder + Array("2\n".utf8) + folder + Array("in ".utf8) + word + [0x0A]
        }
        #expect(outcome.output == words(a) + words(b) + words(a) + program(a) + program(b))
        #expect(outcome.errors == "ttl: run: ./nonecaf\u{FFFD}: no such command\n")
        #expect(
            eventually { (try? Array(Data(contentsOf: URL(fileURLWithPath: count.ttl.folder("warm"))))) == a })
    }

    @Test("with --cwd each folder has its own run")
    func workingFolder() throws {
        let shell = { (folder: String, option: String) throws in
            try count.ttl.shell("cd '\(folder)' && $ttl run --ttl 5m \(option) -- pwd").text
        }
        let folder = count.ttl.folder.path
        #expect(try shell("/", "") == "/\n")
        #expect(try shell(folder, "") == "/\n")
        #expect(try shell(folder, "--cwd") == folder + "\n")
        #expect(try shell("/", "--cwd") == "/\n")
    }

    @Test("of the environment the named variables count, and unset differs from empty")
    func environment() throws {
        let options = "--ttl 5m --env FOO --env BAR"
        #expect(try count(options).text == "1\n")
        #expect(try count(options, "", ["FOO": ""]).text == "2\n")
        #expect(try count(options, "", ["FOO": "1"]).text == "3\n")
        #expect(try count(options, "", ["BAR": "1"]).text == "4\n")
        #expect(try count(options, "", ["FOO": "1", "BAZ": "1"]).text == "3\n")
        #expect(try count(options).text == "1\n")
    }

    @Test("a file counts by its time with --modtime, and by its content with --input; then no ttl is needed")
    func files() throws {
        let (file, path) = (count.ttl.folder("input"), URL(fileURLWithPath: count.ttl.folder("input")))
        let both = { () throws in [try count("--modtime '\(file)'").text, try count("--input '\(file)'").text] }
        #expect(try both() == ["1\n", "2\n"])
        try Data("one".utf8).write(to: path)
        #expect(try both() == ["3\n", "4\n"])
        #expect(try both() == ["3\n", "4\n"])
        try FileManager.default.setAttributes([.modificationDate: Date(timeIntervalSince1970: 5)], ofItemAtPath: file)
        #expect(try both() == ["5\n", "4\n"])
        try Data("two".utf8).write(to: path)
        try FileManager.default.setAttributes([.modificationDate: Date(timeIntervalSince1970: 5)], ofItemAtPath: file)
        #expect(try both() == ["5\n", "6\n"])
    }

    @Test("with --stdin the input counts, and the command gets it whole")
    func standardInput() throws {
        let run = { (text: String) throws in
            try count.ttl.shell("printf '\(text)' | $ttl run --stdin -- sh -c 'od -An -c; printf . >&2'")
        }
        let first = try run(#"a\0b"#)
        #expect(first.text.split(whereSeparator: { $0.isWhitespace }) == ["a", "\\0", "b"])
        #expect(try run("other").text.contains("o   t   h"))
        #expect(try run(#"a\0b"#).output == first.output)
    }

    @Test("a changed program is another one")
    func upgrade() throws {
        _ = try count("--ttl 5m")
        try FileManager.default.setAttributes(
            [.modificationDate: Date(timeIntervalSince1970: 5)], ofItemAtPath: count.ttl.folder("count"))
        #expect(try count("--ttl 5m").text == "2\n")
    }

    @Test("scopes are apart, by option or by variable")
    func scopes() throws {
        #expect(try count("--ttl 5m").text == "1\n")
        #expect(try count("--ttl 5m --scope a/b:c").text == "2\n")
        #expect(try count("--ttl 5m", "", ["TTL_RUN_SCOPE": "a/b:c"]).text == "2\n")
    }

    @Test("an own key stands for program and arguments")
    func ownKey() throws {
        #expect(try count("--ttl 5m --key mine", "x").text == "1\n")
        #expect(try count("--ttl 5m --key mine", "y").text == "1\n")
        #expect(try count("--ttl 5m --key other", "y").text == "2\n")
    }

    @Test("with --discard-failures none is stored, and none that was stored without it is replayed")
    func failures() throws {
        #expect(try count("--ttl 5m --discard-failures", "", ["STATUS": "1"]).text == "1\n")
        #expect(try count("--ttl 5m --discard-failures", "", ["STATUS": "1"]).status == 1)
        #expect(try count("--ttl 5m", "", ["STATUS": "14"]).text == "3\n")
        #expect(try count("--ttl 5m --discard-failures").text == "4\n")
        #expect(try count("--ttl 5m --discard-failures", "", ["STATUS": "1"]).text == "4\n")
        #expect(try count("--ttl 5m").status == 14)
    }

    @Test("--force runs it anew and stores that")
    func force() throws {
        #expect(try ["", "", "--force", ""].map { try count("--ttl 5m \($0)").text } == ["1\n", "1\n", "2\n", "2\n"])
    }

    @Test("TTL_RUN=off looks nothing up and stores nothing")
    func off() throws {
        #expect(try count("--ttl 5m", "", ["TTL_RUN": "off"]).text == "1\n")
        #expect(try count("--ttl 5m").text == "2\n")
        #expect(try count("--ttl 5m", "", ["TTL_RUN": "off"]).text == "3\n")
    }

    @Test("--status tells what is stored, and --forget removes it")
    func statusAndForget() throws {
        #expect(try count("--ttl 5m --status").text == "not stored\n")
        #expect(try count("--ttl 5m --status").status == 1)
        #expect(try count("--ttl 5m --forget").status == 1)
        _ = try (count("--ttl 5m"), count("--ttl 5m", "b"), count("--ttl 5m --scope s", "c"))
        try count.age(bySeconds: 61)
        #expect(
            try count("--ttl 5m --status").text.wholeMatch(of: /stored 1m[0-9]+s ago, 3m5\ds left, exit status 0\n/)
                != nil)
        #expect(try count("--ttl 62m --stale 1m --status --json").text.contains(#""stale":true"#))
        #expect(try count("--forget").text == "1\n")
        #expect(try count("--ttl 5m").text == "4\n")
        #expect(try count("--forget --all --scope s").text == "1\n")
        #expect(try count("--forget --all").text == "2\n")
        _ = try (count("--ttl 5m"), count("--ttl 5m --scope s"))
        #expect(try count.ttl.shell("$ttl run --forget --scope s").text == "1\n")
        #expect(try count.ttl.shell("$ttl run --forget --all").text == "1\n")
    }

    @Test(
        "--forget removes also what a failure that is not stored has left for those who wait, and does not count it",
        arguments: ["--discard-failures", "--all", "--discard-failures --scope s", "--all --scope s"])
    func forgetUnstored(options: String) throws {
        let scope = options.hasSuffix("--scope s") ? "--scope s" : ""
        _ = try count("--ttl 5m --discard-failures \(scope)", "", ["STATUS": "1"])
        #expect(try count.ttl.shell("$ttl ls").text.hasPrefix("ttl.run.unstored:count:"))
        let outcome = try count("--forget \(options)")
        #expect(outcome.text == "0\n")
        #expect(outcome.status == 1)
        #expect(try count.ttl.shell("$ttl ls").text == "")
    }

    @Test("--forget in one scope keeps what is left in another one")
    func forgetUnstoredElsewhere() throws {
        _ = try count("--ttl 5m --discard-failures --scope other", "", ["STATUS": "1"])
        _ = try count("--forget --all --scope s")
        #expect(try count.ttl.shell("$ttl ls --tag ttl.run.unstored:other").text.hasPrefix("ttl.run.unstored:count:"))
    }

    @Test("what is stored is JSON that a shell can read")
    func shellView() throws {
        _ = try count("--ttl 5m", "argument")
        let row = try ChildProcess.sqlite3(
            count.ttl.store,
            "SELECT key, value->>'$.command[1]', value->>'$.status', value->>'$.output[0].out' FROM live;")
        #expect(row.text.wholeMatch(of: /ttl.run:count:[0-9a-f]{32}\|argument\|0\|1\n\n/) != nil)
    }

    @Test("a stored value that was changed to something else is no run")
    func spoiled() throws {
        _ = try count("--ttl 5m")
        for value in [
            "'nonsense'", "'{}'", "x'00ff'", #"'{"command":[],"output":[{"out":"a","err":"b"}],"status":0}'"#,
        ] {
            try count.ttl.sqlite3("UPDATE entries SET value = \(value);")
            let before = count.count
            #expect(try count("--ttl 5m").text == "\(before + 1)\n")
        }
    }
}
