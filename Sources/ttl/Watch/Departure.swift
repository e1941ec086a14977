import TTLStore

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// An entry that has left the store, as far as that can be told from outside.
struct Departure: Equatable {
    /// With the names of `TTLStore.Removal.Cause`.
    enum Cause: String, Encodable {
        case expired, removed, overwritten
    }

    let entry: WatchedEntry
    let cause: Cause
    /// When it expired, else when it was missed.
    let date: Date

    /// `2026-11-28T04:07:31.351Z expired     session:7`
    var line: String {
        [DateFormat.text(date), Figures.left(cause.rawValue, 11), PrintableText.escaped(entry.key)]
            .joined(separator: " ")
    }
}

extension Departure: Encodable {
    private enum CodingKeys: String, CodingKey {
        case at, cause, key, tag
        case expiresAt = "expires_at"
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(DateFormat.text(date), forKey: .at)
        try container.encode(cause, forKey: .cause)
        try container.encode(entry.key, forKey: .key)
        try container.encode(entry.tag, forKey: .tag)
        try container.encode(DateFormat.text(entry.expiresAt), forKey: .expiresAt)
    }
}
