import Foundation
import TTLTestSupport
import Testing

#if os(Linux)
/// A pipe that another program shares and has made non-blocking.
@Suite("Non-blocking pipes")
struct NonBlockingTests {
    let ttl: CommandUnderTest
    let value = String((0..<300_000).map { "\($0 % 10)" }.joined())

    init() throws { ttl = try CommandUnderTest() }

    @Test("a read from a non-blocking pipe waits for a slow writer")
    func slowWriter() throws {
        let child = try ttl.start("set", "key", nonBlocking: true)
        var rest = value[...]
        while !rest.isEmpty {
            child.send(String(rest.prefix(30_000)))
            rest = rest.dropFirst(30_000)
            // The command has read everything, and finds no more input.
            #expect(eventually { child.unreadInput == 0 || !child.isRunning })
        }
        child.closeInput()
        #expect(child.readErrors() == "" && child.wait() == 0)
        #expect(try ttl.shell("$ttl get key | wc -c").text.contains("300000"))
    }

    @Test("a write to a non-blocking pipe waits for a slow reader", arguments: ["get", "take"])
    func slowReader(subcommand: String) throws {
        try store(value)
        let child = try ttl.start(subcommand, "key", nonBlocking: true)
        child.closeInput()
        #expect(eventually { child.unreadOutput >= 1 << 16 || !child.isRunning })
        #expect(child.readAll() == Array(value.utf8))
        #expect(child.readErrors() == "" && child.wait() == 0)
    }

    @Test("a listing into a non-blocking pipe waits for a slow reader")
    func listing() throws {
        try ttl.addExpired(count: 10_000)
        let child = try ttl.start("ls", "--expired", "--json", nonBlocking: true)
        #expect(eventually { child.unreadOutput >= 1 << 16 || !child.isRunning })
        #expect(child.readAll().count { $0 == UInt8(ascii: "\n") } == 10_000)
        #expect(child.wait() == 0)
    }

    @Test("an error is not dropped because standard error is full")
    func errors() throws {
        let line = "head -c 65536 /dev/zero >&2; exec \(ChildProcess.builtPath("ttl")) get"
        let child = try ChildProcess("/bin/sh", ["-c", line], nonBlocking: true)
        #expect(eventually { child.unreadErrors == 1 << 16 })
        // The command waits, or has given up: both processes sleep, or one has ended.
        #expect(eventually { isAsleep(child, name: "ttl") || !child.isRunning })
        #expect(child.readErrors().hasSuffix("(see 'ttl get --help')\n"))
        #expect(child.wait() == 64)
    }

    private func store(_ value: String) throws {
        let child = try ttl.start("set", "key")
        child.send(value)
        child.closeInput()
        #expect(child.wait() == 0)
    }

    private func isAsleep(_ child: ChildProcess, name: String) -> Bool {
        let line = (try? String(contentsOfFile: "/proc/\(child.identifier)/stat", encoding: .utf8)) ?? ""
        return line.contains("(\(name)) S")
    }
}
#endif
