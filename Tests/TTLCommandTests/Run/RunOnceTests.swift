import Foundation
import TTLTestSupport
import Testing

@Suite("ttl run from many processes", .enabled(if: isLinux)) struct RunOnceTests {
    let count: CountedCommand
    let gate: GatedCommand
    var ttl: CommandUnderTest { count.ttl }

    init() throws {
        count = try CountedCommand()
        gate = GatedCommand(ttl: count.ttl)
    }

    @Test("of processes that ask at the same time, one runs the command", arguments: [2, 8, 64])
    func once(processes: Int) throws {
        let children = try (0..<processes).map { _ in try gate.start() }
        #expect(eventually { gate.runs() == 1 })
        try gate.open()
        let outputs = Set(children.map { String(decoding: $0.readAll(), as: UTF8.self) })
        #expect(children.allSatisfy { $0.wait() == 0 })
        #expect(outputs.count == 1)
        #expect(outputs.first?.hasSuffix("done\n") == true)
        #expect(gate.runs() == 1)
    }

    @Test("a runner that is killed frees the others at once, takes its command with it, and leaves nothing half-done")
    func killed() throws {
        let runner = try gate.start()
        let command = try #require(runner.readLine().flatMap { Int32($0) })
        let waiter = try gate.start()
        runner.kill(SIGKILL)
        runner.wait()
        // The waiter runs the command now.
        let second = try #require(waiter.readLine().flatMap { Int32($0) })
        #expect(second != command)
        #expect(eventually { kill(command, 0) != 0 })
        try gate.open()
        #expect(waiter.readLine() == "done")
        #expect(waiter.wait() == 0)
        #expect(gate.runs() == 2)
        #expect(
            try ttl.shell("$ttl run --ttl 5m -- sh -c \"$S\"", environment: ["S": gate.script("gate")]).text
                == "\(second)\ndone\n")
    }

    @Test("a reader that is slow to take the output keeps nobody waiting who asks for the same run")
    func slowReader() throws {
        let options = ["run", "--ttl", "5m", "--", "sh", "-c", "head -c 1000000 /dev/zero; echo >&2 end"]
        // More than a pipe holds, and nobody reads it yet.
        let runner = try ttl.start(arguments: options)
        #expect(eventually { runner.unreadErrors > 0 })
        #expect(try ttl.start(arguments: options).readAll().count == 1_000_000)
        #expect(runner.isRunning)
        #expect(runner.readAll().count == 1_000_000)
        #expect(runner.wait() == 0)
    }

    @Test("a forced run waits for no other one")
    func forced() throws {
        let first = try gate.start()
        #expect(first.readLine() != nil)
        let second = try gate.start(options: ["--force"])
        #expect(second.readLine() != nil)
        #expect(gate.runs() == 2)
        try gate.open()
        #expect(first.wait() == 0 && second.wait() == 0)
    }

    @Test("a command that asks for the run of which it is a part gets an error")
    func recursion() throws {
        let run = "$ttl run --ttl 5m"
        let outcome = try ttl.shell("\(run) --key a -- \(run) --key b -- \(run) --key a -- true")
        #expect(outcome.status == 2)
        let message = "run: true asks for the run of which it is a part; call it by another path there"
        #expect(outcome.errors == "ttl: \(message)\n")
        #expect(try ttl.shell("\(run) --key c -- \(run) -- echo c").text == "c\n")
    }

    @Test("a signal that no terminal has sent is passed on to the command")
    func interrupt() throws {
        let child = try gate.start()
        let command = try #require(child.readLine().flatMap { Int32($0) })
        child.kill(SIGINT)
        #expect(child.wait() == -SIGINT)
        #expect(eventually { kill(command, 0) != 0 })
    }

    @Test("a holder on another host is waited for until its lease has run out, and a dead one on this host is not")
    func holders() throws {
        _ = try count("--ttl 5m")
        let host = ProcessInfo.processInfo.hostName
        let space = try #require(try ownSpace())
        // No process has the number of the second one.
        for (owner, isWaitedFor) in [("process 1 on elsewhere", true), ("process 999999999 on \(host)", false)] {
            try ttl.sqlite3(
                """
                INSERT INTO leases (kind, name, owner, expires_at)
                SELECT 'lease', key, '\(owner), started 5 in \(space)', (unixepoch() + \(isWaitedFor ? 4 : 600)) * 1000
                FROM entries WHERE key LIKE 'ttl.run:count:%';
                DELETE FROM entries;
                """)
            let before = count.count
            let running = isWaitedFor ? ", being run by \(owner), started 5 in \(space)" : ""
            #expect(try count("--ttl 5m --status").text == "not stored\(running)\n")
            #expect(try count("--ttl 5m").text == "\(before + 1)\n")
        }
    }

    /// The boot and the namespace that this process's children write into their leases.
    private func ownSpace() throws -> String? {
        let runner = try gate.start("space")
        _ = runner.readLine()
        let owner = try ChildProcess.sqlite3(ttl.store, "SELECT owner FROM leases WHERE kind = 'lease';").text
        try gate.open("space")
        runner.wait()
        return owner.split(whereSeparator: { $0.isWhitespace }).last.map(String.init)
    }

    @Test(
        "a signal is passed on, the run is not stored, and the process ends by the signal",
        arguments: [SIGTERM, SIGHUP])
    func interrupted(signal: Int32) throws {
        let runner = try gate.start()
        let command = try #require(runner.readLine().flatMap { Int32($0) })
        runner.kill(signal)
        #expect(runner.wait() == -signal)
        #expect(kill(command, 0) != 0)
        #expect(try ttl.shell("$ttl ls").text == "")
        try gate.open()
        // The lease is free.
        #expect(try ttl.shell("$ttl run --ttl 5m -- sh -c \"$S\"", environment: ["S": gate.script("gate")]).status == 0)
    }

    @Test("a waiter that is told to end does so at once")
    func waiterEnds() throws {
        let runner = try gate.start()
        _ = runner.readLine()
        let waiter = try gate.start()
        usleep(200_000)
        waiter.kill(SIGTERM)
        #expect(waiter.wait() == -SIGTERM)
        try gate.open()
        #expect(runner.wait() == 0)
    }

    @Test("a stale run is replayed at once, and made anew once in the background, with nothing on standard input")
    func stale() throws {
        #expect(try count("--ttl 20s").text == "1\n")
        try count.age(bySeconds: 15)
        for _ in 0..<5 { #expect(try count("--ttl 20s --stale 10s").text == "1\n" || count.count > 1) }
        #expect(count.waitForCount(2))
        #expect(try eventually { try count("--ttl 20s --stale 10s").text == "2\n" })
        #expect(count.count == 2)
    }

    @Test("a refresh that fails with --discard-failures leaves the stale run")
    func staleFailure() throws {
        #expect(try count("--ttl 20s --discard-failures").text == "1\n")
        try count.age(bySeconds: 15)
        let again = { try count("--ttl 20s --stale 10s --discard-failures", "", ["STATUS": "1"]) }
        #expect(try again().text == "1\n")
        #expect(count.waitForCount(2))
        #expect(try again().text == "1\n")
        #expect(try again().status == 0)
    }

    @Test("--warm returns at once, prints nothing, and the next call replays")
    func warm() throws {
        let warm = try gate.start(options: ["--warm"])
        #expect(warm.readAll() == [])
        #expect(warm.wait() == 0)
        #expect(eventually { gate.runs() == 1 })
        let reader = try gate.start()
        try gate.open()
        #expect(reader.readLine() != nil)
        #expect(reader.readLine() == "done")
        #expect(reader.wait() == 0)
        #expect(gate.runs() == 1)
        // Also where one is stored.
        _ = try gate.start(options: ["--warm"]).wait()
        #expect(eventually { gate.runs() == 2 })
    }
}
