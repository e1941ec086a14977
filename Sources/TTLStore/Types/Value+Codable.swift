#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// A store keeps a `Value` by its kind, and `get(_:as:)` returns it by its kind. Inside another type it is coded as an
/// object with one member, named after the kind: `{"integer":5}`.
extension TTLStore.Value: Codable {
    private enum Member: String, CodingKey {
        case text, bytes, integer
    }

    /// From the object with one member.
    /// - Throws: `DecodingError` for anything else.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Member.self)
        guard let member = container.allKeys.first, container.allKeys.count == 1 else {
            throw DecodingError.dataCorrupted(
                DecodingError.Context(
                    codingPath: container.codingPath, debugDescription: "a value has one of text, bytes and integer"))
        }
        switch member {
        case .text: self = .text(try container.decode(String.self, forKey: member))
        case .bytes: self = .bytes([UInt8](try container.decode(Data.self, forKey: member)))
        case .integer: self = .integer(try container.decode(Int64.self, forKey: member))
        }
    }

    /// As the object with one member.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Member.self)
        switch self {
        case .text(let text): try container.encode(text, forKey: .text)
        case .bytes(let bytes): try container.encode(Data(bytes), forKey: .bytes)
        case .integer(let integer): try container.encode(integer, forKey: .integer)
        }
    }
}
