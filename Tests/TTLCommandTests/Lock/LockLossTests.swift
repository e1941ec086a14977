import Foundation
import TTLTestSupport
import Testing

@Suite("Holders that are gone, and locks that are lost") struct LockLossTests {
    let ttl: CommandUnderTest

    init() throws { ttl = try CommandUnderTest() }

    /// Far enough away that no test lives to see it.
    private static let never = "4000000000000"

    @Test("where the holder was killed, the next one on the same host has the lock before the lease runs out")
    func killed() throws {
        let holder = try ttl.holder(of: "job")
        holder.kill(SIGKILL)
        holder.wait()
        _ = try ttl.query("UPDATE leases SET expires_at = \(LockLossTests.never)")
        #expect(try ttl.leases() == ["job"])
        #expect(try ttl("lock", "--who", "job").status == 1)
        #expect(try ttl("lock", "job", "--no-wait", "--", "true").status == 0)
        #expect(try ttl.leases() == [])
    }

    @Test("where a holder of several, or one that waits, was killed, its place is free at once")
    func killedAmongOthers() throws {
        let reader = try ttl.holder(of: "job", "--shared")
        let killed = try ttl.holder(of: "job", "--shared")
        let waiter = try ttl.start("lock", "job", "--", "true")
        #expect(try eventually { try ttl.leases().count == 3 })
        for process in [killed, waiter] {
            process.kill(SIGKILL)
            process.wait()
        }
        _ = try ttl.query("UPDATE leases SET expires_at = \(LockLossTests.never) WHERE name <> 'job [shared 1]'")
        #expect(try ttl("lock", "job", "--no-wait", "--shared", "--", "true").status == 0)
        #expect(try ttl("lock", "job", "--no-wait", "--", "true").status == 1)
        reader.closeInput()
        #expect(reader.wait() == 0)
        #expect(try ttl("lock", "job", "--no-wait", "--", "true").status == 0)
        #expect(try ttl.leases() == [])
    }

    @Test(
        "a holder elsewhere, or another program, has the lock until its lease runs out",
        arguments: ["process 1 on elsewhere, started 1 in 0/0, runs make", "process 1", "a person"])
    func elsewhere(owner: String) throws {
        _ = try ttl("set", "key", "value")
        let now = Int64(Date().timeIntervalSince1970 * 1000)
        try plant("job", owner: owner, until: String(now + 2000))
        #expect(try ttl("lock", "--who", "job").text.contains(owner.prefix(9)))
        let end = try ttl("lock", "job", "--", "date", "+%s%3N").text
        #expect(try #require(Int64(end.dropLast())) >= now + 2000)
        try plant("job", owner: owner, until: LockLossTests.never)
        #expect(try ttl("lock", "job", "--no-wait", "--", "true").status == 1)
        #expect(try ttl("lock", "job", "--wait", "100ms", "--", "true").status == 1)
    }

    @Test("a command whose ttl is killed does not outlive it, even if it ignores every signal", .enabled(if: isLinux))
    func orphan() throws {
        let holder = try ttl.start(
            "lock", "job", "--", "sh", "-c", "trap '' TERM HUP INT; echo $$; while :; do read x || exec sleep 600; done"
        )
        let child = try #require(Int32(holder.readLine() ?? ""))
        holder.kill(SIGKILL)
        holder.wait()
        #expect(eventually { kill(child, 0) != 0 || isZombie(child) })
    }

    @Test("a command whose lock is taken away gets SIGTERM, and the status says so")
    func takenAway() throws {
        let holder = try ttl.start(
            "lock", "job", "--", "sh", "-c", "trap 'echo got; exit 0' TERM; echo ready; while :; do sleep 0.01; done")
        #expect(holder.readLine() == "ready")
        let token = try ttl.query("SELECT id FROM leases WHERE name = 'job'").dropLast()
        #expect(try ttl("unlock", "job", "--token", token + "0").status == 1)
        #expect(try ttl("unlock", "other", "--token", String(token)).status == 1)
        #expect(try ttl("unlock", "job", "--quiet", "--token", String(token)).status == 0)
        #expect(try ttl("unlock", "job", "--token", String(token)).status == 1)
        #expect(holder.readLine() == "got")
        #expect(holder.wait() == 124)
        #expect(holder.readErrors() == "ttl: lock: the command was ended, since the lock was lost\n")
    }

    @Test("a command that ignores SIGTERM gets SIGKILL")
    func stubborn() throws {
        let holder = try ttl.start(
            "lock", "job", "--for", "100ms", "--", "sh", "-c", "trap '' TERM; echo ready; while :; do sleep 0.05; done")
        #expect(holder.readLine() == "ready")
        #expect(holder.wait() == 124)
        #expect(
            holder.readErrors()
                == "ttl: lock: the command was ended, since it has held the lock for the time of --for\n")
        #expect(try ttl.leases() == [])
    }

    @Test("the time of --for ends the command, also one that is stopped, and not one that ends before")
    func longest() throws {
        #expect(try ttl("lock", "job", "--for", "1m", "--", "sh", "-c", "exit 3").status == 3)
        #expect(try ttl("lock", "job", "--for", "50ms", "--", "sleep", "600").status == 124)
        #expect(try ttl.shell("$ttl lock job --for 300ms -- sh -c 'kill -STOP $$; sleep 600'").status == 124)
        #expect(try ttl("lock", "job", "--no-wait", "--", "true").status == 0)
    }

    @Test("a ttl that was stopped until the lease had run out notices it when it goes on")
    func stopped() throws {
        let holder = try ttl.start(
            "lock", "job", "--", "sh", "-c", "trap 'echo got; exit 0' TERM; echo ready; while :; do sleep 0.01; done")
        #expect(holder.readLine() == "ready")
        holder.kill(SIGSTOP)
        // What the clock would do.
        _ = try ttl.query("UPDATE leases SET expires_at = 1500000000000")
        #expect(try ttl("lock", "job", "--no-wait", "--", "true").status == 0)
        holder.kill(SIGCONT)
        #expect(holder.readLine() == "got")
        #expect(holder.wait() == 124)
    }

    @Test("a lock that was lost by the time the command ended is reported, and its next holder keeps it")
    func lostBefore() throws {
        let holder = try ttl.holder(of: "job")
        holder.kill(SIGSTOP)
        _ = try ttl.query("DELETE FROM leases")
        try plant("job", owner: "next", until: LockLossTests.never)
        // The command ends while its ttl is stopped.
        holder.closeInput()
        let children = "/proc/\(holder.identifier)/task/\(holder.identifier)/children"
        let child = try String(contentsOfFile: children, encoding: .utf8).split(separator: " ").compactMap { Int32($0) }
        #expect(eventually { child.allSatisfy(isZombie) })
        holder.kill(SIGCONT)
        #expect(holder.wait() == 124)
        #expect(holder.readErrors() == "ttl: lock: the lock was lost before the command had ended\n")
        #expect(try ttl.query("SELECT owner FROM leases WHERE name = 'job'") == "next\n")
    }

    @Test("a store that can't be written any more doesn't take the command's status")
    func failingRelease() throws {
        let outcome = try ttl.shell("$ttl lock job -- sh -c 'rm $TTL_STORE*; exit 7'")
        #expect(outcome.status == 7)
        #expect(outcome.errors.hasPrefix("ttl: lock: the lock stays until"))
        #expect(outcome.errors.split(separator: "\n").count == 1)
    }

    @Test("a waiter waits also as long as another process keeps the file locked")
    func lockedFile() throws {
        _ = try ttl("set", "key", "value")
        let other = try ChildProcess("/usr/bin/env", ["sqlite3", "-batch", ttl.store])
        other.send("BEGIN IMMEDIATE; SELECT 'locked';\n")
        #expect(other.readLine() == "locked")
        let waiter = try ttl.start("lock", "job", "--", "true")
        // Longer than an operation waits.
        Thread.sleep(forTimeInterval: 6)
        #expect(waiter.isRunning)
        #expect(try ttl("lock", "job", "--no-wait", "--", "true").status == 2)
        other.kill(SIGKILL)
        #expect(waiter.wait() == 0)
    }

    private func plant(_ name: String, owner: String, until expiry: String) throws {
        _ = try ttl.query(
            """
            DELETE FROM leases WHERE name = '\(name)';
            INSERT INTO leases (kind, name, owner, expires_at) VALUES ('lease', '\(name)', '\(owner)', \(expiry))
            """)
    }
}

/// Whether it has ended, and its parent has not asked yet.
private func isZombie(_ process: Int32) -> Bool {
    guard let text = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8) else { return true }
    return text.split(separator: ")").last?.hasPrefix(" Z") ?? false
}
