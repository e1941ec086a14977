/// The tokens of one line of JSON (RFC 8259), without nesting. Strict: no comments, no trailing commas, no lone
/// surrogates, no invalid UTF-8.
struct JSONScanner {
    private let bytes: UnsafeBufferPointer<UInt8>
    private var index = 0

    init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

    func fault(_ message: String) -> LineFault { LineFault(message: "\(message) (at byte \(index + 1))") }

    // MARK: Tokens

    var isAtEnd: Bool {
        mutating get {
            skipSpace()
            return index == bytes.count
        }
    }

    var isAtString: Bool {
        mutating get {
            skipSpace()
            return peek == UInt8(ascii: "\"")
        }
    }

    mutating func take(_ token: Unicode.Scalar) -> Bool {
        skipSpace()
        guard peek == UInt8(ascii: token) else { return false }
        index += 1
        return true
    }

    mutating func takeNull() -> Bool {
        skipSpace()
        return takeWord("null")
    }

    private mutating func takeWord(_ word: StaticString) -> Bool {
        guard bytes.count - index >= word.utf8CodeUnitCount else { return false }
        for offset in 0..<word.utf8CodeUnitCount where bytes[index + offset] != word.utf8Start[offset] { return false }
        index += word.utf8CodeUnitCount
        return true
    }

    private var peek: UInt8? { index < bytes.count ? bytes[index] : nil }

    private mutating func skipSpace() {
        while let byte = peek, byte == 0x20 || byte == 0x09 || byte == 0x0D || byte == 0x0A { index += 1 }
    }

    // MARK: Numbers

    /// - Parameter what: the member's name, for the message.
    mutating func integer(_ what: String) throws(LineFault) -> Int64 {
        skipSpace()
        let start = index
        guard skipInteger() else {
            throw fault("\(what) is \(what == "value" ? "a text or an integer" : "a text or a number")")
        }
        if let byte = peek, byte == UInt8(ascii: ".") || byte | 0x20 == UInt8(ascii: "e") {
            throw fault("\(what) is a number with a fraction or an exponent")
        }
        guard let number = Int64(String(decoding: bytes[start..<index], as: UTF8.self)) else {
            throw fault("\(what) is a number that 64 bits don't hold")
        }
        return number
    }

    /// `-`, digits, and no leading zero.
    private mutating func skipInteger() -> Bool {
        if peek == UInt8(ascii: "-") { index += 1 }
        let start = index
        skipDigits()
        return index > start && (bytes[start] != UInt8(ascii: "0") || index == start + 1)
    }

    private mutating func skipDigits() {
        while let byte = peek, byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") { index += 1 }
    }

    private mutating func skipNumber() -> Bool {
        guard skipInteger() else { return false }
        if peek == UInt8(ascii: ".") {
            index += 1
            let start = index
            skipDigits()
            guard index > start else { return false }
        }
        guard let byte = peek, byte | 0x20 == UInt8(ascii: "e") else { return true }
        index += 1
        if let sign = peek, sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") { index += 1 }
        let start = index
        skipDigits()
        return index > start
    }

    mutating func skipScalar() throws(LineFault) {
        if isAtString {
            _ = try text("a member")
        } else if !takeNull(), !skipNumber() {
            throw fault("a member is neither a text nor a number")
        }
    }

    // MARK: Strings

    mutating func text(_ what: String) throws(LineFault) -> String {
        try string(what) { (bytes) throws(LineFault) in
            // Twice as fast for ASCII: in Swift 6.3 `validating` looks its generic types up at each call.
            if bytes.allSatisfy({ $0 < 0x80 }) { return String(decoding: bytes, as: UTF8.self) }
            guard let text = String(validating: bytes, as: UTF8.self) else {
                throw LineFault(message: "\(what) is not valid UTF-8")
            }
            return text
        }
    }

    /// Gives `body` the content of a string, which may not be valid UTF-8.
    mutating func string<Result>(
        _ what: String, _ body: (UnsafeBufferPointer<UInt8>) throws(LineFault) -> Result
    ) throws(LineFault) -> Result {
        guard take("\"") else { throw fault("\(what) is not a string") }
        let start = index
        skipPlain()
        if peek == UInt8(ascii: "\"") {
            index += 1
            return try body(UnsafeBufferPointer(rebasing: bytes[start..<index - 1]))
        }
        var content = Array(bytes[start..<index])
        try takeRest(into: &content)
        // A typed error doesn't pass through the standard library's closures.
        return try content.withUnsafeBufferPointer { bytes in
            Swift.Result { () throws(LineFault) in try body(bytes) }
        }.get()
    }

    /// Up to a quote, a backslash or a control character.
    private mutating func skipPlain() {
        while index < bytes.count {
            let byte = bytes[index]
            if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") || byte < 0x20 { return }
            index += 1
        }
    }

    /// The string from a backslash on, or from a fault.
    private mutating func takeRest(into content: inout [UInt8]) throws(LineFault) {
        while let byte = peek {
            index += 1
            switch byte {
            case UInt8(ascii: "\""):
                return
            case UInt8(ascii: "\\"):
                try takeEscape(into: &content)
            case 0..<0x20:
                throw fault("a control character in a string is not escaped")
            default:
                let start = index - 1
                skipPlain()
                content += UnsafeBufferPointer(rebasing: bytes[start..<index])
            }
        }
        throw fault("a string has no end")
    }

    /// After the backslash.
    private mutating func takeEscape(into content: inout [UInt8]) throws(LineFault) {
        guard let byte = peek else { throw fault("a string has no end") }
        index += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): content.append(byte)
        case UInt8(ascii: "b"): content.append(0x08)
        case UInt8(ascii: "f"): content.append(0x0C)
        case UInt8(ascii: "n"): content.append(0x0A)
        case UInt8(ascii: "r"): content.append(0x0D)
        case UInt8(ascii: "t"): content.append(0x09)
        case UInt8(ascii: "u"): content += UTF8.encode(try scalar()) ?? UTF8.encodedReplacementCharacter
        default: throw fault("an unknown escape in a string")
        }
    }

    /// After `\u`: one unit of UTF-16, or two of them.
    private mutating func scalar() throws(LineFault) -> Unicode.Scalar {
        let unit = try hexadecimal()
        if let scalar = Unicode.Scalar(unit) { return scalar }
        guard unit < 0xDC00, takeWord("\\u") else { throw fault("half a surrogate pair in a string") }
        let second = try hexadecimal()
        guard (0xDC00...0xDFFF).contains(second),
            let scalar = Unicode.Scalar(0x10000 + (unit - 0xD800) << 10 + (second - 0xDC00))
        else { throw fault("half a surrogate pair in a string") }
        return scalar
    }

    private mutating func hexadecimal() throws(LineFault) -> UInt32 {
        var number: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = peek, let digit = Character(Unicode.Scalar(byte)).hexDigitValue, byte < 0x80 else {
                throw fault("\\u needs four hexadecimal digits")
            }
            number = number << 4 | UInt32(digit)
            index += 1
        }
        return number
    }
}
