import Testing

@testable import ttl

@Suite("Durations as text")
struct DurationFormatTests {
    @Test(
        "each unit has its length",
        arguments: [
            ("250ms", Duration.milliseconds(250)), ("90s", .seconds(90)), ("5m", .seconds(300)), ("1h", .seconds(3600)),
            ("7d", .seconds(604_800)), ("2w", .seconds(1_209_600)),
        ])
    func units(text: String, duration: Duration) throws {
        #expect(try DurationFormat.parse(text) == duration)
    }

    @Test(
        "units add up, the larger ones first",
        arguments: [
            ("1h30m", Duration.seconds(5400)), ("1w2d3h4m5s6ms", .milliseconds(788_645_006)), ("1m0s", .seconds(60)),
            ("1s1ms", .milliseconds(1001)), ("0w1s", .seconds(1)),
        ])
    func sums(text: String, duration: Duration) throws {
        #expect(try DurationFormat.parse(text) == duration)
    }

    @Test("a bare number is seconds", arguments: ["90", "0090", "1"])
    func bareNumber(text: String) throws {
        #expect(try DurationFormat.parse(text) == .seconds(Int(text) ?? 0))
    }

    @Test("the longest duration has 64 bits of milliseconds")
    func longest() throws {
        #expect(try DurationFormat.parse("9223372036854775807ms") == .milliseconds(Int64.max))
        #expect(throws: DurationFormat.Failure.tooLong) { try DurationFormat.parse("9223372036854775808ms") }
    }

    @Test(
        "a duration that overflows is too long",
        arguments: [
            "9223372036854775808", "9223372036854775807", "9223372036854775807s", "15250284453w",
            "99999999999999999999d",
            "9223372036854775807s1ms", "9223372036854775s808ms", "1w9223372036854775807ms",
            String(repeating: "9", count: 10_000),
        ])
    func overflow(text: String) {
        #expect(throws: DurationFormat.Failure.tooLong) { try DurationFormat.parse(text) }
    }

    @Test(
        "zero and negative numbers are no durations",
        arguments: ["0", "0s", "0ms", "0w0d0h0m0s0ms", "000", "-1", "-5m", "-1h30m", "-0", "-250ms"])
    func notPositive(text: String) {
        #expect(throws: DurationFormat.Failure.notPositive) { try DurationFormat.parse(text) }
    }

    @Test(
        "any other text is a malformed duration",
        arguments: [
            "", " ", "s", "ms", "-", "--1", "-5x", "-m", "- 5", "+5m", "nan", "NaN", "inf", "infinity", "1.5h", "1e3",
            "0x10", "5 m",
            " 5m",
            "5m ", "5M", "5min", "5sec", "5y", "5us", "30m1h", "1h1h", "1m1h30s", "1s1s", "1ms1s", "5m5", "h5", "5mm",
            "five", "1,000", "1_000", "٥", "٥s", "5ｓ", "5\u{301}s", "5s\n", "5s\0", "--", "never", "1h30",
        ])
    func malformed(text: String) {
        #expect(throws: DurationFormat.Failure.malformed) { try DurationFormat.parse(text) }
    }

    @Test(
        "the time left is printed in whole seconds, rounded down",
        arguments: [
            (Duration.milliseconds(299_999), "4m59s"), (.seconds(300), "5m"), (.seconds(5400), "1h30m"),
            (.seconds(86_400), "1d"), (.seconds(1_209_599), "13d23h59m59s"), (.milliseconds(1999), "1s"),
            (.seconds(3601), "1h1s"),
        ])
    func printed(duration: Duration, text: String) {
        #expect(DurationFormat.text(duration) == text)
    }

    @Test(
        "less than a second is printed in milliseconds",
        arguments: [
            (Duration.milliseconds(999), "999ms"), (.milliseconds(1), "1ms"), (.microseconds(1999), "1ms"),
            (.nanoseconds(1), "0ms"), (.zero, "0ms"),
        ])
    func printedMilliseconds(duration: Duration, text: String) {
        #expect(DurationFormat.text(duration) == text)
    }

    @Test("the time left of a permanent entry is printed as never")
    func never() {
        #expect(DurationFormat.text(timeLeft: nil) == "never")
        #expect(DurationFormat.text(timeLeft: .seconds(1)) == "1s")
    }

    @Test("a time that has passed has a minus sign")
    func negative() {
        #expect(DurationFormat.text(.seconds(-61)) == "-1m1s")
        #expect(DurationFormat.text(.milliseconds(-250)) == "-250ms")
    }

    @Test("no duration is too long to print", arguments: [Int64.max, .min])
    func extremes(seconds: Int64) {
        #expect(DurationFormat.text(.seconds(seconds)).hasSuffix("s"))
        #expect(DurationFormat.milliseconds(.seconds(seconds)) == (seconds < 0 ? .min : .max))
        #expect(DurationFormat.milliseconds(.milliseconds(seconds)) == seconds)
    }

    @Test("a printed duration is read back as the same whole seconds")
    func roundTrip() throws {
        for seconds in Array(1...100_000) + [604_799, 604_800, 31_536_000, 253_402_300_799] {
            let duration = Duration.seconds(seconds)
            #expect(try DurationFormat.parse(DurationFormat.text(duration)) == duration)
        }
        for milliseconds in 1...999 {
            let duration = Duration.milliseconds(milliseconds)
            #expect(try DurationFormat.parse(DurationFormat.text(duration)) == duration)
        }
    }
}
