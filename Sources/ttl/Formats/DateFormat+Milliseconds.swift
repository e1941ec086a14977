#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Moments in milliseconds since 1970, in the one form `2027-01-01T00:00:00.000Z`: some hundred times as fast as
/// Foundation's formatter.
extension DateFormat {
    /// From 1970 to 9999, the years with four digits.
    private static let range: Range<Int64> = 0..<253_402_300_800_000

    /// The whole milliseconds that the file holds for a date of an entry. `Date` has binary noise.
    static func milliseconds(_ date: Date) -> Int64 {
        let milliseconds = (date.timeIntervalSince1970 * 1000).rounded()
        return Int64(max(-9e17, min(milliseconds, 9e17)))
    }

    static func date(milliseconds: Int64) -> Date { Date(timeIntervalSince1970: Double(milliseconds) / 1000) }

    static func append(milliseconds: Int64, to text: inout [UInt8]) {
        guard range.contains(milliseconds) else {
            text += DateFormat.text(date(milliseconds: milliseconds)).utf8
            return
        }
        func number(_ number: Int, digits: Int, then separator: Unicode.Scalar) {
            var unit = digits == 4 ? 1000 : digits == 3 ? 100 : 10
            while unit > 0 {
                text.append(UInt8(ascii: "0") + UInt8(number / unit % 10))
                unit /= 10
            }
            text.append(UInt8(ascii: separator))
        }
        let (days, rest) = Int(milliseconds).quotientAndRemainder(dividingBy: 86_400_000)
        let (year, month, day) = civil(days: days)
        number(year, digits: 4, then: "-")
        number(month, digits: 2, then: "-")
        number(day, digits: 2, then: "T")
        number(rest / 3_600_000, digits: 2, then: ":")
        number(rest / 60_000 % 60, digits: 2, then: ":")
        number(rest / 1000 % 60, digits: 2, then: ".")
        number(rest % 1000, digits: 3, then: "Z")
    }

    /// Nil for every other form, and for a date or a time that doesn't exist.
    static func milliseconds(_ text: UnsafeBufferPointer<UInt8>) -> Int64? {
        guard text.count == 24 else { return nil }
        var isValid = true
        func number(_ position: Int, digits: Int, then separator: Unicode.Scalar) -> Int {
            var number = 0
            for index in position..<position + digits {
                let digit = text[index] &- UInt8(ascii: "0")
                if digit > 9 { isValid = false }
                number = number * 10 + Int(digit & 15)
            }
            if text[position + digits] != UInt8(ascii: separator) { isValid = false }
            return number
        }
        let year = number(0, digits: 4, then: "-")
        let month = number(5, digits: 2, then: "-")
        let day = number(8, digits: 2, then: "T")
        let hour = number(11, digits: 2, then: ":")
        let minute = number(14, digits: 2, then: ":")
        let second = number(17, digits: 2, then: ".")
        let fraction = number(20, digits: 3, then: "Z")
        guard isValid, year >= 1970, hour < 24, minute < 60, second < 60 else { return nil }
        let days = days(year: year, month: month, day: day)
        guard civil(days: days) == (year, month, day) else { return nil }
        return Int64(((days * 24 + hour) * 60 + minute) * 60 + second) * 1000 + Int64(fraction)
    }

    // The proleptic Gregorian calendar in years that begin in March, so that a leap day is the last one.

    /// The date that many days after 1970-01-01.
    private static func civil(days: Int) -> (year: Int, month: Int, day: Int) {
        let shifted = days + 719_468
        let (era, dayOfEra) = shifted.quotientAndRemainder(dividingBy: 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
    }

    /// The days from 1970-01-01 to a date. For a date that doesn't exist any number.
    private static func days(year: Int, month: Int, day: Int) -> Int {
        let year = month <= 2 ? year - 1 : year
        let (era, yearOfEra) = year.quotientAndRemainder(dividingBy: 400)
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }
}
