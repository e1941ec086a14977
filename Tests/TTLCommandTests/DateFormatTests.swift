import Foundation
import Testing

@testable import ttl

@Suite("Dates as text")
struct DateFormatTests {
    @Test(
        "a moment is read to the millisecond, in any zone",
        arguments: [
            ("1970-01-01T00:00:00Z", 0.0), ("2027-01-01T00:00:00Z", 1_798_761_600),
            ("2027-01-01T00:00:00.250Z", 1_798_761_600.25),
            ("2027-01-01T02:00:00+02:00", 1_798_761_600), ("2026-12-31T18:30:00-05:30", 1_798_761_600),
            ("2028-02-29T00:00:00Z", 1_835_395_200), ("9999-12-31T23:59:59.999Z", 253_402_300_799.999),
            ("2027-01-01T00:00:00.000000001Z", 1_798_761_600),
        ])
    func read(text: String, seconds: Double) throws {
        let date = try #require(DateFormat.parse(text))
        #expect(abs(date.timeIntervalSince1970 - seconds) < 0.0001)
    }

    @Test(
        "text that is no date and time is refused",
        arguments: [
            "", "now", "nan", "2027-01-01", "2027-01-01T00:00:00", "2027-01-01 00:00:00Z", "2027-02-30T00:00:00Z",
            "2027-02-29T00:00:00Z", "2027-13-01T00:00:00Z", "2027-00-01T00:00:00Z", "2027-01-01T24:00:00Z",
            "2027-01-01T23:60:00Z", "2027-01-01T23:59:60Z", "2027-1-1T0:0:0Z", "2027-01-01T00:00:00Zulu",
            "2027-01-01T00:00:00Z ", " 2027-01-01T00:00:00Z", "2027-01-01T00:00:00.Z", "2027-01-01T00:00:00.5",
            "2027-01-01T00:00:00+24:00", "2027-01-01T00:00:00+00:60", "2027-01-01T00:00:00+0200",
            "2027-01-01T00:00:00+02", "2027-01-01T00:00:00+-2:00", "99999-01-01T00:00:00Z", "-027-01-01T00:00:00Z",
            "1798761600", "٢027-01-01T00:00:00Z", "2027-01-01T00:00:00\0Z", "2027-01-01T00:00:00Z\n",
            String(repeating: "2", count: 10_000),
        ])
    func refused(text: String) {
        #expect(DateFormat.parse(text) == nil)
    }

    @Test("each millisecond is printed as itself, and read back")
    func everyMillisecond() {
        for milliseconds in Int64(1_796_000_000_000)...1_796_000_001_000 {
            let date = Date(timeIntervalSince1970: Double(milliseconds) / 1000)
            let text = DateFormat.text(date)
            #expect(text.hasSuffix(".\(String(1000 + milliseconds % 1000).dropFirst())Z"))
            #expect(DateFormat.parse(text).map { Int64(($0.timeIntervalSince1970 * 1000).rounded()) } == milliseconds)
        }
    }

    @Test("no number in the file is too large to print", arguments: [Int64.max, .min, -1, -62_135_596_800_001])
    func extremes(milliseconds: Int64) {
        #expect(DateFormat.text(Date(timeIntervalSince1970: Double(milliseconds) / 1000)).hasSuffix("Z"))
    }
}
