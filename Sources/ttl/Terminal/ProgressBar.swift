/// A bar on standard error, if that is a terminal. It leaves no trace.
struct ProgressBar {
    private let total: Int
    private static let width = 30

    init(total: Int) { self.total = total }

    func show(_ count: Int) {
        guard Terminal.isErrors else { return }
        // Entries that expire meanwhile are added to the total.
        let total = max(total, count, 1)
        let filled = count * ProgressBar.width / total
        let bar = String(repeating: "#", count: filled) + String(repeating: "·", count: ProgressBar.width - filled)
        Terminal.writeError("\r[\(bar)] \(Figures.grouped(count)) of \(Figures.grouped(total))\u{1B}[K")
    }

    func clear() {
        if Terminal.isErrors { Terminal.writeError("\r\u{1B}[K") }
    }
}
