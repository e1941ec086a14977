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
    /// What is to be reached, and whether it was; nil where there is no target.
    var target = "–"
    var isMet: Bool?
}

extension Row {
    /// A row in which each contestant has one figure.
    init<Result>(
        _ work: String, _ rounds: Rounds<Result>, target: String, isMet: Bool? = nil,
        figure: (Result) -> Double, format: (Double) -> String
    ) {
        self.init(work: work, store: format(rounds.median(.store, figure)))
        c = format(rounds.median(.c, figure))
        grdb = format(rounds.median(.grdb, figure))
        toC = Format.ratio(rounds.ratio(to: .c, figure))
        toGRDB = Format.ratio(rounds.ratio(to: .grdb, figure))
        self.target = target
        self.isMet = isMet
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

/// A steady clock, in seconds.
func seconds(_ work: () throws -> Void) rethrows -> Double {
    let begun = ContinuousClock.now
    try work()
    return (ContinuousClock.now - begun).inSeconds
}

extension Duration {
    var inSeconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
}
