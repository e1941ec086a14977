#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

/// How Swift values become stored values and back. The kind follows from the type alone:
///
/// | Swift | stored |
/// |---|---|
/// | `String` | TEXT |
/// | `[UInt8]`, `Data` | BLOB |
/// | `Int`, `Int64` | INTEGER |
/// | `Value` | its own kind |
/// | any other `Codable` | TEXT, as JSON with sorted keys |
enum ValueCoding {
    static func encode<Encoded: Encodable>(_ value: Encoded, in operation: String) throws(TTLStoreError) -> Value {
        // By the type, since a cast would see through an optional, which is read back as JSON.
        switch Encoded.self {
        case is String.Type: if let text = value as? String { return .text(text) }
        case is [UInt8].Type: if let bytes = value as? [UInt8] { return .bytes(bytes) }
        case is Data.Type: if let data = value as? Data { return .bytes([UInt8](data)) }
        case is Int.Type: if let integer = value as? Int { return .integer(Int64(integer)) }
        case is Int64.Type: if let integer = value as? Int64 { return .integer(integer) }
        default: break
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do {
            return .text(String(decoding: try encoder.encode(value), as: UTF8.self))
        } catch {
            // The encoder's own error may quote the value.
            throw TTLStoreError(.encodingFailed, "a \(Encoded.self) can't be written as JSON", in: operation)
        }
    }

    static func decode<Decoded: Decodable>(
        _ type: Decoded.Type, from value: Value, in operation: String
    ) throws(TTLStoreError) -> Decoded {
        let direct: (any Decodable)? =
            switch (value, type) {
            case (.text(let text), is String.Type): text
            case (.bytes(let bytes), is [UInt8].Type): bytes
            case (.bytes(let bytes), is Data.Type): Data(bytes)
            case (.integer(let integer), is Int.Type): Int(exactly: integer)
            case (.integer(let integer), is Int64.Type): integer
            default: nil
            }
        if let direct, let decoded = direct as? Decoded { return decoded }
        guard case .text(let json) = value, type != String.self, type != [UInt8].self, type != Data.self else {
            throw wrongKind(value, type, in: operation)
        }
        do {
            return try JSONDecoder().decode(type, from: Data(json.utf8))
        } catch {
            throw TTLStoreError(.decodingFailed, "the stored text is not the JSON of a \(type)", in: operation)
        }
    }

    static func decode<Decoded: Decodable>(
        _ type: Decoded.Type, fromAll values: [Value?]
    ) throws(TTLStoreError) -> [Decoded?] {
        try values.map { (value) throws(TTLStoreError) in
            guard let value else { return nil }
            return try decode(type, from: value, in: "getAll")
        }
    }

    /// Whether decoding such a type may run code of the program, which is kept out of every lock.
    static func runsOwnCode<Decoded>(_ type: Decoded.Type) -> Bool {
        switch type {
        case is String.Type, is [UInt8].Type, is Data.Type, is Int.Type, is Int64.Type: false
        default: true
        }
    }

    static func text(_ value: Value, in operation: String) throws(TTLStoreError) -> String {
        guard case .text(let text) = value else { throw wrongKind(value, String.self, in: operation) }
        return text
    }

    static func wrongKind<Asked>(_ value: Value, _ type: Asked.Type, in operation: String) -> TTLStoreError {
        TTLStoreError(.wrongKind, "the stored value is \(value.kind), not a \(type)", in: operation)
    }
}
