import Foundation
import TTLTestSupport
import Testing

@testable import ttl

@Suite("Locks that several hold, and many want") struct LockSharingTests {
    let ttl: CommandUnderTest

    init() throws { ttl = try CommandUnderTest() }

    @Test("of a counter in a file that many processes increase under a lock, no increment is lost, kills or not")
    func counter() throws {
        // Reads and appends within one process, so that a kill leaves either no increment or a whole one.
        let script = "n=0; while read x; do n=$x; done < $1; echo $((n + 1)) >> $1"
        try script.write(toFile: ttl.folder("increase"), atomically: true, encoding: .utf8)
        try "".write(toFile: ttl.folder("counter"), atomically: true, encoding: .utf8)
        let command = ["lock", "job", "--", "sh", ttl.folder("increase"), ttl.folder("counter")]
        let processes = try (0..<64).map { _ in try ttl.start(arguments: command) }
        var killed: Set<Int32> = []
        while killed.count < 8, processes.contains(where: \.isRunning) {
            let holder = try ttl.query("SELECT owner FROM leases WHERE name = 'job'").dropLast()
            guard let number = LockOwner(String(holder)).process?.id else { continue }
            for process in processes where process.identifier == number && !killed.contains(number) {
                process.kill(SIGKILL)
                killed.insert(number)
            }
        }
        let statuses = processes.map { $0.wait() }
        let lines = try String(contentsOfFile: ttl.folder("counter"), encoding: .utf8).split(separator: "\n")
        #expect(statuses.allSatisfy { $0 == 0 || $0 == -SIGKILL })
        let completed = statuses.count { $0 == 0 }
        #expect(lines.compactMap { Int($0) } == Array(1...lines.count))
        #expect((completed...(completed + killed.count)).contains(lines.count))
        #expect(completed >= 64 - killed.count)
    }

    @Test("with --slots 3 there are never more than three at once, each with a slot of its own")
    func slots() throws {
        // A folder of that name can be made once: a second holder of a slot would fail.
        let script = """
            cd \(ttl.folder.path)
            mkdir slot-$TTL_LOCK_SLOT || exit 8
            case $TTL_LOCK_SLOT in 1|2|3) ;; *) exit 9 ;; esac
            sleep 0.02
            rmdir slot-$TTL_LOCK_SLOT
            """
        let processes = try (0..<16).map { _ in
            try ttl.start("lock", "job", "--slots", "3", "--", "sh", "-c", script)
        }
        #expect(processes.map { $0.wait() } == Array(repeating: 0, count: 16))
        #expect(processes.allSatisfy { $0.readErrors() == "" })
        #expect(try ttl.leases() == [])
    }

    @Test("three hold a lock of three slots at the same time, and a fourth waits")
    func full() throws {
        let holders = try (0..<3).map { _ in try ttl.holder(of: "job", "--slots", "3") }
        #expect(try ttl.leases() == ["job [1 of 3]", "job [2 of 3]", "job [3 of 3]"])
        #expect(try ttl("lock", "job", "--slots", "3", "--no-wait", "--", "true").status == 1)
        // Three allow three at most.
        #expect(try ttl("lock", "job", "--slots", "5", "--no-wait", "--", "true").status == 1)
        #expect(try ttl("lock", "job", "--no-wait", "--", "true").status == 1)
        holders[1].closeInput()
        #expect(holders[1].wait() == 0)
        let slot = try ttl("lock", "job", "--slots", "3", "--no-wait", "--", "sh", "-c", "echo $TTL_LOCK_SLOT")
        #expect(slot.text == "2\n")
    }

    @Test("many share a lock, and the exclusive one excludes them all")
    func shared() throws {
        let readers = try (0..<4).map { _ in try ttl.holder(of: "job", "--shared") }
        #expect(try ttl("lock", "job", "--no-wait", "--", "true").status == 1)
        for reader in readers {
            reader.closeInput()
            #expect(reader.wait() == 0)
        }
        let writer = try ttl.holder(of: "job")
        #expect(try ttl("lock", "job", "--shared", "--no-wait", "--", "true").status == 1)
        writer.closeInput()
        #expect(writer.wait() == 0)
    }

    @Test("readers that come one after the other don't keep a writer waiting for ever")
    func starvation() throws {
        let first = try ttl.holder(of: "job", "--shared")
        let writer = try ttl.start("lock", "job", "--", "true")
        #expect(try eventually { try ttl.leases().count == 2 })
        // The next reader comes after the writer.
        #expect(try ttl("lock", "job", "--shared", "--no-wait", "--", "true").status == 1)
        first.closeInput()
        #expect(writer.wait() == 0)
        #expect(try ttl("lock", "job", "--shared", "--no-wait", "--", "true").status == 0)
    }

    @Test("who holds a lock and who waits for it is listed, as text and as JSON")
    func listing() throws {
        #expect(try ttl("lock", "--who").status == 0)
        #expect(try ttl("lock", "--who", "job").status == 1)
        let reader = try ttl.holder(of: "job", "--shared")
        let waiter = try ttl.start("lock", "job", "--", "true")
        #expect(try eventually { try ttl.leases().count == 2 })
        let slot = try ttl.holder(of: "gpu", "--slots", "2")
        let lines = try ttl("lock", "--who").text.split(separator: "\n")
        #expect(lines.count == 3)
        #expect(lines[0].contains("1 of 2    gpu process \(slot.identifier) on "))
        #expect(lines[1].contains("shared    job process \(reader.identifier) on "))
        #expect(lines[2].contains("waiting   job process \(waiter.identifier) on "))
        #expect(lines[2].hasSuffix(" runs true"))
        let outcome = try ttl("lock", "--who", "gpu", "--json")
        #expect(outcome.status == 0 && outcome.text.split(separator: "\n").count == 1)
        for part in [
            #""lock":"gpu""#, #""process":\#(slot.identifier),"#, #""program":"sh""#, #""slot":1,"slots":2,"#,
            #""state":"slot""#,
        ] {
            #expect(outcome.text.contains(part))
        }
        reader.closeInput()
        #expect(waiter.wait() == 0)
    }
}
