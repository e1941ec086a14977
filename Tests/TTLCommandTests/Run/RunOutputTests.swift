import Foundation
import TTLTestSupport
import Testing

@Suite("What ttl run prints, and how it ends", .enabled(if: isLinux)) struct RunOutputTests {
    let ttl: CommandUnderTest

    init() throws { ttl = try CommandUnderTest() }

    @Test("output comes while the command runs, and is replayed in the order in which it came")
    func streaming() throws {
        let gate = ttl.folder("gate")
        let script = "echo one; while ! test -e '\(gate)'; do sleep 0.02; done; echo two >&2; sleep 0.2; echo three"
        let child = try ttl.start("run", "--ttl", "5m", "--", "sh", "-c", script)
        #expect(child.readLine() == "one")
        try Data().write(to: URL(fileURLWithPath: gate))
        #expect(child.readLine() == "three")
        #expect(child.wait() == 0)
        let replay = try ttl.shell("$ttl run --ttl 5m -- sh -c \"$SCRIPT\" 2>&1", environment: ["SCRIPT": script])
        #expect(replay.text == "one\ntwo\nthree\n")
    }

    @Test("bytes are exact: all of them, 100 KiB on each stream, and none")
    func bytes() throws {
        let all = #"i=0; while [ $i -lt 256 ]; do printf "\\$(printf %03o $i)"; i=$((i + 1)); done"#
        for script in [all, "head -c 102400 /dev/zero; head -c 102400 /dev/zero | tr '\\0' x >&2", "true"] {
            let line = """
                cd "$TMPDIR"; sh -c "$S" >out 2>err
                for n in 1 2; do
                    $ttl run --ttl 5m -- sh -c "$S" >out$n 2>err$n || exit
                    cmp out out$n && cmp err err$n || exit
                done
                """
            let outcome = try ttl.shell(line, environment: ["S": script])
            #expect((outcome.status, outcome.text, outcome.errors) == (0, "", ""))
        }
    }

    @Test("a reader that leaves early ends neither the command nor what is stored")
    func readerLeaves() throws {
        let line = "$ttl run --ttl 5m -- sh -c 'head -c 1000000 /dev/zero; echo end >&2; exit 3'"
        let outcome = try ttl.shell("\(line) | head -c 10 | wc -c")
        #expect(outcome.text.trimmingCharacters(in: .whitespaces) == "10\n")
        #expect(outcome.errors == "end\n")
        let replay = try ttl.shell("\(line) 2>/dev/null | wc -c; $ttl run --ttl 1h --status -- true || true")
        #expect(replay.text.contains("1000000\n"))
        #expect(try ttl.shell("\(line) >/dev/null").status == 3)
    }

    @Test(
        "a reader that leaves early ends a command whose output is not stored",
        arguments: ["$ttl run --ttl 5m --max-size 1", "TTL_RUN=off $ttl run --ttl 5m"])
    func readerLeavesForGood(run: String) throws {
        let run = run.replacing("$ttl", with: "timeout 100 $ttl")
        let outcome = try ttl.shell("(\(run) -- yes 2>\"$TMPDIR/err\"; echo $? >&2) | head -n 1")
        #expect(outcome.text == "y\n")
        #expect(outcome.errors == "141\n")
    }

    @Test("a full standard output is an error, and the run is stored")
    func full() throws {
        let outcome = try ttl.shell("$ttl run --ttl 5m -- echo text >/dev/full")
        #expect(outcome.status == 2)
        #expect(outcome.errors == "ttl: run: standard output: No space left on device\n")
        #expect(try ttl.shell("$ttl run --ttl 5m --status -- echo text").status == 0)
    }

    @Test("too much output is passed on and not stored, and a line says so")
    func tooLarge() throws {
        for _ in 0..<2 {
            let outcome = try ttl.shell("$ttl run --ttl 5m --max-size 1k -- head -c 1025 /dev/zero")
            #expect(outcome.output.count == 1025)
            #expect(
                outcome.errors
                    == "ttl: run: the output has more than 1024 bytes, and is not stored (see --max-size)\n")
            #expect(outcome.status == 0)
        }
        #expect(try ttl.shell("$ttl run --ttl 5m --max-size 1k -- head -c 1024 /dev/zero").errors == "")
    }

    @Test("with --max-size 16M, output that is not text is stored if its JSON has no more than that")
    func longerAsJSON() throws {
        let run = { (size: Int) in "$ttl run --ttl 5m --max-size 16M -- head -c \(size) /dev/zero" }
        #expect(try ttl.shell("\(run(12_500_000)) | wc -c").errors == "")
        #expect(try ttl.shell("$ttl run --status -- head -c 12500000 /dev/zero").status == 0)
        let outcome = try ttl.shell("\(run(12_600_000)) | wc -c")
        #expect(outcome.text == "12600000\n")
        let reason = "as JSON, which is a third longer where the output is not text, it has more than 16 MiB"
        #expect(outcome.errors == "ttl: run: the output is not stored: \(reason)\n")
    }

    @Test("a command that a signal ends gives 128 and its number, and is not stored")
    func signalled() throws {
        #expect(try ttl.shell("$ttl run --ttl 5m -- sh -c 'echo half; kill -9 $$'").status == 137)
        #expect(try ttl.shell("$ttl run --ttl 5m --status -- sh -c 'echo half; kill -9 $$'").status == 1)
    }

    @Test("a command that can't be started gives 127 or 126, with one line")
    func unstartable() throws {
        let missing = try ttl.shell("$ttl run --ttl 5m -- no-such-command")
        #expect((missing.status, missing.errors) == (127, "ttl: run: no-such-command: no such command\n"))
        let folder = try ttl.shell("$ttl run --ttl 5m -- /tmp")
        #expect((folder.status, folder.errors) == (126, "ttl: run: /tmp: Permission denied\n"))
        #expect(try ttl.shell("$ttl run --ttl 5m --warm -- no-such-command").status == 127)
        #expect(try ttl.shell("$ttl ls").text == "")
    }

    @Test("a script whose interpreter is missing is not called a missing command")
    func missingInterpreter() throws {
        let script = "printf '#!/no/such/interpreter\n' >\"$TMPDIR/script\"; chmod 700 \"$TMPDIR/script\""
        let path = ttl.folder("script")
        let outcome = try ttl.shell("\(script); $ttl run --ttl 5m -- '\(path)'")
        let reason = "the interpreter that the file asks for is missing"
        #expect((outcome.status, outcome.errors) == (127, "ttl: run: \(path): \(reason)\n"))
        let locked = try ttl.shell("$ttl lock name -- '\(path)'")
        #expect((locked.status, locked.errors) == (127, "ttl: lock: the command can't be started: \(reason)\n"))
    }

    @Test("what is wrong with a path is told with the path, or with the option where the path is not UTF-8")
    func paths() throws {
        let folder = try ttl.shell("$ttl run --input /tmp -- true")
        #expect((folder.status, folder.errors) == (2, "ttl: run: --input: /tmp: Is a directory\n"))
        for option in ["--input", "--modtime", "--store"] {
            for separator in [" ", "="] {
                let outcome = try ttl.shell("$ttl run --ttl 1m \(option)\(separator)$(printf '\\377') -- true")
                #expect(outcome.status == 64)
                #expect(outcome.errors.hasPrefix("ttl: the path after \(option) is not valid UTF-8; name the file by "))
            }
        }
        let key = try ttl.shell("$ttl run --ttl 1m --key $(printf '\\377') -- true")
        #expect(key.errors.hasPrefix("ttl: an argument is not valid UTF-8; only what follows '--' may be so "))
        #expect(try ttl.shell("$ttl set k $(printf '\\377')").errors.contains("on standard input"))
    }

    @Test("a script without a #! line is run by sh, as a shell would")
    func withoutInterpreter() throws {
        let outcome = try ttl.shell(
            "cd \"$TMPDIR\"; echo 'echo $1' >plain; chmod +x plain; $ttl run --ttl 5m -- ./plain x")
        #expect((outcome.text, outcome.status) == ("x\n", 0))
    }

    @Test(
        "a store that can't be used is one line, and the command runs all the same",
        arguments: ["/dev/null/store.db", "/etc/passwd"])
    func brokenStore(path: String) throws {
        let outcome = try ttl.shell("$ttl run --store \(path) --ttl 5m -- sh -c 'echo text; exit 7'")
        #expect((outcome.text, outcome.status) == ("text\n", 7))
        #expect(outcome.errors.hasPrefix("ttl: run: ") && outcome.errors.split(separator: "\n").count == 1)
        #expect(outcome.errors.hasSuffix("it runs without being stored\n"))
    }

    @Test("a command that succeeds prints nothing of its own")
    func silent() throws {
        for _ in 0..<2 {
            let outcome = try ttl.shell("$ttl run --ttl 5m -- true")
            #expect((outcome.text, outcome.errors, outcome.status) == ("", "", 0))
        }
    }

    @Test(
        "a wrong command line is one line and status 64, and nothing runs",
        arguments: [
            "-- touch ran", "--ttl 5m", "--ttl 0s -- touch ran", "--ttl x -- touch ran", "--ttl 5m touch ran",
            "--ttl 1m --stale 1m -- touch ran", "--ttl 1m --force --warm -- touch ran", "--ttl 1m --all -- touch ran",
            "--ttl 1m --max-size 0 -- touch ran", "--ttl 1m --max-size 17M -- touch ran",
            "--ttl 1m --max-size 99999999999999999999k -- touch ran", "--ttl 1m --env A=B -- touch ran",
            "--ttl 1m --scope '' -- touch ran", "--ttl 1m --key '' -- touch ran", "--ttl 1m -- ''", "--forget",
            "--ttl 1m --stale 10s --warm -- touch ran", "--ttl 9999999999999w -- touch ran",
            "--forget --all --key k", "--forget --all --cwd", "--forget --all --env A -- touch ran",
            "--forget --all --discard-failures", "--forget --scope s --input f", "--forget --all --stdin",
            "--status", "--status --scope s", "--ttl 1m --key k", "--ttl 1m --quiet -- touch ran",
        ])
    func usage(line: String) throws {
        let outcome = try ttl.shell("cd '\(ttl.folder.path)'; $ttl run \(line)")
        #expect(outcome.status == 64)
        #expect(outcome.errors.hasPrefix("ttl: ") && outcome.errors.split(separator: "\n").count == 1)
        #expect(!FileManager.default.fileExists(atPath: ttl.folder("ran")))
        #expect(!FileManager.default.fileExists(atPath: ttl.store))
    }
}
