import Foundation
import TTLTestSupport
import Testing

@Suite("A command under a lock") struct LockTests {
    let ttl: CommandUnderTest

    init() throws { ttl = try CommandUnderTest() }

    @Test("the command gets bytes that are not UTF-8 as they are")
    func anyBytes() throws {
        let outcome = try ttl.shell(#"$ttl lock job -- printf %s "$(printf 'caf\351')""#)
        #expect(outcome.output == Array("caf".utf8) + [0xE9])
        #expect(try ttl.shell(#"$ttl lock "$(printf 'caf\351')" -- true"#).status == 64)
    }

    @Test(
        "the exit status is the command's, as a shell reports it",
        arguments: [
            ("true", 0), ("false", 1), ("sh -c 'exit 42'", 42), ("sh -c 'kill -KILL $$'", 137),
            ("sh -c 'kill -TERM $$'", 143), ("sh -c 'kill -INT $$'", 130), ("nosuchcommand", 127),
            ("./nosuchcommand", 127), ("/etc/passwd", 126), ("/", 126), ("''", 127),
        ])
    func statuses(command: String, status: Int32) throws {
        let outcome = try ttl.shell("$ttl lock job -- \(command); echo $?")
        #expect(outcome.text == "\(status)\n")
        let isUnstarted = [126, 127].contains(status)
        #expect(outcome.errors.hasPrefix("ttl: lock: the command can't be started: ") == isUnstarted)
        #expect(isUnstarted || outcome.errors == "")
        // The lock is free again.
        #expect(try ttl("lock", "job", "--no-wait", "--", "true").status == 0)
    }

    @Test("input, output and errors are the command's, byte for byte, and so are its arguments")
    func streams() throws {
        let outcome = try ttl.shell(
            #"printf 'a\000b' | $ttl lock job -- sh -c 'cat; echo "$0" "$@" >&2' 'x  y' '' --no-wait -- '*'"#)
        #expect(outcome.output == Array("a\0b".utf8))
        #expect(outcome.errors == "x  y  --no-wait -- *\n")
    }

    @Test("descriptors, the folder and the environment pass through, and the token is in the environment")
    func surroundings() throws {
        let outcome = try ttl.shell(
            """
            cd \(ttl.folder.path) && exec 5>five
            ODD=$(printf 'x\\377') TTL_LOCK_TOKEN=old $ttl lock job -- \
                sh -c 'echo five >&5; printf "$ODD $PWD $TTL_LOCK_TOKEN"; env | grep -c ^TTL_LOCK_'
            cat five
            """)
        let text = Array("x".utf8) + [0xFF] + Array(" \(ttl.folder.path) 11\nfive\n".utf8)
        #expect(outcome.output == text)
    }

    @Test("tokens rise from holder to holder, across locks")
    func tokens() throws {
        var last: Int64 = 0
        for name in ["a", "b", "a", "c"] {
            let text = try ttl("lock", name, "--", "sh", "-c", "echo $TTL_LOCK_TOKEN").text
            let token = try #require(Int64(text.dropLast()))
            #expect(token > last)
            last = token
        }
    }

    @Test("a lock that is held is not to be had, with flock's exit status or another one, and the command doesn't run")
    func conflict() throws {
        let holder = try hold("job")
        for (options, status) in [
            ("--no-wait", 1), ("--wait 20ms", 1), ("--no-wait -E 9", 9), ("--wait 20ms --conflict-exit-code 0", 0),
            ("-E 255 --no-wait --slots 3", 255), ("--no-wait --shared", 1), ("--wait 0", 1), ("--wait 0ms -E 9", 9),
        ] {
            let outcome = try ttl.shell("$ttl lock job \(options) -- echo has run; echo $?")
            #expect(outcome.text == "\(status)\n", "\(options)")
            #expect(outcome.errors == "")
        }
        #expect(try ttl("lock", "other", "--no-wait", "--", "true").status == 0)
        holder.closeInput()
        #expect(holder.wait() == 0)
        #expect(try ttl("lock", "job", "--no-wait", "--", "true").status == 0)
        #expect(try leases() == [])
    }

    @Test("without --wait it waits as long as it takes, and comes in the order of arrival")
    func waiting() throws {
        let holder = try hold("job")
        var waiters: [ChildProcess] = []
        for number in 1...3 {
            waiters.append(try ttl.start("lock", "job", "--", "sh", "-c", "echo \(number) >> \(ttl.folder("order"))"))
            #expect(try eventually { try leases().count == number + 1 })
        }
        holder.closeInput()
        for waiter in waiters { #expect(waiter.wait() == 0) }
        #expect(try ttl.shell("cat \(ttl.folder("order"))").text == "1\n2\n3\n")
        #expect(try leases() == [])
    }

    @Test("a waiter that a signal ends gives up its place", arguments: [SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1])
    func interruptedWaiter(signal: Int32) throws {
        let holder = try hold("job")
        let waiter = try ttl.start("lock", "job", "--", "echo", "has run")
        #expect(try eventually { try leases().count == 2 })
        waiter.kill(signal)
        #expect(waiter.wait() == -signal)
        #expect(waiter.readAll() == [] && waiter.readErrors() == "")
        #expect(try leases() == ["job"])
        holder.closeInput()
    }

    @Test("a signal to ttl reaches the command, which decides what becomes of it", arguments: ["TERM", "HUP", "USR1"])
    func signals(name: String) throws {
        let holder = try ttl.start(
            "lock", "job", "--", "sh", "-c",
            "trap 'echo got \(name); exit 5' \(name); echo ready; while :; do sleep 0.01; done")
        #expect(holder.readLine() == "ready")
        holder.kill(["TERM": SIGTERM, "HUP": SIGHUP][name] ?? SIGUSR1)
        #expect(holder.readLine() == "got \(name)")
        #expect(holder.wait() == 5)
        #expect(try leases() == [])
    }

    @Test("the lock is held until the command has ended, also after a signal")
    func slowEnd() throws {
        let end = ttl.folder("end")
        let holder = try ttl.start(
            "lock", "job", "--", "sh", "-c",
            "trap 'echo got' TERM; echo ready; while ! [ -e \(end) ]; do sleep 0.01; done")
        #expect(holder.readLine() == "ready")
        holder.kill(SIGTERM)
        #expect(holder.readLine() == "got")
        #expect(try ttl("lock", "job", "--no-wait", "--", "true").status == 1)
        try "".write(toFile: end, atomically: true, encoding: .utf8)
        #expect(holder.wait() == 0)
    }

    @Test(
        "a signal that the parent process has switched off stays so, also the report of a child's end",
        .enabled(if: isLinux))
    func ignored() throws {
        let ignoring = "env --ignore-signal=HUP --ignore-signal=CHLD"
        let status = try ttl.shell("\(ignoring) $ttl lock job -- grep SigIgn /proc/self/status").text
        // Bit 0 is SIGHUP, bit 16 SIGCHLD.
        let mask = try #require(UInt64(status.dropLast().split(separator: "\t").last ?? "", radix: 16))
        #expect(mask & 0x10001 == 0x10001)
        let outcome = try ttl.shell("\(ignoring) $ttl lock job -- sh -c 'kill -HUP $PPID $$; exit 3'")
        #expect(outcome.status == 3)
    }

    @Test("a store that fails is an error, and the command doesn't run")
    func storeErrors() throws {
        for line in [
            "--store /etc/hosts lock job -- echo has run", "--store /dev/null/x lock job -- echo has run",
            "--store \(ttl.folder.path) lock job -- echo has run", "--store /etc/hosts lock --who",
            "--store /etc/hosts unlock job --token 1",
        ] {
            let outcome = try ttl.shell("$ttl \(line)")
            #expect(outcome.status == 2 && outcome.output == [], "\(line)")
            #expect(outcome.errors.hasPrefix("ttl: ") && outcome.errors.split(separator: "\n").count == 1)
        }
        _ = try ttl("set", "key", "value")
        let limited = try ttl.shell(
            "ulimit -f 0; $ttl lock job -- echo has run; echo $? >&2")
        #expect(limited.output == [])
        #expect(limited.errors.hasSuffix("\n2\n"))
    }

    @Test(
        "a wrong command line is one line on standard error and status 64, and nothing runs",
        arguments: [
            "lock", "lock job", "lock job --", "lock -- echo", "lock job echo has run", "lock '' -- echo",
            "lock job --wait 5x -- echo", "lock job --wait -0 -- echo", "lock job --wait -1 -- echo",
            "lock job --for 0 -- echo", "lock job --for x -- echo", "lock job --slots 0 -- echo",
            "lock job --slots 1001 -- echo", "lock job --slots -1 -- echo", "lock job --slots 2 --shared -- echo",
            "lock job --slots 99999999999999999999 -- echo",
            "lock job --wait 1s --no-wait -- echo", "lock job -E 256 -- echo", "lock job -E -1 -- echo",
            "lock job -E x -- echo", "lock job --json -- echo", "lock 'job [shared 1]' -- echo",
            "lock 'job [2 of 3]' -- echo", "lock $(printf '%01001d' 1) -- echo", "lock --who job -- echo",
            "lock --who --no-wait", "lock --who a b", "unlock", "unlock job", "unlock job --token x",
            "unlock --token 1",
            "unlock job --token 99999999999999999999", "unlock 'job [1 of 2]' --token 1", "lock job -x -- echo",
        ])
    func usage(line: String) throws {
        let outcome = try ttl.shell("$ttl \(line)")
        #expect(outcome.status == 64)
        #expect(outcome.output == [])
        #expect(outcome.errors.hasPrefix("ttl: ") && outcome.errors.split(separator: "\n").count == 1)
        #expect(try ttl.shell("ls -A \(ttl.folder.path)").text == "")
    }

    @Test("no error message repeats a name or a command")
    func secrets() throws {
        for line in [
            "lock s3cret s3cret -- s3cret", "lock s3cret -- s3cret", "lock s3cret --wait s3cret -- s3cret",
            "unlock s3cret s3cret --token 5", "lock s3cret --slots s3cret -- x",
        ] {
            let outcome = try ttl.shell("$ttl \(line)")
            #expect(outcome.status != 0 && !outcome.errors.contains("s3cret"), "\(line)")
        }
    }

    @Test("the help of both subcommands has status 0", arguments: ["lock", "unlock"])
    func help(subcommand: String) throws {
        let outcome = try ttl(subcommand, "--help")
        #expect(outcome.status == 0 && outcome.text.contains("USAGE: ttl \(subcommand)"))
    }

    private func hold(_ name: String) throws -> ChildProcess { try ttl.holder(of: name) }

    private func leases() throws -> [String] { try ttl.leases() }
}

extension CommandUnderTest {
    /// A process that holds a lock until its input ends.
    func holder(of name: String, _ options: String...) throws -> ChildProcess {
        let holder = try start(arguments: ["lock", name] + options + ["--", "sh", "-c", "echo ready; cat"])
        guard holder.readLine() == "ready" else { throw ShellFailure(errors: holder.readErrors()) }
        return holder
    }

    /// The names of all leases in the file.
    func leases() throws -> [String] {
        let sql = "SELECT name FROM leases WHERE kind = 'lease' ORDER BY name"
        return try query(sql).split(separator: "\n").map(String.init)
    }

    /// What the `sqlite3` shell answers.
    func query(_ sql: String) throws -> String {
        let outcome = try ChildProcess.sqlite3(store, ".timeout 10000\n\(sql);")
        if outcome.status != 0 { throw ShellFailure(errors: outcome.errors) }
        return outcome.text
    }
}
