import Foundation
import TTLTestSupport
import Testing

@testable import ttl

@Suite("Processes told apart") struct ProcessIdentityTests {
    @Test("a process is read from its text again")
    func text() throws {
        let current = ProcessIdentity.current
        #expect(current.id == getpid() && current.start > 0)
        #expect(ProcessIdentity(current.text) == current)
        let odd = ProcessIdentity(id: 7, host: "a host, started 5 in x", start: .max, space: "b/1")
        #expect(ProcessIdentity(odd.text) == odd)
    }

    @Test(
        "another text is no process",
        arguments: [
            "", "process 4711", "process 0 on h, started 1 in a", "process -5 on h, started 1 in a",
            "process x on h, started 1 in a", "process 5 on h, started x in a", "process 5 on h, started 1 in ",
            "process 5 on h started 1 in a", "process 5 on , started 1 in a",
            "process 99999999999 on h, started 1 in a",
            "a process 5 on h, started 1 in a", "process 5 on h, started 99999999999999999999 in a",
        ])
    func others(text: String) { #expect(ProcessIdentity(text) == nil) }

    @Test("a running process has not ended, also one that is stopped; a killed one has, before and after the wait")
    func ends() throws {
        let child = try TTLTestSupport.ChildProcess("/bin/sh", ["-c", "echo ready; read x"])
        #expect(child.readLine() == "ready")
        let stat = try String(contentsOfFile: "/proc/\(child.identifier)/stat", encoding: .utf8)
        let start = try #require(UInt64(stat.split(separator: " ")[21]))
        let current = ProcessIdentity.current
        let identity = ProcessIdentity(id: child.identifier, host: current.host, start: start, space: current.space)
        #expect(!current.hasEnded && !identity.hasEnded)
        child.kill(SIGSTOP)
        #expect(!identity.hasEnded)
        kill(child.identifier, SIGKILL)
        #expect(eventually { identity.hasEnded })
        child.wait()
        #expect(identity.hasEnded)
    }

    @Test("a number that another process has got means that the first one has ended")
    func reused() {
        let current = ProcessIdentity.current
        let before = ProcessIdentity(
            id: current.id, host: current.host, start: current.start - 1, space: current.space)
        #expect(before.hasEnded)
    }

    @Test("of a process elsewhere nothing is known")
    func elsewhere() {
        let current = ProcessIdentity.current
        let (id, host, start, space) = (Int32.max, current.host, current.start, current.space)
        #expect(ProcessIdentity(id: id, host: host, start: start, space: space).hasEnded)
        #expect(!ProcessIdentity(id: id, host: host + "2", start: start, space: space).hasEnded)
        #expect(!ProcessIdentity(id: id, host: host, start: start, space: "other/1").hasEnded)
        #expect(!ProcessIdentity(id: id, host: host, start: start, space: "unknown").hasEnded)
        #expect(!ProcessIdentity(id: id, host: host, start: 0, space: space).hasEnded)
    }

    /// Whether this process may make namespaces of process numbers.
    private static let canUnshare =
        (try? TTLTestSupport.ChildProcess.run("/usr/bin/env", ["unshare", "-pf", "--mount-proc", "true"]).status) == 0

    @Test(
        "in a namespace without a /proc of its own, a process is known by no number: there it is another process",
        .enabled(if: canUnshare), arguments: ["-pf", "-pf --mount-proc"])
    func namespace(options: String) throws {
        let ttl = try CommandUnderTest()
        let owner = try ttl.shell("unshare \(options) $ttl lock job -- $ttl lock --who --json").text
        #expect(owner.contains(", started "))
        #expect(owner.contains(", started 0 in unknown, runs ") == (options == "-pf"))
    }
}
