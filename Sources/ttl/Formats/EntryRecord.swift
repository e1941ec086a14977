import TTLStore

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// An entry as JSON, with the names of the file's views.
struct EntryRecord: Encodable {
    let entry: TTLStore.Entry
    let isExpired: Bool

    private enum CodingKeys: String, CodingKey {
        case key, value, kind, encoding, ttl, overdue, revision, tag
        case expiresAt = "expires_at"
        case createdAt = "created_at"
        case updatedAt = "updated_at"
    }

    init(_ entry: TTLStore.Entry, isExpired: Bool = false) {
        self.entry = entry
        self.isExpired = isExpired
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(entry.key, forKey: .key)
        try container.encode(entry.value.kind.rawValue, forKey: .kind)
        switch entry.value {
        case .text(let text): try container.encode(text, forKey: .value)
        case .integer(let integer): try container.encode(integer, forKey: .value)
        case .bytes(let bytes):
            try container.encode(Data(bytes).base64EncodedString(), forKey: .value)
            try container.encode("base64", forKey: .encoding)
        }
        // Seconds; null for an entry that never expires.
        let seconds = entry.remaining.map { Double(DurationFormat.milliseconds($0)) / 1000 }
        try container.encode(isExpired ? seconds.map(-) : seconds, forKey: isExpired ? .overdue : .ttl)
        try container.encode(entry.expiresAt.map(DateFormat.text), forKey: .expiresAt)
        try container.encode(DateFormat.text(entry.createdAt), forKey: .createdAt)
        try container.encode(DateFormat.text(entry.updatedAt), forKey: .updatedAt)
        try container.encode(Int64(entry.revision.description), forKey: .revision)
        try container.encode(entry.tag, forKey: .tag)
    }
}

/// JSON on one line, with sorted names.
enum JSONLine {
    static func bytes(_ value: some Encodable) throws -> [UInt8] {
        Array(try data(value)) + [UInt8(ascii: "\n")]
    }

    /// Without the end of the line.
    static func text(_ value: some Encodable) throws -> String { String(decoding: try data(value), as: UTF8.self) }

    private static func data(_ value: some Encodable) throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return try encoder.encode(value)
    }
}
