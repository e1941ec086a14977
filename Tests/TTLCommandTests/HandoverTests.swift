import Foundation
import TTLTestSupport
import Testing

@testable import ttl

@Suite("A taken value that can't be written", .enabled(if: isLinux))
struct HandoverTests {
    let ttl: CommandUnderTest
    /// More than a pipe holds.
    static let size = 1_000_000

    init() throws {
        ttl = try CommandUnderTest()
        _ = try ttl.shell(
            "head -c \(HandoverTests.size) /dev/zero | $ttl set key --tag tag --at 2999-01-01T00:00:00Z")
    }

    @Test("a taken value that can't be written is put back whole, and status and message say so")
    func full() throws {
        let outcome = try ttl.shell("$ttl take key >/dev/full")
        #expect(outcome.status == 2)
        #expect(
            outcome.errors == "ttl: take: standard output: No space left on device; the entry is back\n")
        try expectEntry()
    }

    @Test(
        "a value that is put back keeps its kind",
        arguments: ["incr key 7", #"set key text"#, #"set key --tag t <$ttl"#])
    func kinds(line: String) throws {
        _ = try ttl.shell("$ttl rm key; \(line.contains("<") ? "head -c 99 $ttl | $ttl set key" : "$ttl \(line)")")
        let before = try parts(of: "key")
        #expect(try ttl.shell("$ttl take key >/dev/full").status == 2)
        #expect(try parts(of: "key") == before)
    }

    @Test("a reader that leaves before the end has not taken the value")
    func readerLeaves() throws {
        let outcome = try ttl.shell("{ $ttl take key; echo \"status $?\" >&2; } | head -c 1")
        #expect(outcome.output.count == 1)
        #expect(
            outcome.errors
                == "ttl: take: the reader of standard output has left; the entry is back\nstatus 2\n")
        try expectEntry()
    }

    @Test("a signal that ends the wait for a reader puts the value back", arguments: [SIGINT, SIGTERM, SIGHUP])
    func interrupted(signal: Int32) throws {
        let child = try ttl.start("take", "key")
        #expect(eventually { child.unreadOutput > 0 })
        #expect(try ttl("get", "key").status == 1)
        child.kill(signal)
        #expect(child.wait() == -signal)
        #expect(child.readErrors() == "")
        try expectEntry()
    }

    @Test("a take goes on after a signal that its parent process has switched off")
    func ignored() throws {
        let line = "trap '' HUP; exec \(ChildProcess.builtPath("ttl")) --store \(ttl.store) take key"
        let child = try ChildProcess("/bin/sh", ["-c", line])
        #expect(eventually { child.unreadOutput > 0 })
        child.kill(SIGHUP)
        #expect(child.readAll().count == HandoverTests.size)
        #expect(child.wait() == 0)
        #expect(try ttl("get", "key").status == 1)
    }

    @Test("a new entry that has the key meanwhile stays, and the message says that the taken value is lost")
    func replaced() throws {
        let child = try ttl.start("take", "key")
        #expect(eventually { child.unreadOutput > 0 })
        _ = try ttl("set", "key", "new")
        child.kill(SIGTERM)
        #expect(child.wait() == -SIGTERM)
        #expect(
            child.readErrors() == "ttl: take: interrupted; its value is lost, since the key has a new entry\n")
        #expect(try ttl("get", "key").text == "new")
    }

    @Test("a value that has expired meanwhile is not put back, and the message says so")
    func expired() throws {
        let expiry = Date.now.addingTimeInterval(5)
        let text = DateFormat.text(expiry)
        #expect(
            try ttl.shell("head -c \(HandoverTests.size) /dev/zero | $ttl set key --at \(text)").status == 0)
        let child = try ttl.start("take", "key")
        #expect(eventually { child.unreadOutput > 0 || !child.isRunning })
        #expect(eventually { Date.now.timeIntervalSince(expiry) > 0.01 })
        child.kill(SIGTERM)
        #expect(child.wait() == -SIGTERM)
        #expect(child.readErrors() == "ttl: take: interrupted; the entry has expired meanwhile\n")
        #expect(try ttl("get", "key").status == 1)
    }

    @Test("a take into a file removes nothing before the value is written")
    func file() throws {
        let outcome = try ttl.shell("ulimit -f 1000; $ttl take key >\(ttl.folder("out"))")
        #expect(outcome.status == 2)
        #expect(outcome.errors == "ttl: standard output: File too large\n")
        try expectEntry()
        #expect(try ttl.shell("$ttl take key >\(ttl.folder("out")) && wc -c <\(ttl.folder("out"))").text == "1000000\n")
        #expect(try ttl("get", "key").status == 1)
    }

    private func expectEntry() throws {
        #expect(try ttl.shell("$ttl get key | wc -c").text == "\(HandoverTests.size)\n")
        #expect(try ttl("ls", "--tag", "tag").text == "key\n")
        #expect(try ttl("get", "key", "--json").text.contains(#""expires_at":"2999-01-01T00:00:00.000Z""#))
    }

    private func parts(of key: String) throws -> [String] {
        let parts = try ttl("get", key, "--json").text.split(separator: ",").map(String.init)
        return parts.filter { part in !["created_at", "updated_at", "revision"].contains { part.contains($0) } }
    }
}
