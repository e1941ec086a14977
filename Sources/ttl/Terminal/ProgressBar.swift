import TTLStore

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// A bar on standard error, if that is a terminal. It leaves no trace.
final class ProgressBar {
    private let unit: String
    let isShown: Bool
    private var drawn: ContinuousClock.Instant?

    private static let widths = 10...30
    private static let pause = Duration.milliseconds(40)

    /// - Parameters:
    ///   - unit: what is counted; not shown if empty.
    ///   - isWanted: false for no bar at all.
    init(unit: String = "", isWanted: Bool = true) {
        self.unit = unit.isEmpty ? "" : " " + unit
        isShown = isWanted && Terminal.isErrors
    }

    /// - Parameter total: nil where it isn't known; then there is a number and no bar.
    func show(_ count: Int, of total: Int?) {
        guard isShown else { return }
        let now = ContinuousClock.now
        // The first and the last picture are drawn in any case.
        if let drawn, now - drawn < ProgressBar.pause, count != total { return }
        drawn = now
        // In the last column, some terminals would erase the last character, or go to the next line.
        let columns = TerminalSize.of(STDERR_FILENO).columns - 1
        let text = ProgressBar.text(count, of: total, unit, columns: columns)
        // The cursor waits at the beginning, where it stays also if a narrower window breaks the line in two. A window
        // may be narrower already than it says, so nothing goes to the next line meanwhile (DECAWM).
        Terminal.writeError("\r\u{1B}[?7l\(text)\(ProgressBar.erase)\u{1B}[?7h\r")
    }

    /// Shows how far a maintenance operation has come.
    /// - Throws: `Interrupted`, which ends the operation.
    func showInterruptibly(_ progress: TTLStore.Progress) throws {
        try Interrupts.check()
        show(progress.completed, of: progress.total)
    }

    /// The most that fits: a bar and figures, figures, a percentage, nothing.
    static func text(_ count: Int, of total: Int?, _ unit: String, columns: Int) -> String {
        guard let total else {
            let number = Figures.grouped(count)
            return [number + unit, number].first { $0.count <= columns } ?? ""
        }
        // What comes meanwhile is added to the total.
        let all = max(total, count, 1)
        let share = Double(count) / Double(all)
        let figures = "\(Figures.grouped(count)) of \(Figures.grouped(all))"
        let width = min(columns - "[] \(figures)\(unit)".count, widths.upperBound)
        if width >= widths.lowerBound { return "[\(bar(share, width))] \(figures)\(unit)" }
        return [figures + unit, figures, "\(Int(share * 100)) %"].first { $0.count <= columns } ?? ""
    }

    private static func bar(_ share: Double, _ width: Int) -> String {
        let filled = Int(share * Double(width))
        return String(repeating: "#", count: filled) + String(repeating: "·", count: width - filled)
    }

    /// Erases the rest of the line, and of one that a narrower window has broken in two. The line comes first: some
    /// terminals keep in their history what is erased as a whole screen.
    private static let erase = "\u{1B}[K\u{1B}[J"

    /// Called before other text is written to the terminal. The next picture is drawn below that.
    func clear() {
        if drawn != nil { Terminal.writeError("\r\(ProgressBar.erase)") }
        drawn = nil
    }
}
