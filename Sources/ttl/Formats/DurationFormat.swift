/// Durations as text: `250ms`, `90s`, `5m`, `1h30m`, `7d`, `2w`. The one home of both directions.
enum DurationFormat {
    enum Failure: Error {
        case malformed
        /// Zero, or less.
        case notPositive
        /// More milliseconds than 64 bits hold.
        case tooLong

        var message: String {
            switch self {
            case .malformed: "not a duration such as 250ms, 90s, 5m, 1h30m, 7d or 2w"
            case .notPositive: "a duration is longer than zero"
            case .tooLong: "the duration is too long"
            }
        }
    }

    private static let units: [(name: String, milliseconds: Int64)] = [
        ("w", 604_800_000), ("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1),
    ]

    /// Whole numbers with units, the larger units first, each at most once; a bare number is seconds. ASCII without
    /// signs, spaces or fractions; a minus sign is an error of its own, for the message.
    static func parse(_ text: String) throws(Failure) -> Duration {
        let isNegative = text.hasPrefix("-")
        var rest = isNegative ? text.dropFirst() : text[...]
        if rest.allSatisfy(isDigit) { rest += "s" }
        var units = units[...]
        var total: Int64 = 0
        repeat {
            let digits = rest.prefix(while: isDigit)
            rest = rest.dropFirst(digits.count)
            let name = rest.prefix { !isDigit($0) }
            rest = rest.dropFirst(name.count)
            guard !digits.isEmpty, let index = units.firstIndex(where: { $0.name == name }) else { throw .malformed }
            total = try sum(total, digits, of: units[index].milliseconds)
            units = units[(index + 1)...]
        } while !rest.isEmpty
        guard total > 0, !isNegative else { throw .notPositive }
        return .milliseconds(total)
    }

    /// Whether the text is a duration of zero, for an option that has a meaning for it.
    static func isZero(_ text: String) -> Bool {
        guard !text.hasPrefix("-") else { return false }
        do throws(Failure) { _ = try parse(text) } catch { return error == .notPositive }
        return false
    }

    private static func sum(_ total: Int64, _ digits: Substring, of unit: Int64) throws(Failure) -> Int64 {
        guard let number = Int64(digits) else { throw .tooLong }
        let (product, overflow) = number.multipliedReportingOverflow(by: unit)
        let (sum, overflowed) = total.addingReportingOverflow(product)
        guard !overflow, !overflowed else { throw .tooLong }
        return sum
    }

    /// Not a range of characters: it would include a digit with an accent.
    private static func isDigit(_ character: Character) -> Bool { character.isASCII && character.isWholeNumber }

    /// Whole seconds, rounded towards zero: `6d23h59m59s`; milliseconds where less than a second is left: `250ms`;
    /// with a minus sign for a time that has passed.
    static func text(_ duration: Duration) -> String {
        let (seconds, attoseconds) = duration.components
        let sign = duration < .zero ? "-" : ""
        guard seconds != 0 else { return "\(sign)\(attoseconds.magnitude / 1_000_000_000_000_000)ms" }
        var rest = seconds.magnitude
        var text = sign
        for (name, length) in [("d", 86_400), ("h", 3600), ("m", 60), ("s", 1)] as [(String, UInt64)] {
            let (number, remainder) = rest.quotientAndRemainder(dividingBy: length)
            if number > 0 { text += "\(number)\(name)" }
            rest = remainder
        }
        return text
    }

    /// The time that an entry has left; nil is `never`.
    static func text(timeLeft: Duration?) -> String { timeLeft.map(text) ?? "never" }

    /// In whole milliseconds, rounded towards zero, and clamped to 64 bits.
    static func milliseconds(_ duration: Duration) -> Int64 {
        let (seconds, attoseconds) = duration.components
        let (product, overflow) = seconds.multipliedReportingOverflow(by: 1000)
        let (sum, overflowed) = product.addingReportingOverflow(attoseconds / 1_000_000_000_000_000)
        return overflow || overflowed ? (seconds < 0 ? .min : .max) : sum
    }
}
