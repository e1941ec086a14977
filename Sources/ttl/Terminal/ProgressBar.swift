import TTLStore

/// A bar on standard error, if that is a terminal. It leaves no trace.
final class ProgressBar {
    private let unit: String
    let isShown: Bool
    private var drawn: ContinuousClock.Instant?

    private static let width = 30
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
        Terminal.writeError("\r\(ProgressBar.text(count, of: total))\(unit)\u{1B}[K")
    }

    /// Shows how far a maintenance operation has come.
    /// - Throws: `Interrupted`, which ends the operation.
    func showInterruptibly(_ progress: TTLStore.Progress) throws {
        try Interrupts.check()
        show(progress.completed, of: progress.total)
    }

    static func text(_ count: Int, of total: Int?) -> String {
        guard let total else { return Figures.grouped(count) }
        // What comes meanwhile is added to the total.
        let all = max(total, count, 1)
        let filled = Int(Double(count) / Double(all) * Double(width))
        let bar = String(repeating: "#", count: filled) + String(repeating: "·", count: width - filled)
        return "[\(bar)] \(Figures.grouped(count)) of \(Figures.grouped(all))"
    }

    func clear() {
        if drawn != nil { Terminal.writeError("\r\u{1B}[K") }
        drawn = nil
    }
}
