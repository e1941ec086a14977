#if Sessions
/// A quick reading of the members that `SessionText.text(of:)` writes: a `JSONDecoder` takes longer for them than the
/// store for the row.
extension SessionText {
    /// Nil where the text has anything but plain texts, whole numbers and `true`; the decoder then reads it.
    /// - Parameter members: without the object's end.
    init?(scanning members: UnsafeBufferPointer<UInt8>) {
        var scanner = MemberScanner(members)
        var handle: SessionHandle?
        var subject, label, userAgent, address: String?
        var authenticatedAt, issuedAt, idle, endsAt: Int64?
        var remembered: Bool?
        repeat {
            guard let name = scanner.name() else { return nil }
            switch name {
            case "handle":
                guard let text = scanner.text() else { return nil }
                handle = SessionHandle(text)
            case "subject": subject = scanner.text()
            case "label": label = scanner.text()
            case "userAgent": userAgent = scanner.text()
            case "address": address = scanner.text()
            case "authenticatedAt": authenticatedAt = scanner.integer()
            case "issuedAt": issuedAt = scanner.integer()
            case "idle": idle = scanner.integer()
            case "endsAt": endsAt = scanner.integer()
            case "remembered": remembered = scanner.isTrue()
            default: return nil
            }
            guard !scanner.hasFailed else { return nil }
        } while scanner.next()
        guard scanner.isAtEnd, let handle, let issuedAt, let idle, let endsAt else { return nil }
        self.init(
            handle: handle, subject: subject, authenticatedAt: authenticatedAt, issuedAt: issuedAt, idle: idle,
            endsAt: endsAt, remembered: remembered, label: label, userAgent: userAgent, address: address)
    }
}

private struct MemberScanner {
    private let bytes: UnsafeBufferPointer<UInt8>
    private var place = 1
    private(set) var hasFailed: Bool

    init(_ text: UnsafeBufferPointer<UInt8>) {
        bytes = text
        hasFailed = text.first != UInt8(ascii: "{")
    }

    var isAtEnd: Bool { !hasFailed && place == bytes.count }

    /// Whether another member follows.
    mutating func next() -> Bool { isAtEnd ? false : skip(UInt8(ascii: ",")) }

    mutating func name() -> String? {
        guard let name = text(), skip(UInt8(ascii: ":")) else { return nil }
        return name
    }

    /// A text without an escape.
    mutating func text() -> String? {
        guard skip(UInt8(ascii: "\"")) else { return nil }
        let start = place
        while place < bytes.count, bytes[place] != UInt8(ascii: "\""), bytes[place] != UInt8(ascii: "\\") { place += 1 }
        let end = place
        guard skip(UInt8(ascii: "\"")) else { return nil }
        return String(decoding: bytes[start..<end], as: UTF8.self)
    }

    /// A whole number of up to 18 digits.
    mutating func integer() -> Int64? {
        let start = place
        var number: Int64 = 0
        while place < bytes.count, place - start < 18, case let digit = Int64(bytes[place]) - 48, 0...9 ~= digit {
            number = number * 10 + digit
            place += 1
        }
        let isWhole = place > start && (place == bytes.count || bytes[place] == UInt8(ascii: ","))
        hasFailed = hasFailed || !isWhole || (place > start + 1 && bytes[start] == UInt8(ascii: "0"))
        return hasFailed ? nil : number
    }

    mutating func isTrue() -> Bool? {
        for character in "true".utf8 where !skip(character) { return nil }
        return true
    }

    private mutating func skip(_ character: UInt8) -> Bool {
        guard !hasFailed, place < bytes.count, bytes[place] == character else {
            hasFailed = true
            return false
        }
        place += 1
        return true
    }
}
#endif
