import Foundation
import TTLTestSupport
import Testing

@Suite("ttl run and ttl lock beside a process that keeps the file locked", .enabled(if: isLinux)) struct LockedFileTests
{
    let ttl: CommandUnderTest

    init() throws {
        ttl = try CommandUnderTest()
        _ = try ttl("set", "key", "value")
    }

    /// A `sqlite3` shell within a transaction.
    /// - Parameter mode: of locking; `exclusive` keeps readers out as well.
    private func openTransaction(_ mode: String = "normal") throws -> ChildProcess {
        let shell = try ChildProcess("/usr/bin/env", ["sqlite3", "-batch", ttl.store])
        shell.send("PRAGMA locking_mode = \(mode); BEGIN IMMEDIATE; SELECT 'locked';\n")
        #expect(shell.readLine() == mode)
        #expect(shell.readLine() == "locked")
        return shell
    }

    private static let commands = [["lock", "job", "--", "true"], ["run", "--ttl", "5m", "--", "true"]]

    @Test("answer a signal sooner than an ordinary operation gives up that began earlier", arguments: commands)
    func signal(command: [String]) throws {
        let transaction = try openTransaction()
        let ordinary = try ttl.start("set", "key", "other")
        #expect(ordinary.hasBegunToWait())
        let child = try ttl.start(arguments: command)
        #expect(child.hasBegunToWait())
        child.kill(SIGTERM)
        #expect(child.wait() == -SIGTERM)
        #expect(ordinary.isRunning)
        transaction.kill(SIGKILL)
        #expect(ordinary.wait() == 0)
    }

    @Test("answer a signal as soon where the file can't even be read", arguments: commands)
    func exclusive(command: [String]) throws {
        let transaction = try openTransaction("exclusive")
        let ordinary = try ttl.start("get", "key")
        #expect(ordinary.hasBegunToWait(file: ".db"))
        let child = try ttl.start(arguments: command)
        #expect(child.hasBegunToWait(file: ".db"))
        child.kill(SIGTERM)
        #expect(child.wait() == -SIGTERM)
        #expect(ordinary.isRunning)
        transaction.kill(SIGKILL)
        #expect(ordinary.wait() == 0)
    }

    @Test("a wait for a lock ends with its time, sooner than an ordinary operation gives up that began earlier")
    func limit() throws {
        let transaction = try openTransaction()
        let ordinary = try ttl.start("set", "key", "other")
        #expect(ordinary.hasBegunToWait())
        #expect(try ttl("lock", "job", "--wait", "20ms", "--", "true").status == 1)
        #expect(ordinary.isRunning)
        transaction.kill(SIGKILL)
        #expect(ordinary.wait() == 0)
    }

    @Test(
        "a lock is refused in its time where the file can't be read, sooner than an ordinary operation gives up",
        arguments: [["--no-wait"], ["--wait", "20ms"], ["--no-wait", "-E", "75"]])
    func limitOfOpening(options: [String]) throws {
        let transaction = try openTransaction("exclusive")
        let ordinary = try ttl.start("get", "key")
        #expect(ordinary.hasBegunToWait(file: ".db"))
        let child = try ttl.start(arguments: ["lock", "job"] + options + ["--", "echo", "held"])
        #expect(child.wait() == (options.contains("-E") ? 75 : 1))
        #expect(ordinary.isRunning)
        #expect(child.readAll() == [])
        let errors = child.readErrors()
        #expect(errors.hasPrefix("ttl: lock: not had in time, since the store's file is locked: "))
        #expect(errors.filter(\.isNewline).count == 1)
        transaction.kill(SIGKILL)
        #expect(ordinary.wait() == 0)
    }

    @Test("a lock without a limit is waited for longer than an ordinary operation, where the file can't be read")
    func patience() throws {
        let transaction = try openTransaction("exclusive")
        let child = try ttl.start("lock", "job", "--", "echo", "held")
        #expect(child.hasBegunToWait(file: ".db"))
        #expect(try ttl("get", "key").status == 2)
        transaction.kill(SIGKILL)
        #expect(child.wait() == 0)
        #expect(child.readErrors() == "")
    }

    @Test("a command runs without the store where the file can't be read, sooner than an ordinary operation gives up")
    func runBeside() throws {
        let transaction = try openTransaction("exclusive")
        let ordinary = try ttl.start("get", "key")
        #expect(ordinary.hasBegunToWait(file: ".db"))
        let outcome = try ttl("run", "--ttl", "5m", "--", "echo", "done")
        #expect(ordinary.isRunning)
        #expect(outcome.text == "done\n")
        #expect(outcome.status == 0)
        #expect(outcome.errors.hasSuffix("; it runs without being stored\n"))
        #expect(outcome.errors.filter(\.isNewline).count == 1)
        transaction.kill(SIGKILL)
        #expect(ordinary.wait() == 0)
    }

    @Test("go on when the file is free", arguments: commands + [["lock", "job", "--no-wait", "--", "true"]])
    func later(command: [String]) throws {
        let transaction = try openTransaction()
        let child = try ttl.start(arguments: command)
        // Longer than one try.
        #expect(child.hasBegunToWait(sleeps: 300))
        transaction.kill(SIGKILL)
        #expect(child.wait() == 0)
        #expect(child.readErrors() == "")
    }

    @Test("a lock is given back when the file is free, where it was locked as the command ended")
    func release() throws {
        let holder = try ttl.holder(of: "job")
        let transaction = try openTransaction()
        holder.closeInput()
        #expect(holder.hasBegunToWait(sleeps: 300))
        transaction.kill(SIGKILL)
        #expect(holder.wait() == 0)
        #expect(holder.readErrors() == "")
        #expect(try ttl.leases() == [])
    }

    @Test("a run is stored when the file is free, where it was locked as the command ended")
    func store() throws {
        let gate = GatedCommand(ttl: ttl)
        let runner = try gate.start()
        let command = try #require(runner.readLine())
        let transaction = try openTransaction()
        try gate.open()
        #expect(runner.readLine() == "done")
        #expect(runner.hasBegunToWait(sleeps: 300))
        transaction.kill(SIGKILL)
        #expect(runner.wait() == 0)
        #expect(runner.readErrors() == "")
        #expect(try gate.start().readLine() == command)
    }
}
