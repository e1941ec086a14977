#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Prints the tour, and counts the claims that it checks.
final class Stage {
    private var output = Output(isInterruptible: true)
    private var chapters = 0
    private(set) var checks = 0
    private(set) var failures = 0

    private enum Emphasis: String {
        case bold = "1", dim = "2", red = "31", green = "32"
    }

    func chapter(_ title: String) throws {
        try pause()
        chapters += 1
        try say("")
        try say(styled("\(chapters). \(title)", .bold))
    }

    func say(_ text: String) throws {
        try Interrupts.check()
        output.write(text + "\n")
        try output.flush()
    }

    /// A paragraph of the story.
    func tell(_ text: String) throws {
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            try say(line.isEmpty ? "" : "   " + line)
        }
    }

    /// A claim that must hold; the demo fails if it does not.
    func check(_ claim: String, _ holds: Bool) throws {
        checks += 1
        if !holds { failures += 1 }
        try say(" \(holds ? styled("✓", .green) : styled("✗ not so:", .red)) \(claim)")
    }

    /// A command as a user types it. Further lines have the prompt of the `sqlite3` shell.
    func type(_ prompt: String, _ text: String) throws {
        for (number, line) in text.split(separator: "\n").enumerated() {
            try tell(styled(number == 0 ? prompt : "   ...>", .dim) + " " + styled(String(line), .bold))
        }
    }

    /// A moment to read, if the output is a terminal.
    func pause() throws {
        if Terminal.isOutput { try Interrupts.sleep(.milliseconds(500)) }
    }

    /// Waits, counting down on a terminal.
    func wait(until moment: Date) throws {
        while case let rest = moment.timeIntervalSinceNow, rest > 0 {
            if Terminal.isOutput {
                output.write("\r   … \(Figures.time(.milliseconds(Int(rest * 10) * 100)))\u{1B}[K")
                try output.flush()
            }
            try Interrupts.sleep(.seconds(min(rest, 0.1)))
        }
        if Terminal.isOutput { output.write("\r\u{1B}[K") }
    }

    private func styled(_ text: String, _ emphasis: Emphasis) -> String {
        Terminal.hasEmphasis ? "\u{1B}[\(emphasis.rawValue)m\(text)\u{1B}[0m" : text
    }
}
