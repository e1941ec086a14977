import Foundation
import TTLTestSupport
import Testing

@testable import ttl

@Suite("The progress bar") struct ProgressBarTests {
    @Test("as much of it is shown as fits into the columns")
    func columns() {
        func text(_ columns: Int) -> String { ProgressBar.text(1500, of: 6000, " pages", columns: columns) }
        #expect(text(79) == "[#######·······················] 1,500 of 6,000 pages")
        #expect(text(53) == text(79))
        #expect(text(52) == "[#######······················] 1,500 of 6,000 pages")
        #expect(text(33) == "[##········] 1,500 of 6,000 pages")
        #expect(text(32) == "1,500 of 6,000 pages")
        #expect(text(19) == "1,500 of 6,000")
        #expect(text(13) == "25 %")
        #expect(text(3) == "" && text(0) == "")
        #expect(ProgressBar.text(1500, of: nil, " lines", columns: 11) == "1,500 lines")
        #expect(ProgressBar.text(1500, of: nil, " lines", columns: 10) == "1,500")
        #expect(ProgressBar.text(1500, of: nil, " lines", columns: 4) == "")
        #expect(ProgressBar.text(7, of: 5, "", columns: 18) == "7 of 7")
    }

    #if os(Linux)
    @Test("it stays within the terminal's width, also when that has changed")
    func resize() throws {
        let ttl = try CommandUnderTest()
        let pipe = ttl.folder("pipe")
        #expect(try ttl.shell("mkfifo \(pipe)").status == 0)
        let writer = try ChildProcess("/bin/sh", ["-c", "exec yes '{\"key\":\"k\",\"value\":1}' > \(pipe)"])
        let terminal = try PseudoTerminal(rows: 24, columns: 80)
        let child = try ttl.start("import", pipe, on: terminal)
        #expect(terminal.eventuallyShows(" lines\u{1B}[K\u{1B}[J\u{1B}[?7h\r"))
        terminal.resize(rows: 24, columns: 12)
        // Of more than a thousand lines, only the number fits.
        #expect(eventually { terminal.text.contains(#/\?7l[0-9,]+\x1B\[K/#) })
        terminal.resize(rows: 24, columns: 3)
        #expect(eventually { terminal.text.contains(#/\?7l\x1B\[K/#) })
        child.kill(SIGTERM)
        #expect(child.wait() == -SIGTERM)
        writer.kill(SIGKILL)
    }
    #endif
}
