/// A histogram of text: a line for each bar, with its name, its number and as many marks as it is long.
struct BarChart {
    let title: String
    let bars: [(name: String, count: Int)]

    private static let width = 40

    /// The longest bar has the full width, and every bar that isn't empty a mark.
    var text: String {
        let highest = max(bars.map(\.count).max() ?? 0, 1)
        let lines = bars.map { bar in
            let share = Double(bar.count) / Double(highest) * Double(BarChart.width)
            let marks = bar.count == 0 ? 0 : max(1, Int(share.rounded()))
            let line = Figures.left("  " + bar.name, 15) + Figures.right(Figures.grouped(bar.count), 13)
            return line + (marks == 0 ? "" : "  " + String(repeating: "#", count: marks)) + "\n"
        }
        return "\(title)\n" + lines.joined()
    }
}
