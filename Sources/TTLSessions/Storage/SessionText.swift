#if Sessions
internal import TTLStore

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// The text that a row of the store holds for a session: a JSON object with the payload as its last member, so that the
/// shell's JSON operators work on it. `Migrations/M0002_sessions.sql` reads it as well.
///
/// Times that a row has columns for are not in the text: `createdAt`, `writtenAt` and `expiresAt`.
struct SessionText: Codable {
    var handle: SessionHandle
    var subject: String?
    var authenticatedAt: Int64?
    var issuedAt: Int64
    var idle: Int64
    var endsAt: Int64
    var remembered: Bool?
    var label: String?
    var userAgent: String?
    var address: String?
    var flash: [FlashMessage]?

    /// What stands before the payload. A quotation mark inside a text is escaped, and no inner object has a member of
    /// that name, so the first place is the only one.
    private static let payloadMember = Array(#","payload":"#.utf8)
}

extension SessionText {
    // MARK: Writing

    /// - Throws: `encodingFailed` of the store, which no record should cause.
    static func text(of record: SessionRecord) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        var bytes = [UInt8](try encoder.encode(SessionText(record)))
        bytes.removeLast()
        bytes += payloadMember
        bytes += record.payload.utf8
        bytes.append(UInt8(ascii: "}"))
        return String(decoding: bytes, as: UTF8.self)
    }

    private init(_ record: SessionRecord) {
        handle = record.handle
        subject = record.subject
        authenticatedAt = record.authenticatedAt
        issuedAt = record.tokenIssuedAt
        idle = record.idleTimeout
        endsAt = record.endsAt
        remembered = record.isRemembered ? true : nil
        label = record.client.label
        userAgent = record.client.userAgent
        address = record.client.address
        flash = record.flash.isEmpty ? nil : record.flash
    }

    // MARK: Reading

    /// Nil for a text that is not a session's.
    static func record(_ text: String, createdAt: Int64, writtenAt: Int64, expiresAt: Int64) -> SessionRecord? {
        var text = text
        return text.withUTF8 { bytes -> SessionRecord? in
            guard bytes.last == UInt8(ascii: "}"), let (text, start) = scan(bytes) ?? decode(bytes) else { return nil }
            let payload = bytes[start..<(bytes.count - 1)]
            var record = text.record
            record.payload = String(decoding: payload, as: UTF8.self)
            (record.createdAt, record.writtenAt, record.expiresAt) = (createdAt, writtenAt, expiresAt)
            return record
        }
    }

    /// As `scan`, for members of any form.
    private static func decode(_ text: UnsafeBufferPointer<UInt8>) -> (members: SessionText, payload: Int)? {
        guard let end = firstPlace(of: payloadMember, in: text) else { return nil }
        let object = Data(UnsafeBufferPointer(rebasing: text[..<end])) + [UInt8(ascii: "}")]
        guard let members = try? JSONDecoder().decode(SessionText.self, from: object) else { return nil }
        return (members, end + payloadMember.count)
    }

    private var record: SessionRecord {
        SessionRecord(
            handle: handle, subject: subject, createdAt: 0, writtenAt: 0, authenticatedAt: authenticatedAt,
            tokenIssuedAt: issuedAt, idleTimeout: idle, expiresAt: 0, endsAt: endsAt,
            isRemembered: remembered ?? false,
            client: SessionClient(label: label, userAgent: userAgent, address: address), flash: flash ?? [],
            payload: "")
    }

    private static func firstPlace(of part: [UInt8], in text: UnsafeBufferPointer<UInt8>) -> Int? {
        guard text.count >= part.count else { return nil }
        return (0...text.count - part.count).first { place in
            text[place] == part[0] && text[place..<place + part.count].elementsEqual(part)
        }
    }
}

/// The row that an old token leaves for its grace period: it leads to the new one.
struct SuccessorText: Codable {
    let rotatedTo: String

    static func text(of id: SessionID) -> String { #"{"rotatedTo":"\#(id.text)"}"# }

    /// Nil for a text that is not such a row's.
    static func id(_ text: String) -> SessionID? {
        guard text.utf8.starts(with: #"{"rotatedTo":""#.utf8) else { return nil }
        return (try? JSONDecoder().decode(SuccessorText.self, from: Data(text.utf8))).flatMap {
            SessionID($0.rotatedTo)
        }
    }
}
#endif
