#if os(Linux)
import Foundation
import TTLStore
import TTLTestSupport
import Testing

@Suite("ttl watch, on a terminal") struct WatchTerminalTests {
    let ttl: CommandUnderTest
    let terminal: PseudoTerminal
    private static let leaving = "\u{1B}[?25h\u{1B}[?1049l"

    init() throws {
        ttl = try CommandUnderTest()
        terminal = try PseudoTerminal(rows: 24, columns: 80)
        _ = try ttl("set", "session:7", "value", "--ttl", "1h")
    }

    /// How often a text was written to the terminal.
    private func count(_ text: String) -> Int { terminal.text.components(separatedBy: text).count - 1 }

    @Test(
        "a key or a signal ends it, and the terminal is as it was: settings, cursor and screen",
        arguments: [("q", 0), ("Q", 0), ("\u{3}", -SIGINT), ("\u{1C}", -SIGQUIT), ("", -SIGTERM), ("", -SIGHUP)])
    func ends(key: String, status: Int32) throws {
        let before = terminal.mode
        let child = try ttl.start("watch", on: terminal)
        #expect(terminal.eventuallyShows("session:7"))
        #expect(terminal.mode != before)
        if key.isEmpty { child.kill(-status) } else { terminal.send(key) }
        #expect(child.wait() == status)
        #expect(terminal.mode == before)
        #expect(terminal.text.hasSuffix(WatchTerminalTests.leaving))
        #expect(count("\u{1B}[?1049h") == 1 && count("\u{1B}[?1049l") == 1)
    }

    @Test("what changes is drawn in place")
    func changes() throws {
        let child = try ttl.start("watch", "session:", on: terminal)
        #expect(terminal.eventuallyShows("5 bytes  session:7"))
        _ = try ttl("set", "session:8", "longer value", "--ttl", "30m")
        #expect(terminal.eventuallyShows("12 bytes  session:8"))
        _ = try ttl("rm", "session:7")
        #expect(terminal.eventuallyShows("removed      session:7"))
        #expect(count("\u{1B}[2J") == 1)
        terminal.send("q")
        #expect(child.wait() == 0)
    }

    @Test("after a resize all is drawn anew, within the new size")
    func resize() throws {
        let child = try ttl.start("watch", on: terminal)
        #expect(terminal.eventuallyShows("\u{1B}[24;1H"))
        let before = count("\u{1B}[2J")
        terminal.resize(rows: 10, columns: 40)
        #expect(eventually { count("\u{1B}[2J") > before })
        #expect(eventually { terminal.text.components(separatedBy: "\u{1B}[2J").last?.contains("quits") == true })
        let last = try #require(terminal.text.components(separatedBy: "\u{1B}[2J").last)
        #expect(last.contains("\u{1B}[10;1H") && !last.contains("\u{1B}[11;1H"))
        terminal.send("q")
        #expect(child.wait() == 0)
    }

    @Test("Ctrl-Z gives the terminal back, and it goes on where it was")
    func suspends() throws {
        let before = terminal.mode
        let child = try ttl.bash("\"$ttl\" watch; echo \"stopped $?\"; read line; fg", on: terminal)
        #expect(terminal.eventuallyShows("session:7"))
        terminal.send("\u{1A}")
        #expect(terminal.eventuallyShows("stopped \(128 + SIGTSTP)"))
        #expect(terminal.mode == before)
        terminal.send("\n")
        #expect(eventually { count("\u{1B}[?1049h") == 2 && count("session:7") >= 2 })
        #expect(eventually { terminal.mode != before })
        terminal.send("q")
        #expect(child.wait() == 0)
        #expect(terminal.mode == before)
        #expect(count("\u{1B}[?1049l") == 2)
    }

    @Test("an error leaves the terminal as it was, and is a line below")
    func failure() throws {
        let before = terminal.mode
        let child = try ttl.start("watch", on: terminal)
        #expect(terminal.eventuallyShows("session:7"))
        try ttl.sqlite3("DROP TABLE entries;")
        #expect(child.wait() == 2)
        #expect(terminal.mode == before)
        let last = try #require(terminal.text.components(separatedBy: WatchTerminalTests.leaving).last)
        #expect(last.hasPrefix("ttl: ") && last.split(separator: "\r\n").count == 1)
    }

    @Test("a terminal that knows no escape sequences gets lines")
    func dumb() throws {
        let child = try ttl.bash("TERM=dumb \"$ttl\" watch", on: terminal)
        let shows = try eventually {
            _ = try ttl("set", "probe", "v", "--ttl", "1h")
            _ = try ttl("rm", "probe")
            return terminal.text.contains("removed     probe")
        }
        #expect(shows)
        #expect(!terminal.text.contains("\u{1B}"))
        terminal.send("\u{3}")
        child.wait()
    }

    @Test("NO_COLOR leaves out bold and faint")
    func noColor() throws {
        let child = try ttl.bash("NO_COLOR=1 \"$ttl\" watch", on: terminal)
        #expect(terminal.eventuallyShows("quits"))
        terminal.send("q")
        #expect(child.wait() == 0)
        #expect(!terminal.text.contains(/\x1B\[[0-9]*m/))
    }
}
#endif
