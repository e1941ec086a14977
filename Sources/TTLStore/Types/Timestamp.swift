#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// Milliseconds since the Unix epoch: how the file stores every time.
typealias Timestamp = Int64

/// The one home of the conversions between the file's times and Swift's.
enum TimeConversion {
    /// 9999-12-31T23:59:59.999Z, the latest time that SQLite's date functions write; the schema has the same bound.
    static let latest: Timestamp = 253_402_300_799_999

    /// 1973-03-03. A smaller number is a time in seconds, which the schema refuses as well.
    static let earliest: Timestamp = 100_000_000_000

    /// Whether the file takes that time. An earlier one was probably given in seconds. An entry that was stored by a
    /// clock that shows 1970 would expire at the moment in which the clock is set right.
    static func isStorable(_ now: Timestamp) -> Bool { (earliest...latest).contains(now) }

    /// Refuses a clock that can't be right.
    static func checkStorable(_ now: Timestamp, in operation: String) throws(TTLStoreError) {
        guard !isStorable(now) else { return }
        throw TTLStoreError(
            .clockOutOfRange, "the clock stands before 1973 or after 9999, and no time is stored by it", in: operation)
    }

    /// The nearest time that the file takes: for the store's own work in which the time has no meaning.
    static func nearestStorable(_ now: Timestamp) -> Timestamp { max(earliest, min(now, latest)) }

    /// The difference; where it overflows, the nearest number.
    static func milliseconds(from start: Timestamp, to end: Timestamp) -> Milliseconds {
        let (difference, overflow) = end.subtractingReportingOverflow(start)
        guard overflow else { return difference }
        return end < start ? .min : .max
    }

    /// The sum; where it overflows, the latest time.
    static func sum(_ now: Timestamp, _ milliseconds: Milliseconds) -> Timestamp {
        let (sum, overflow) = now.addingReportingOverflow(milliseconds)
        return overflow ? (milliseconds < 0 ? .min : .max) : sum
    }

    /// The length in whole milliseconds, rounded up; nil when it isn't positive or overflows.
    static func milliseconds(_ duration: Duration) -> Milliseconds? {
        let (seconds, attoseconds) = duration.components
        guard duration > .zero else { return nil }
        let (whole, overflow) = seconds.multipliedReportingOverflow(by: 1000)
        let attosecondsPerMillisecond: Int64 = 1_000_000_000_000_000
        let (quotient, remainder) = attoseconds.quotientAndRemainder(dividingBy: attosecondsPerMillisecond)
        let (sum, overflowed) = whole.addingReportingOverflow(quotient + (remainder > 0 ? 1 : 0))
        return overflow || overflowed ? nil : sum
    }

    /// `now` plus a duration; nil when the duration isn't positive or the sum lies beyond `latest`.
    static func timestamp(_ duration: Duration, after now: Timestamp) -> Timestamp? {
        guard let length = milliseconds(duration) else { return nil }
        let (sum, overflow) = now.addingReportingOverflow(length)
        return overflow || sum > latest ? nil : sum
    }

    /// A date in milliseconds, rounded up after `Date`'s binary noise has been dropped: 2 µs in the year 2100, 0.1 ms
    /// in the year 9999. Nil for NaN and for dates beyond every `Timestamp`; a date in the far past becomes a time in
    /// the past.
    static func timestamp(_ date: Date) -> Timestamp? {
        guard date.timeIntervalSince1970 < 9e12 else { return nil }
        let milliseconds = max(date.timeIntervalSince1970 * 1000, -9e15)
        let nearest = milliseconds.rounded()
        // The number was rounded four times on its way through `Date`, each time by half a unit of a last place. That
        // place is worth up to twice the last place of the product.
        let noise = max(0.0005, 4 * milliseconds.ulp)
        return Timestamp((milliseconds - nearest).magnitude <= noise ? nearest : milliseconds.rounded(.up))
    }

    /// A number from a time's column, limited to the years up to 9999 and as many before 1970, so that sums and
    /// differences of a few of them don't overflow.
    static func bounded(_ number: Int64) -> Timestamp { max(-latest, min(number, latest)) }

    /// From one time to another.
    static func duration(from start: Timestamp, to end: Timestamp) -> Duration {
        .milliseconds(end) - .milliseconds(start)
    }

    static func date(_ timestamp: Timestamp) -> Date {
        Date(timeIntervalSince1970: Double(timestamp) / 1000)
    }
}
