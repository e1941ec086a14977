import Foundation
import TTLStore
import TTLTestSupport
import Testing

@testable import ttl

@Suite("Lines of an export")
struct EntryLineTests {
    private static let texts = [
        "", "plain", "\0", "a\0b", "\r\n", "\"quoted\" \\ / \t", "\u{1}\u{1F}\u{7F}\u{9B}", "é", "e\u{301}", "日本",
        "👩‍👩‍👧", "\u{FFFD}", "\u{2028}\u{2029}", "{\"a\":[1,null]}", "\u{10FFFF}",
        String(repeating: "x", count: 70_000),
    ]

    private func json(_ line: EntryLine) -> [UInt8] {
        var text: [UInt8] = []
        line.appendJSON(to: &text)
        return text
    }

    private func parse(_ bytes: [UInt8]) -> Result<EntryLine, LineFault> {
        bytes.withUnsafeBufferPointer { bytes in
            Result { () throws(LineFault) in try EntryLineParser.parse(bytes) }
        }
    }

    private func reasonGiven(_ line: String) -> String? {
        guard case .failure(let fault) = parse(Array(line.utf8)) else { return nil }
        return fault.message
    }

    /// What Foundation's decoder makes of a line.
    private struct Decoded: Decodable {
        let key: String
        let value: TTLStore.Value
        let expiresAt: String?
        let tag: String?

        private enum CodingKeys: String, CodingKey {
            case key, value, encoding, tag
            case expiresAt = "expires_at"
        }

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            key = try container.decode(String.self, forKey: .key)
            if let integer = try? container.decode(Int64.self, forKey: .value) {
                value = .integer(integer)
            } else if try container.decodeIfPresent(String.self, forKey: .encoding) == "base64" {
                value = .bytes([UInt8](try container.decode(Data.self, forKey: .value)))
            } else {
                value = .text(try container.decode(String.self, forKey: .value))
            }
            expiresAt = try container.decodeIfPresent(String.self, forKey: .expiresAt)
            tag = try container.decodeIfPresent(String.self, forKey: .tag)
        }
    }

    private func expectEqual(_ line: EntryLine, _ decoded: Decoded) {
        // Text is compared by its bytes: to Swift, é is equal to e with an accent.
        #expect(Array(decoded.key.utf8) == Array(line.key.utf8))
        #expect(decoded.value.rawBytes == line.value.rawBytes && decoded.value.kind == line.value.kind)
        #expect(decoded.tag.map { Array($0.utf8) } == line.tag.map { Array($0.utf8) })
        let expiresAt = decoded.expiresAt.flatMap(DateFormat.parse).map(DateFormat.milliseconds)
        // Damage may have made a date with more digits, which is rounded up.
        #expect(expiresAt == line.expiresAt || (line.expiresAt ?? 0) - (expiresAt ?? 0) == 1)
    }

    private func randomLine(_ generator: inout SeededGenerator) -> EntryLine {
        func text() -> String {
            let scalars = (0..<Int.random(in: 0...12, using: &generator)).compactMap { _ in
                Unicode.Scalar(
                    UInt32.random(
                        in: 0...[0x20, 0x7F, 0x7FF, 0xFFFF, 0x10FFFF][Int.random(in: 0...4, using: &generator)],
                        using: &generator))
            }
            return String(String.UnicodeScalarView(scalars))
        }
        let value: TTLStore.Value =
            switch Int.random(in: 0...3, using: &generator) {
            case 0: .integer(Int64.random(in: .min ... .max, using: &generator))
            case 1:
                .bytes(
                    (0..<Int.random(in: 0...40, using: &generator)).map { _ in .random(in: 0...255, using: &generator) }
                )
            default: .text(text())
            }
        return EntryLine(
            key: "k" + text(), value: value,
            expiresAt: Bool.random(using: &generator)
                ? .random(in: 100_000_000_000...253_402_300_799_999, using: &generator) : nil,
            tag: Bool.random(using: &generator) ? text() : nil)
    }

    @Test("each entry comes back as it was, and Foundation reads the same from its line")
    func roundTrip() throws {
        var generator = SeededGenerator(seed: 11)
        var lines = (0..<3000).map { _ in randomLine(&generator) }
        for text in EntryLineTests.texts {
            lines.append(EntryLine(key: text, value: .text(text), expiresAt: 1_900_000_000_123, tag: text))
            lines.append(EntryLine(key: text, value: .bytes(Array(text.utf8) + [0xFF, 0x00])))
        }
        for number in [Int64.min, -1, 0, 1, .max] { lines.append(EntryLine(key: "n", value: .integer(number))) }
        for line in lines {
            let text = json(line)
            #expect(text.last == UInt8(ascii: "\n") && text.count { $0 == UInt8(ascii: "\n") } == 1)
            let parsed = try parse(text).get()
            #expect(json(parsed) == text)
            expectEqual(parsed, try JSONDecoder().decode(Decoded.self, from: Data(text)))
        }
    }

    @Test("of damaged lines, what is read is what Foundation reads, and what Foundation refuses is refused")
    func damaged() throws {
        var generator = SeededGenerator(seed: 12)
        let pieces = [
            "\"", "\\", "\\u", "\\ud800", "\\udc00", "{", "}", "[", ",", ":", "null", "1", "-", "0", "e5", ".", " ",
            "\t", "\u{1}", "\\/", "\\u0041", "true", "base64",
        ]
        var (read, refused) = (0, 0)
        for _ in 0..<30_000 {
            var text = json(randomLine(&generator))
            for _ in 0..<Int.random(in: 1...2, using: &generator) {
                let place = Int.random(in: 0..<text.count, using: &generator)
                switch Int.random(in: 0...3, using: &generator) {
                case 0: text.remove(at: place)
                case 1: text[place] = .random(in: 0...255, using: &generator)
                case 2: text.insert(contentsOf: pieces.randomElement(using: &generator)!.utf8, at: place)
                default: text.replaceSubrange(place..., with: text[place...].shuffled(using: &generator))
                }
                if text.isEmpty { text = [0x20] }
            }
            switch parse(text) {
            case .success(let line):
                read += 1
                let decoded = try? JSONDecoder().decode(Decoded.self, from: Data(text))
                if let decoded {
                    expectEqual(line, decoded)
                } else {
                    // Foundation's decoder has no way to read a date that is a number.
                    #expect(line.expiresAt != nil, "\(String(decoding: text, as: UTF8.self))")
                }
            case .failure: refused += 1
            }
        }
        #expect(read > 300 && refused > 10_000)
    }

    @Test("members may come in any order, with spaces, and as 'ttl ls --json' prints them")
    func members() throws {
        let line = try parse(
            Array(
                (#"{ "tag":"t","ttl":1.5e3,"revision":7,"kind":"bytes", "created_at":"x","updated_at":null,"#
                    + #""expires_at":"2030-01-01T01:00:00+01:00","encoding":"base64","value":"AAE=","\u006bey":"k"}"#
                    + "\r").utf8)
        ).get()
        #expect(line == EntryLine(key: "k", value: .bytes([0, 1]), expiresAt: 1_893_456_000_000, tag: "t"))
        let number = try parse(Array(#"{"key":"k","value":-5,"expires_at":1893456000001}"#.utf8)).get()
        #expect(number == EntryLine(key: "k", value: .integer(-5), expiresAt: 1_893_456_000_001))
        let bare = try parse(Array(#"{"key":"k","value":"","expires_at":null,"tag":null}"#.utf8)).get()
        #expect(bare == EntryLine(key: "k", value: .text("")))
    }

    @Test(
        "a bad line is refused with the reason, and without its content",
        arguments: [
            ("", "is not an object of JSON"), ("[]", "is not an object of JSON"), ("null", "is not an object of JSON"),
            ("{}", "has no key"), (#"{"key":"secret"}"#, "has no value"), (#"{"value":1}"#, "has no key"),
            (#"{"key":"secret","value":1,}"#, "the name of a member is not a string"),
            (#"{"key":"secret","value":1} x"#, "something follows the object"),
            (#"{"key":"secret","value":1"#, "a comma or the end of the object is missing"),
            (#"{"key":"secret","value"=1}"#, "a colon is missing"),
            (#"{"key":"secret","key":"b","value":1}"#, "a member comes twice"),
            (#"{"key":"secret","value":1,"value":"x"}"#, "a member comes twice"),
            (#"{"key":"secret","value":1,"tag":null,"tag":"x"}"#, "a member comes twice"),
            (#"{"key":"secret","value":1,"ttl":1,"ttl":2}"#, "a member comes twice"),
            (#"{"key":"secret","value":1,"expire_at":null}"#, "has an unknown member"),
            (#"{"key":"secret","value":1.0}"#, "with a fraction or an exponent"),
            (#"{"key":"secret","value":1e3}"#, "with a fraction or an exponent"),
            (#"{"key":"secret","value":01}"#, "value is a text or an integer"),
            (#"{"key":"secret","value":9223372036854775808}"#, "a number that 64 bits don't hold"),
            (#"{"key":"secret","value":true}"#, "value is a text or an integer"),
            (#"{"key":"secret","value":{"a":1}}"#, "value is a text or an integer"),
            (#"{"key":"secret","value":null}"#, "value is a text or an integer"),
            (#"{"key":7,"value":1}"#, "key is not a string"),
            (#"{"key":"secret","value":"\ud800"}"#, "half a surrogate pair"),
            (#"{"key":"secret","value":"\ud83d \ude00"}"#, "half a surrogate pair"),
            (#"{"key":"secret","value":"\udc00\ud800"}"#, "half a surrogate pair"),
            (#"{"key":"secret","value":"\x"}"#, "an unknown escape"),
            (#"{"key":"secret","value":"\u12g4"}"#, "four hexadecimal digits"),
            (#"{"key":"secret","value":"abc"#, "a string has no end"),
            ("{\"key\":\"secret\",\"value\":\"a\tb\"}", "a control character in a string is not escaped"),
            (#"{"key":"secret","value":"AAA","encoding":"base64"}"#, "not Base64"),
            (#"{"key":"secret","value":"AA B=","encoding":"base64"}"#, "not Base64"),
            (#"{"key":"secret","value":"AB==","encoding":"base64"}"#, "not Base64"),
            (#"{"key":"secret","value":"x","encoding":"hex"}"#, "encoding is base64, or not given"),
            (#"{"key":"secret","value":1,"encoding":"base64"}"#, "an integer has no encoding"),
            (#"{"key":"secret","value":1,"kind":"text"}"#, "contradict each other"),
            (#"{"key":"secret","value":1,"expires_at":"tomorrow"}"#, "expires_at is no date"),
            (#"{"key":"secret","value":1,"expires_at":"2027-02-30T00:00:00.000Z"}"#, "expires_at is no date"),
            (#"{"key":"secret","value":1,"expires_at":1893456000}"#, "milliseconds since 1970 (not seconds)"),
            (#"{"key":"secret","value":1,"expires_at":253402300800000}"#, "before the year 10000"),
            (#"{"key":"secret","value":1,"ttl":60}"#, "ttl counts for nothing without expires_at"),
            (#"{"key":"secret","value":1,"ttl":[1]}"#, "neither a text nor a number"),
        ])
    func bad(line: String, reason: String) throws {
        let message = try #require(reasonGiven(line))
        #expect(message.contains(reason), "\(message)")
        #expect(!message.contains("secret"))
    }

    @Test("invalid UTF-8 is refused, wherever it stands")
    func invalidUTF8() {
        for part in ["key", "value", "tag"] {
            var line = Array("{\"key\":\"@key\",\"value\":\"@value\",\"tag\":\"@tag\"}".utf8)
            let place = Array("@\(part)".utf8)
            let start = (0..<line.count - place.count).first { Array(line[$0..<$0 + place.count]) == place } ?? 0
            line[start] = 0xC3
            guard case .failure(let fault) = parse(line) else {
                Issue.record("\(part) was read")
                continue
            }
            #expect(fault.message == "\(part) is not valid UTF-8")
        }
    }

    @Test("Base64 is as Foundation writes and reads it")
    func base64() {
        var generator = SeededGenerator(seed: 13)
        for length in Array(0...70) + [1000, 4095, 4096, 4097] {
            let bytes = (0..<length).map { _ in UInt8.random(in: 0...255, using: &generator) }
            var text: [UInt8] = []
            Base64.append(bytes, to: &text)
            #expect(String(decoding: text, as: UTF8.self) == Data(bytes).base64EncodedString())
            #expect(text.withUnsafeBufferPointer { Base64.decode($0) } == bytes)
            guard !text.isEmpty else { continue }
            for _ in 0..<20 {
                var changed = text
                changed[Int.random(in: 0..<text.count, using: &generator)] = .random(in: 0...255, using: &generator)
                let decoded = changed.withUnsafeBufferPointer { Base64.decode($0) }
                let expected = Data(base64Encoded: Data(changed)).map { [UInt8]($0) }
                // Foundation ignores the bits behind the last byte.
                if let decoded {
                    #expect(decoded == expected)
                } else if let expected {
                    #expect(Array(Data(expected).base64EncodedString().utf8) != changed)
                }
            }
        }
    }

    @Test("dates are as Foundation writes and reads them, to the millisecond")
    func dates() {
        var generator = SeededGenerator(seed: 14)
        let edges: [Int64] = [
            0, 1, 999, 951_782_399_999, 951_782_400_000, 951_868_799_999, 951_868_800_000, 4_107_542_399_999,
            4_107_542_400_000, 253_402_300_799_999,
        ]
        for number in edges + (0..<5000).map({ _ in .random(in: 0...253_402_300_799_999, using: &generator) }) {
            var text: [UInt8] = []
            DateFormat.append(milliseconds: number, to: &text)
            let string = String(decoding: text, as: UTF8.self)
            let style = Date.ISO8601FormatStyle()
            let seconds = Date(timeIntervalSince1970: Double(number / 1000))
            #expect(string.prefix(19) + "Z" == style.format(seconds))
            #expect(string.dropFirst(19) == String(format: ".%03ldZ", Int(number % 1000)))
            #expect(text.withUnsafeBufferPointer { DateFormat.milliseconds($0) } == number)
            #expect(DateFormat.parse(string).map(DateFormat.milliseconds) == number)
            let place = Int.random(in: 0..<text.count, using: &generator)
            text[place] = .random(in: 0x20...0x7E, using: &generator)
            let changed = text.withUnsafeBufferPointer { DateFormat.milliseconds($0) }
            if let changed {
                let slow = DateFormat.parse(String(decoding: text, as: UTF8.self))
                #expect(slow.map(DateFormat.milliseconds) == changed)
            }
        }
    }
}
