#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Moments as ISO 8601 text: `2027-01-01T00:00:00Z`. The one home of both directions.
enum DateFormat {
    /// Reads `YYYY-MM-DDTHH:MM:SS`, a fraction of a second if there is one, and `Z` or an offset like `+02:00`.
    ///
    /// Foundation's parser reads the 30th of February as a day in March, and ignores text after the date. So it gets
    /// date and time alone, and its result must give the same text.
    static func parse(_ text: String) -> Date? {
        let civil = text.prefix(19) + "Z"
        guard text.utf8.count == text.count, let date = try? style.parse(String(civil)), style.format(date) == civil
        else { return nil }
        var rest = text.dropFirst(19)
        guard let fraction = takeFraction(&rest), let offset = offset(rest) else { return nil }
        return date.addingTimeInterval(fraction - offset)
    }

    private static let style = Date.ISO8601FormatStyle()

    private static func takeFraction(_ rest: inout Substring) -> Double? {
        guard rest.first == "." else { return 0 }
        let digits = rest.dropFirst().prefix(while: isDigit)
        rest = rest.dropFirst(1 + digits.count)
        return digits.isEmpty ? nil : Double("0.\(digits)")
    }

    /// In seconds east of Greenwich.
    private static func offset(_ text: Substring) -> Double? {
        if text == "Z" { return 0 }
        let parts = text.dropFirst().split(separator: ":", omittingEmptySubsequences: false)
        guard let sign = text.first, sign == "+" || sign == "-", parts.count == 2,
            parts.allSatisfy({ $0.count == 2 && $0.allSatisfy(isDigit) }),
            let hours = Int(parts[0]), let minutes = Int(parts[1]), hours < 24, minutes < 60
        else { return nil }
        return Double((hours * 60 + minutes) * 60) * (sign == "-" ? -1 : 1)
    }

    /// Not a range of characters: it would include a digit with an accent.
    private static func isDigit(_ character: Character) -> Bool { character.isASCII && character.isWholeNumber }

    /// In UTC, to the millisecond, as the file stores it.
    static func text(_ date: Date) -> String {
        // Foundation cuts its fraction off, and `Date` has binary noise: 123 ms may come out as 122.
        let milliseconds = (date.timeIntervalSince1970 * 1000).rounded()
        let seconds = (milliseconds / 1000).rounded(.down)
        let fraction = String(Int(milliseconds - seconds * 1000))
        let padding = String(repeating: "0", count: 3 - fraction.count)
        return style.format(Date(timeIntervalSince1970: seconds)).dropLast() + "." + padding + fraction + "Z"
    }
}
