#if Sessions
/// A quick reading of the members that `SessionText.text(of:)` writes: a `JSONDecoder` takes longer for them than the
/// store for the row.
extension SessionText {
    /// The members before the payload, and the place where the payload begins. Nil where they have anything but plain
    /// texts, whole numbers and `true`; the decoder then reads them.
    static func scan(_ text: UnsafeBufferPointer<UInt8>) -> (members: SessionText, payload: Int)? {
        var scanner = MemberScanner(text)
        var handle: SessionHandle?
        var subject, label, userAgent, address: String?
        var authenticatedAt, issuedAt, idle, endsAt: Int64?
        var remembered: Bool?
        var payload: Int?
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
            case "payload": payload = scanner.place
            default: return nil
            }
            guard !scanner.hasFailed else { return nil }
        } while payload == nil && scanner.next()
        guard let payload, let handle, let issuedAt, let idle, let endsAt else { return nil }
        let members = SessionText(
            handle: handle, subject: subject, authenticatedAt: authenticatedAt, issuedAt: issuedAt, idle: idle,
            endsAt: endsAt, remembered: remembered, label: label, userAgent: userAgent, address: address)
        return (members, payload)
    }
}

/// Whether a member's name is that one.
private func ~= (name: StaticString, bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    guard bytes.count == name.utf8CodeUnitCount else { return false }
    for place in bytes.indices where bytes[place] != name.utf8Start[place] { return false }
    return true
}

private struct MemberScanner {
    private let bytes: UnsafeBufferPointer<UInt8>
    private(set) var place = 1
    private(set) var hasFailed: Bool

    init(_ text: UnsafeBufferPointer<UInt8>) {
        bytes = text
        hasFailed = text.first != UInt8(ascii: "{")
    }

    /// Whether another member follows.
    mutating func next() -> Bool { skip(UInt8(ascii: ",")) }

    /// The name of a member: a part of the text.
    mutating func name() -> UnsafeBufferPointer<UInt8>? {
        guard let name = bytesOfText(), skip(UInt8(ascii: ":")) else { return nil }
        return name
    }

    /// A text without an escape.
    mutating func text() -> String? { bytesOfText().map { String(decoding: $0, as: UTF8.self) } }

    private mutating func bytesOfText() -> UnsafeBufferPointer<UInt8>? {
        guard skip(UInt8(ascii: "\"")) else { return nil }
        let start = place
        while place < bytes.count, bytes[place] != UInt8(ascii: "\""), bytes[place] != UInt8(ascii: "\\") { place += 1 }
        let end = place
        guard skip(UInt8(ascii: "\"")) else { return nil }
        return UnsafeBufferPointer(rebasing: bytes[start..<end])
    }

    /// A whole number of up to 18 digits.
    mutating func integer() -> Int64? {
        let start = place
        var number: Int64 = 0
        while place < bytes.count, place - start < 18, case let digit = Int64(bytes[place]) - 48, 0...9 ~= digit {
            number = number * 10 + digit
            place += 1
        }
        let isWhole = place > start && place < bytes.count && bytes[place] == UInt8(ascii: ",")
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
