#if Hummingbird
import Foundation

/// Who takes a turn: what is measured, or what it is measured against.
enum Party: Int, CaseIterable {
    case measured, yardstick
}

/// What both parties did in each round.
struct Rounds<Result> {
    private var results: [Party: [Result]] = [:]

    /// In each round both parties take a turn, and each other round begins with the other one, so that a slow minute of
    /// the machine hits both.
    init(_ count: Int, _ turn: (Party) async throws -> Result) async rethrows {
        for round in 0..<count {
            let order: [Party] = round.isMultiple(of: 2) ? [.measured, .yardstick] : [.yardstick, .measured]
            for party in order { results[party, default: []].append(try await turn(party)) }
        }
    }

    /// The median of one party's figures.
    func median(_ party: Party, _ figure: (Result) -> Double) -> Double {
        results[party, default: []].map(figure).median
    }

    /// The median over the rounds of what is measured, divided by its yardstick.
    func ratio(_ figure: (Result) -> Double) -> Double {
        zip(results[.measured, default: []], results[.yardstick, default: []]).map { figure($0) / figure($1) }.median
    }
}

extension [Double] {
    /// Of an even number, the mean of the middle two.
    var median: Double {
        guard !isEmpty else { return .nan }
        let sorted = sorted()
        return (sorted[(count - 1) / 2] + sorted[count / 2]) / 2
    }
}

/// The seconds that each of `count` calls takes, one after the other.
func secondsEach(_ count: Int, _ call: (Int) async throws -> Void) async rethrows -> Double {
    let begun = ContinuousClock.now
    for number in 0..<count { try await call(number) }
    return (ContinuousClock.now - begun).inSeconds / Double(count)
}

extension Duration {
    var inSeconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
}

/// A line of the table.
struct Row {
    var work: String
    /// With its unit.
    var figure: String
    /// The figure of what it is measured against, with its unit.
    var yardstick = "–"
    var ratio = "–"
    /// The target, and whether it was met; nil without a target.
    var target = "–"
    var isMet: Bool?
}

/// The result, as Markdown.
struct Table {
    var rows: [Row] = []

    var markdown: String {
        let header = ["work", "sessions", "measured against", "ratio", "target", "met"]
        let lines = rows.map { row in
            [
                row.work, row.figure, row.yardstick, row.ratio, row.target,
                row.isMet.map { $0 ? "yes" : "**no**" } ?? "–",
            ]
        }
        let rule = header.indices.map { (1...3).contains($0) ? "---:" : "---" }
        return ([header, rule] + lines).map { "| " + $0.joined(separator: " | ") + " |" }.joined(separator: "\n")
    }
}

enum Format {
    static func ratio(_ value: Double) -> String { String(format: "%.2f", value) }

    /// From seconds.
    static func microseconds(_ seconds: Double) -> String { String(format: "%.1f µs", seconds * 1e6) }

    static func perSecond(_ rate: Double) -> String { count(Int(rate.rounded())) + "/s" }

    /// With commas at the thousands, without the locale's opinion.
    static func count(_ number: Int) -> String {
        number < 1000 ? String(number) : count(number / 1000) + "," + String(String(number % 1000 + 1000).dropFirst())
    }
}
#endif
