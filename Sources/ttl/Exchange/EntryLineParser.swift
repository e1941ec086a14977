import TTLStore

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Reads one line of an export, or of `ttl ls --json`.
///
/// Strict: one object of scalars, each member at most once, no unknown ones, so that a misspelt `expires_at` doesn't
/// make an entry that lives for ever. Foundation's decoder takes some 15 µs for a line, this one less than one.
struct EntryLineParser {
    /// What `ttl ls --json` prints in addition. An import makes it anew, or knows it from the other members.
    private static let ignoredMembers: Set = ["ttl", "overdue", "revision", "created_at", "updated_at"]

    private var scanner: JSONScanner
    private var key: String?
    private var text: String?
    private var integer: Int64?
    private var kind: String?
    private var isBase64: Bool?
    private var expiresAt: Int64??
    private var tag: String??
    private var ignored: Set<String> = []

    private init(_ line: UnsafeBufferPointer<UInt8>) { scanner = JSONScanner(line) }

    /// - Parameter line: without its line break.
    static func parse(_ line: UnsafeBufferPointer<UInt8>) throws(LineFault) -> EntryLine {
        var parser = EntryLineParser(line)
        try parser.readMembers()
        return try parser.entry()
    }

    private mutating func readMembers() throws(LineFault) {
        guard scanner.take("{") else { throw scanner.fault("is not an object of JSON") }
        if !scanner.take("}") {
            repeat {
                let name = try scanner.text("the name of a member")
                guard scanner.take(":") else { throw scanner.fault("a colon is missing") }
                try readMember(name)
            } while scanner.take(",")
            guard scanner.take("}") else { throw scanner.fault("a comma or the end of the object is missing") }
        }
        guard scanner.isAtEnd else { throw scanner.fault("something follows the object") }
    }

    private mutating func readMember(_ name: String) throws(LineFault) {
        func once(_ isNew: Bool) throws(LineFault) {
            guard isNew else { throw scanner.fault("a member comes twice") }
        }
        switch name {
        case EntryLine.Member.key:
            try once(key == nil)
            key = try scanner.text("key")
        case EntryLine.Member.value:
            try once(text == nil && integer == nil)
            if scanner.isAtString { text = try scanner.text("value") } else { integer = try scanner.integer("value") }
        case EntryLine.Member.encoding:
            try once(isBase64 == nil)
            guard try scanner.text("encoding") == EntryLine.base64 else {
                throw scanner.fault("encoding is base64, or not given")
            }
            isBase64 = true
        case EntryLine.Member.expiresAt:
            try once(expiresAt == nil)
            expiresAt = .some(try scanner.takeNull() ? nil : moment())
        case EntryLine.Member.tag:
            try once(tag == nil)
            tag = .some(try scanner.takeNull() ? nil : scanner.text("tag"))
        case "kind":
            try once(kind == nil)
            kind = try scanner.text("kind")
        default:
            guard EntryLineParser.ignoredMembers.contains(name) else {
                throw scanner.fault("has an unknown member; the members are key, value, encoding, expires_at and tag")
            }
            try once(ignored.insert(name).inserted)
            try scanner.skipScalar()
        }
    }

    private mutating func moment() throws(LineFault) -> Int64 {
        if scanner.isAtString {
            return try scanner.string("expires_at") { (bytes) throws(LineFault) in
                if let exact = DateFormat.milliseconds(bytes) { return exact }
                guard let date = DateFormat.parse(String(decoding: bytes, as: UTF8.self)) else {
                    throw LineFault(message: "expires_at is no date such as 2027-01-01T00:00:00.000Z")
                }
                // Rounded as in the store: an entry lives no shorter than it was said to.
                return Int64((date.timeIntervalSince1970 * 1000 - 0.0005).rounded(.up))
            }
        }
        let number = try scanner.integer("expires_at")
        guard (100_000_000_000...253_402_300_799_999).contains(number) else {
            throw scanner.fault("expires_at is in milliseconds since 1970 (not seconds), before the year 10000")
        }
        return number
    }

    private func entry() throws(LineFault) -> EntryLine {
        guard let key else { throw LineFault(message: "has no key") }
        let value: TTLStore.Value
        if let integer {
            guard isBase64 == nil else { throw LineFault(message: "an integer has no encoding") }
            value = .integer(integer)
        } else if let text {
            value = isBase64 == true ? try bytes(text) : .text(text)
        } else {
            throw LineFault(message: "has no value")
        }
        if let kind, kind != value.kind.rawValue { throw LineFault(message: "kind and value contradict each other") }
        // Else a line that somebody has written would make an entry that lives for ever.
        if ignored.contains("ttl"), expiresAt == nil {
            throw LineFault(message: "ttl counts for nothing without expires_at, the moment")
        }
        return EntryLine(key: key, value: value, expiresAt: expiresAt ?? nil, tag: tag ?? nil)
    }

    private func bytes(_ text: String) throws(LineFault) -> TTLStore.Value {
        var text = text
        guard let bytes = text.withUTF8({ Base64.decode($0) }) else {
            throw LineFault(message: "the value is not Base64 with padding and without spaces")
        }
        return .bytes(bytes)
    }
}

/// Why a line can't be imported. Holds no key and no value.
struct LineFault: Error, Equatable {
    var message: String
}
