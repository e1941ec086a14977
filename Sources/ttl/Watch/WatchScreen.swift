#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The picture of a store that is watched, for a terminal of any size.
struct WatchScreen {
    let path: String
    let prefix: String

    /// From how many rows on there are titles.
    private static let framedRows = 10
    /// From how many columns on there are sizes.
    private static let wideColumns = 50

    /// How many rows show what expires next.
    static func upperRows(_ size: TerminalSize) -> Int {
        guard size.rows >= framedRows else { return max(1, size.rows - size.rows / 3) }
        return size.rows - 6 - lowerRows(size)
    }

    private static func lowerRows(_ size: TerminalSize) -> Int {
        size.rows >= framedRows ? max(2, (size.rows - 6) / 3) : size.rows - upperRows(size)
    }

    /// A line for each row, none longer than the screen is wide.
    func lines(_ state: WatchState, _ size: TerminalSize, now: Date) -> [ScreenLine] {
        let isWide = size.columns >= WatchScreen.wideColumns
        let timeWidth = isWide ? 13 : 9
        func time(_ seconds: TimeInterval) -> String { Figures.right(WatchScreen.text(seconds), timeWidth) }
        let next = state.next.prefix(WatchScreen.upperRows(size)).map { entry in
            row([time(entry.expiresAt.timeIntervalSince(now)), isWide ? self.size(entry, state) : nil], entry.key)
        }
        let left = state.departures.prefix(WatchScreen.lowerRows(size)).map { departure in
            let ago = time(now.timeIntervalSince(departure.date))
            return row([ago, Figures.left(departure.cause.rawValue, 11)], departure.entry.key)
        }
        let upper = padded(next, WatchScreen.upperRows(size), orElse: nothing)
        let lower = padded(left, WatchScreen.lowerRows(size), orElse: "")
        guard size.rows >= WatchScreen.framedRows else { return cut(upper + lower, size) }
        func head(_ text: String) -> String { Figures.right(text, timeWidth) }
        let lines =
            [ScreenLine(title, .strong), ScreenLine("")]
            + [ScreenLine(row([head("time left"), isWide ? Figures.right("size", 11) : nil], "key"), .faint)]
            + upper + [ScreenLine("")]
            + [ScreenLine(row([head("left ago"), Figures.left("cause", 11)], "key"), .faint)]
            + lower
        return cut(lines, TerminalSize(rows: size.rows - 1, columns: size.columns))
            + [ScreenLine(PrintableText.cut("q quits", columns: size.columns), .faint)]
    }

    private var title: String {
        let keys = prefix.isEmpty ? "" : ", keys that begin with \(PrintableText.escaped(prefix))"
        return "\(PrintableText.escaped(path))\(keys)"
    }

    private var nothing: String {
        "  no entry expires" + (prefix.isEmpty ? "" : " whose key begins with \(PrintableText.escaped(prefix))")
    }

    private func row(_ columns: [String?], _ key: String) -> String {
        (columns.compactMap(\.self) + [PrintableText.escaped(key)]).joined(separator: "  ")
    }

    /// Between two looks an entry may be due.
    private static func text(_ seconds: TimeInterval) -> String {
        DurationFormat.text(.milliseconds(Int64(min(max(0, seconds), 1e12) * 1000)))
    }

    private func size(_ entry: WatchedEntry, _ state: WatchState) -> String {
        Figures.right(state.size(of: entry).map(Figures.bytes) ?? "?", 11)
    }

    private func padded(_ rows: [String], _ count: Int, orElse nothing: String) -> [ScreenLine] {
        let rows = rows.isEmpty ? [nothing] : rows
        return (0..<count).map { ScreenLine($0 < rows.count ? rows[$0] : "") }
    }

    private func cut(_ lines: [ScreenLine], _ size: TerminalSize) -> [ScreenLine] {
        lines.prefix(size.rows).map { ScreenLine(PrintableText.cut($0.text, columns: size.columns), $0.style) }
    }
}
