import Foundation

/// A line of the table.
struct Row {
    var work: String
    /// The figures of C, GRDB and TTLStore, with their unit.
    var c = "–"
    var grdb = "–"
    var store: String
    /// TTLStore's figure divided by the other's.
    var toC = "–"
    var toGRDB = "–"
    /// The target, and whether it was met; nil without a target.
    var target = "–"
    var isMet: Bool?
}

extension Row {
    /// A row in which each contestant that took part has one figure.
    init<Result>(
        _ work: String, _ rounds: Rounds<Contestant, Result>, target: String, isMet: Bool? = nil,
        figure: (Result) -> Double, format: (Double) -> String
    ) {
        func text(_ number: Double?, _ format: (Double) -> String) -> String { number.map(format) ?? "–" }
        self.init(work: work, store: text(rounds.median(.store, figure), format))
        c = text(rounds.median(.c, figure), format)
        grdb = text(rounds.median(.grdb, figure), format)
        toC = text(rounds.ratio(of: .store, to: .c, figure), Format.ratio)
        toGRDB = text(rounds.ratio(of: .store, to: .grdb, figure), Format.ratio)
        self.target = target
        self.isMet = isMet
    }

    /// A row in which the store is compared with itself: its figure with something, and without.
    /// - Parameter other: what it does without.
    init<Result>(
        _ work: String, _ rounds: Rounds<Variant, Result>, to other: String, limit: Double,
        figure: (Result) -> Double, format: (Double) -> String
    ) {
        let (with, without) = (rounds.median(.with, figure) ?? .nan, rounds.median(.without, figure) ?? .nan)
        let ratio = rounds.ratio(of: .with, to: .without, figure) ?? .nan
        self.init(
            work: work, store: "\(format(with)), \(Format.ratio(ratio)) × \(other) (\(format(without)))",
            target: "≤ \(Format.ratio(limit)) × \(other)", isMet: ratio <= limit)
    }
}

/// The result, as Markdown.
struct Table {
    var rows: [Row] = []

    var markdown: String {
        let header = ["work", "C", "GRDB", "TTLStore", "to C", "to GRDB", "target", "met"]
        let lines = rows.map { row in
            let met = row.isMet.map { $0 ? "yes" : "no" } ?? "–"
            return [row.work, row.c, row.grdb, row.store, row.toC, row.toGRDB, row.target, met]
        }
        let rule = header.indices.map { (1...5).contains($0) ? "---:" : "---" }
        return ([header, rule] + lines).map { "| " + $0.joined(separator: " | ") + " |" }.joined(separator: "\n")
    }
}

enum Format {
    static func ratio(_ value: Double) -> String { String(format: "%.2f", value) }

    /// From seconds.
    static func microseconds(_ seconds: Double) -> String {
        seconds >= 1e-3 ? milliseconds(seconds) : String(format: "%.1f µs", seconds * 1e6)
    }

    /// From seconds.
    static func nanoseconds(_ seconds: Double) -> String {
        seconds >= 1e-6 ? microseconds(seconds) : String(format: "%.0f ns", seconds * 1e9)
    }

    /// From seconds.
    static func milliseconds(_ seconds: Double) -> String { String(format: "%.1f ms", seconds * 1e3) }

    static func perSecond(_ rate: Double) -> String {
        let digits = String(Int(rate.rounded()))
        // Thousands, without the locale's opinion.
        let head = digits.dropLast(3)
        return (head.isEmpty ? digits : "\(head),\(digits.suffix(3))") + "/s"
    }

    /// From bytes.
    static func mebibytes(_ bytes: Double) -> String { String(format: "%.1f MiB", bytes / 1_048_576) }

    /// From bytes, with a sign.
    static func growth(_ bytes: Double) -> String { String(format: "%+.0f KiB", bytes / 1024) }

    static func count(_ number: Int) -> String {
        number >= 1000 && number % 1000 == 0 ? count(number / 1000) + ",000" : String(number)
    }
}
