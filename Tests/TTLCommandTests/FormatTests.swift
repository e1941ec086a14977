import Testing

@testable import ttl

@Suite("Text for people")
struct FormatTests {
    @Test(
        "control characters and line breaks can't reach the terminal",
        arguments: [
            ("plain", "plain"), ("a\nb", "a\\nb"), ("a\r\n\tb", "a\\r\\n\\tb"), ("\u{1B}[31m", "\\u{1B}[31m"),
            ("a\0b", "a\\u{0}b"), ("\u{7F}\u{9B}", "\\u{7F}\\u{9B}"), ("\u{2028}", "\\u{2028}"), ("a\\nb", "a\\\\nb"),
            ("\u{202E}b\u{200B}\u{AD}", "\\u{202E}b\\u{200B}\\u{AD}"), ("é 👩‍👩‍👧 日本", "é 👩‍👩‍👧 日本"),
        ])
    func escaped(text: String, shown: String) {
        #expect(PrintableText.escaped(text) == shown)
    }

    @Test(
        "numbers are grouped by thousands",
        arguments: [
            (0, "0"), (999, "999"), (1000, "1,000"), (20_300, "20,300"), (-1_234_567, "-1,234,567"),
            (Int.max, "9,223,372,036,854,775,807"), (Int.min, "-9,223,372,036,854,775,808"),
        ])
    func grouped(number: Int, text: String) {
        #expect(Figures.grouped(number) == text)
    }

    @Test(
        "sizes have one decimal, and a unit that fits",
        arguments: [
            (0, "0 bytes"), (1023, "1023 bytes"), (1024, "1.0 KiB"), (49_152, "48.0 KiB"), (1_048_575, "1.0 MiB"),
            (14_889_779, "14.2 MiB"), (1 << 40, "1.0 TiB"), (1 << 52, "4096.0 TiB"),
        ])
    func bytes(count: Int, text: String) {
        #expect(Figures.bytes(count) == text)
    }

    @Test(
        "times have a unit that fits",
        arguments: [
            (Duration.microseconds(850), "850 µs"), (.microseconds(12_340), "12.3 ms"), (.milliseconds(2100), "2.1 s"),
        ])
    func times(duration: Duration, text: String) {
        #expect(Figures.time(duration) == text)
    }
}
