#if os(Linux)
import Foundation
import TTLTestSupport
import Testing

@Suite("What ttl import says, and when a signal ends it") struct ImportMessageTests {
    let ttl: CommandUnderTest
    /// What removes the progress bar.
    private let erased = "\r\u{1B}[K\u{1B}[J"
    /// What ends each drawing of it.
    private let drawn = "\u{1B}[K\u{1B}[J\u{1B}[?7h\r"

    init() throws { ttl = try CommandUnderTest() }

    /// The bytes that a process has read.
    private func read(_ child: ChildProcess) throws -> Int {
        let text = try String(contentsOfFile: "/proc/\(child.identifier)/io", encoding: .utf8)
        return text.split(separator: "\n").first.flatMap { Int($0.dropFirst("rchar: ".count)) } ?? 0
    }

    /// A pipe into which a command writes without an end.
    private func endlessPipe(_ writer: String) throws -> (path: String, writer: ChildProcess) {
        let pipe = ttl.folder("pipe")
        #expect(try ttl.shell("mkfifo \(pipe)").status == 0)
        return (pipe, try ChildProcess("/bin/sh", ["-c", "exec \(writer) > \(pipe)"]))
    }

    @Test(
        "a signal ends an import whose input is always ready, within a line and among lines that store nothing",
        arguments: ["", "yes nonsense", "yes ''"])
    func endless(writer: String) throws {
        // A pipe may be empty for a moment; the device is one line without an end.
        let input: (String, ChildProcess?) = writer.isEmpty ? ("/dev/zero", nil) : try endlessPipe(writer)
        let child = try ttl.start("import", input.0)
        #expect(try eventually(within: 60) { try read(child) > 1 << 20 })
        child.kill(SIGTERM)
        let ends = eventually(within: 60) { !child.isRunning }
        #expect(ends)
        if !ends { child.kill(SIGKILL) }
        #expect(child.wait() == -SIGTERM)
        #expect(child.readErrors().hasSuffix("ttl: import: interrupted; nothing is stored\n"))
        input.1?.kill(SIGKILL)
    }

    @Test("after the first 100 bad lines, further ones are only counted")
    func manyBadLines() throws {
        let outcome = try ttl.shell(
            """
            { yes nonsense | head -n 120; echo '{"key":"","value":1}'; echo '{"key":"k","value":1}'; } | $ttl import
            """)
        #expect(outcome.text == "1 stored, skipped: 121 bad\n" && outcome.status == 1)
        let lines = outcome.errors.split(separator: "\n")
        #expect(lines.count == 101 && lines.dropLast().allSatisfy { $0.contains(": line ") })
        #expect(lines.last == "ttl: import: further bad lines are only counted")
    }

    @Test("a message stands on a line of its own, and the progress bar comes again after it")
    func above() throws {
        let path = ttl.folder("lines")
        let good = (1...30_000).map { "{\"key\":\"k\($0)\",\"value\":1}\n" }.joined()
        try (good + "nonsense\n" + good).write(toFile: path, atomically: false, encoding: .utf8)
        let terminal = try PseudoTerminal(rows: 24, columns: 80)
        let child = try ttl.start("import", path, on: terminal)
        #expect(child.wait() == 1)
        let parts = terminal.text.components(separatedBy: "ttl: import: line 30001: ")
        #expect(parts.count == 2)
        #expect(parts[0].contains(" bytes\(drawn)") && parts[0].hasSuffix(erased), "\(terminal.text)")
        let rest = parts[1].components(separatedBy: "\r\n")
        #expect(rest[1].hasPrefix("\r\u{1B}[?7l[###") && rest[1].hasSuffix("\(erased)60,000 stored, skipped: 1 bad"))
    }

    @Test("Ctrl-C removes the bar before the message")
    func interrupted() throws {
        let (pipe, writer) = try endlessPipe(#"yes '{"key":"k","value":1}'"#)
        let terminal = try PseudoTerminal(rows: 24, columns: 80)
        let child = try ttl.start("import", pipe, on: terminal)
        #expect(terminal.eventuallyShows(" lines\(drawn)"))
        terminal.send("\u{3}")
        #expect(child.wait() == -SIGINT)
        let parts = terminal.text.components(separatedBy: "ttl: import: interrupted; ")
        #expect(parts.count == 2 && parts[0].hasSuffix(erased), "\(terminal.text.suffix(300))")
        writer.kill(SIGKILL)
    }
}
#endif
