#if Sessions
/// The alphabet of RFC 4648, section 5, without padding, for texts of 32 bytes: tokens and their hashes.
enum Base64URL {
    static let byteCount = 32
    static let characterCount = 43

    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

    /// For each byte of ASCII the six bits that the character stands for; 0xFF for all others.
    private static let values: [UInt8] = {
        var values = [UInt8](repeating: 0xFF, count: 256)
        for (value, character) in alphabet.enumerated() { values[Int(character)] = UInt8(value) }
        return values
    }()

    static func encode(_ bytes: some Sequence<UInt8>) -> String {
        var characters: [UInt8] = []
        characters.reserveCapacity(characterCount)
        var (bits, count) = (UInt32(0), 0)
        for byte in bytes {
            bits = bits << 8 | UInt32(byte)
            count += 8
            while count >= 6 {
                count -= 6
                characters.append(alphabet[Int(bits >> UInt32(count) & 63)])
            }
        }
        if count > 0 { characters.append(alphabet[Int(bits << UInt32(6 - count) & 63)]) }
        return String(decoding: characters, as: UTF8.self)
    }

    static func contains(_ character: UInt8) -> Bool { values[Int(character)] != 0xFF }

    /// The text, if it is what `encode` makes of 32 bytes; else nil. The last character holds four bits, so its other
    /// two are zero. Looks at the length first, and allocates nothing for a wrong one.
    static func canonical(_ text: some StringProtocol) -> String? {
        guard text.utf8.count == characterCount else { return nil }
        // By the bytes in memory: a loop over the views of any kind of text is not specialised, and slow.
        var text = String(text)
        return text.withUTF8 { $0.allSatisfy(contains) && $0.last.map { values[Int($0)] & 3 } == 0 } ? text : nil
    }
}

enum RandomBytes {
    static func make(_ count: Int) -> [UInt8] {
        var generator = SystemRandomNumberGenerator()
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count + 8)
        while bytes.count < count {
            withUnsafeBytes(of: generator.next() as UInt64) { bytes.append(contentsOf: $0) }
        }
        bytes.removeLast(bytes.count - count)
        return bytes
    }
}
#endif
