import Foundation
import TTLTestSupport
import Testing

@testable import TTLStore

@Suite("Conversion of times") struct TimeConversionTests {
    /// In exact arithmetic.
    private func expectedMilliseconds(_ duration: Duration) -> Int64? {
        let (seconds, attoseconds) = duration.components
        let total = Int128(seconds) * 1_000_000_000_000_000_000 + Int128(attoseconds)
        guard total > 0 else { return nil }
        return Int64(exactly: (total + 999_999_999_999_999) / 1_000_000_000_000_000)
    }

    @Test("durations are rounded up to the millisecond, and are errors at zero and below")
    func roundedUp() {
        for milliseconds in -2000...2000 as ClosedRange<Int64> {
            for offset in [-1_000_000_000_000, -1000, -1, 0, 1, 1000, 1_000_000_000_000] as [Int64] {
                let duration =
                    Duration.milliseconds(milliseconds) + Duration(secondsComponent: 0, attosecondsComponent: offset)
                let expected = expectedMilliseconds(duration)
                if TimeConversion.milliseconds(duration) != expected {
                    Issue.record("\(milliseconds) ms and \(offset) as: not \(String(describing: expected))")
                }
            }
        }
        #expect(TimeConversion.milliseconds(.nanoseconds(1)) == 1)
        #expect(TimeConversion.milliseconds(.milliseconds(1) + .nanoseconds(1)) == 2)
        #expect(TimeConversion.milliseconds(.zero) == nil)
        #expect(TimeConversion.milliseconds(.nanoseconds(-1)) == nil)
    }

    @Test("durations beyond 64 bits of milliseconds are errors, and shorter ones exact")
    func overflow() {
        var generator = SeededGenerator(seed: 1)
        let edge = Int64.max / 1000
        var seconds = [Int64.max, .max - 1, .min, .min + 1, edge, -edge] + (-3...3).map { edge + $0 }
        for shift in 0..<63 { seconds += [1 << shift, -(1 << shift), (1 << shift) - 1] }
        for _ in 0..<2000 { seconds.append(.random(in: .min ... .max, using: &generator)) }
        for value in seconds {
            for attoseconds in [0, 1, 999_999_999_999_999_999, 806_999_999_999_999_999, 807_000_000_000_000_000]
                as [Int64]
            {
                let duration = Duration(
                    secondsComponent: value, attosecondsComponent: value < 0 ? -attoseconds : attoseconds)
                if TimeConversion.milliseconds(duration) != expectedMilliseconds(duration) {
                    Issue.record("\(value) s and \(attoseconds) as")
                }
            }
        }
        let longest = Duration(secondsComponent: edge, attosecondsComponent: 807_000_000_000_000_000)
        #expect(TimeConversion.milliseconds(longest) == .max)
        #expect(TimeConversion.milliseconds(longest + Duration(secondsComponent: 0, attosecondsComponent: 1)) == nil)
    }

    @Test("now plus a duration ends with the year 9999")
    func lastYear() {
        let (latest, now) = (TimeConversion.latest, TimeConversion.latest - 5000)
        for milliseconds in 1...5000 as ClosedRange<Int64> {
            if TimeConversion.timestamp(.milliseconds(milliseconds), after: now) != now + milliseconds {
                Issue.record("\(milliseconds) ms")
            }
        }
        #expect(TimeConversion.timestamp(.milliseconds(5001), after: now) == nil)
        #expect(TimeConversion.timestamp(.milliseconds(5000) + .nanoseconds(1), after: now) == nil)
        #expect(TimeConversion.timestamp(.seconds(Int64.max), after: now) == nil)
        #expect(TimeConversion.timestamp(.milliseconds(1), after: latest) == nil)
        #expect(TimeConversion.timestamp(.milliseconds(Int64.max), after: .max) == nil)
    }

    @Test("every millisecond survives the way over Date and back, up to the year 9999")
    func datesAndBack() {
        var wrong: [Timestamp] = []
        func check(_ timestamp: Timestamp) {
            let back = TimeConversion.timestamp(TimeConversion.date(timestamp))
            if back != timestamp { wrong.append(timestamp) }
        }
        let bases: [Timestamp] = [
            -62_135_769_600_000, -1000, 0, 978_307_200_000, 1_800_000_000_000, 4_102_444_800_000, 8_589_934_592_000,
            32_503_680_000_000, 64_092_211_200_000, 253_402_300_700_000,
        ]
        for base in bases { for offset in 0..<20_000 as Range<Int64> { check(base + offset) } }
        var generator = SeededGenerator(seed: 2)
        for _ in 0..<200_000 { check(.random(in: 0...TimeConversion.latest, using: &generator)) }
        check(TimeConversion.latest)
        #expect(wrong.isEmpty, "\(wrong.prefix(10))")
    }

    @Test("dates between two milliseconds are rounded up")
    func datesRoundedUp() {
        for base in [0, 1_800_000_000, 4_102_444_800] as [Double] {
            for microseconds in [10, 100, 500, 990] as [Double] {
                let date = Date(timeIntervalSince1970: base + microseconds / 1_000_000)
                #expect(TimeConversion.timestamp(date) == Int64(base) * 1000 + 1, "\(base) and \(microseconds) µs")
            }
        }
    }

    @Test("dates beyond 64 bits of milliseconds are no timestamps, and dates in the far past have passed")
    func absurdDates() {
        for interval in [Double.nan, .signalingNaN, .infinity, .greatestFiniteMagnitude, 1e19, 1e16] {
            #expect(TimeConversion.timestamp(Date(timeIntervalSince1970: interval)) == nil)
        }
        for interval in [-Double.infinity, -.greatestFiniteMagnitude, -1e19, -1e16, -1e12] {
            let timestamp = TimeConversion.timestamp(Date(timeIntervalSince1970: interval))
            #expect(timestamp.map { $0 < -900_000_000_000_000 } == true, "\(interval)")
        }
        #expect(TimeConversion.timestamp(Date.distantPast).map { $0 < 0 } == true)
        #expect(TimeConversion.timestamp(Date.distantFuture) == 64_092_211_200_000)
    }
}
