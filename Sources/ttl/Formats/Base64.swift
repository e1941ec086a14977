/// Base64 with padding and without line breaks (RFC 4648, section 4).
enum Base64 {
    private static let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    private static let padding = UInt8(ascii: "=")
    /// By the character's code; 255 for any other character.
    private static let values: [UInt8] = {
        var values = [UInt8](repeating: 255, count: 256)
        for (value, digit) in digits.enumerated() { values[Int(digit)] = UInt8(value) }
        return values
    }()

    static func append(_ bytes: [UInt8], to text: inout [UInt8]) {
        text.reserveCapacity(text.count + (bytes.count + 2) / 3 * 4)
        var index = 0
        while index + 3 <= bytes.count {
            let group = Int(bytes[index]) << 16 | Int(bytes[index + 1]) << 8 | Int(bytes[index + 2])
            text.append(digits[group >> 18])
            text.append(digits[group >> 12 & 63])
            text.append(digits[group >> 6 & 63])
            text.append(digits[group & 63])
            index += 3
        }
        guard index < bytes.count else { return }
        let isPair = index + 2 == bytes.count
        let group = Int(bytes[index]) << 16 | (isPair ? Int(bytes[index + 1]) << 8 : 0)
        text.append(digits[group >> 18])
        text.append(digits[group >> 12 & 63])
        text.append(isPair ? digits[group >> 6 & 63] : padding)
        text.append(padding)
    }

    /// Nil for any other form: spaces, missing padding, or bits that belong to no byte.
    static func decode(_ text: UnsafeBufferPointer<UInt8>) -> [UInt8]? {
        guard text.count.isMultiple(of: 4) else { return nil }
        guard let last = text.last else { return [] }
        let padded = last != padding ? 0 : text[text.count - 2] == padding ? 2 : 1
        let size = text.count / 4 * 3 - padded
        var isValid = true
        let bytes = [UInt8](unsafeUninitializedCapacity: text.count / 4 * 3) { bytes, count in
            var unknown: UInt8 = 0
            for group in 0..<text.count / 4 {
                var number = 0
                for place in 0..<4 {
                    let position = group * 4 + place
                    let value = position >= text.count - padded ? 0 : values[Int(text[position])]
                    unknown |= value & 0xC0
                    number = number << 6 | Int(value & 63)
                }
                bytes[group * 3] = UInt8(number >> 16)
                bytes[group * 3 + 1] = UInt8(number >> 8 & 255)
                bytes[group * 3 + 2] = UInt8(number & 255)
            }
            // What lies beyond the size comes from the padding, and from bits that should be zero.
            isValid = unknown == 0 && bytes[size..<text.count / 4 * 3].allSatisfy { $0 == 0 }
            count = size
        }
        return isValid ? bytes : nil
    }
}
