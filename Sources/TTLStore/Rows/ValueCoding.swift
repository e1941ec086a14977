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
/// | `Int`, `Int8` … `Int128`, `UInt`, `UInt8` … `UInt128` | INTEGER; one that 64 signed bits can't hold is refused |
/// | `Value` | its own kind |
/// | an optional | refused: JSON would make `null` of nil, and of text what no `String` is read from |
/// | any other `Codable` | TEXT, as JSON with sorted keys |
enum ValueCoding {
    static func encode<Encoded: Encodable>(_ value: Encoded, in operation: String) throws(TTLStoreError) -> Value {
        // By the type: a cast would look into an optional.
        switch Encoded.self {
        case is String.Type: if let text = value as? String { return .text(text) }
        case is [UInt8].Type: if let bytes = value as? [UInt8] { return .bytes(bytes) }
        case is Data.Type: if let data = value as? Data { return .bytes([UInt8](data)) }
        case is Int.Type: if let integer = value as? Int { return .integer(Int64(integer)) }
        case is Value.Type: if let value = value as? Value { return value }
        case is any StoredInteger.Type:
            guard let integer = (value as? any StoredInteger)?.stored else {
                throw TTLStoreError(.encodingFailed, "the \(Encoded.self) is not within 64 signed bits", in: operation)
            }
            return .integer(integer)
        case is any OptionalValue.Type: throw optionalRefused(Encoded.self, in: operation)
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
            case (_, is Value.Type): value
            case (.text(let text), is String.Type): text
            case (.bytes(let bytes), is [UInt8].Type): bytes
            case (.bytes(let bytes), is Data.Type): Data(bytes)
            case (.integer(let integer), let type as any StoredInteger.Type): try exactly(type, integer, in: operation)
            default: nil
            }
        if let direct, let decoded = direct as? Decoded { return decoded }
        if type is any OptionalValue.Type {
            throw TTLStoreError(.decodingFailed, "a \(type) is never stored: ask for what it wraps", in: operation)
        }
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

    /// Whether decoding the type may run code of the program, which must run outside every lock.
    static func runsOwnCode<Decoded>(_ type: Decoded.Type) -> Bool {
        switch type {
        case is String.Type, is [UInt8].Type, is Data.Type, is Value.Type, is any StoredInteger.Type: false
        default: true
        }
    }

    private static func exactly<Number: StoredInteger>(
        _ type: Number.Type, _ integer: Int64, in operation: String
    ) throws(TTLStoreError) -> Number {
        guard let number = Number(exactly: integer) else {
            throw TTLStoreError(.decodingFailed, "the stored integer is not within the range of \(type)", in: operation)
        }
        return number
    }

    /// Called before code of the program runs whose result could not be stored.
    static func refuseOptional<Content>(_ type: Content.Type, in operation: String) throws(TTLStoreError) {
        if type is any OptionalValue.Type { throw optionalRefused(type, in: operation) }
    }

    static func optionalRefused<Content>(_ type: Content.Type, in operation: String) -> TTLStoreError {
        TTLStoreError(.encodingFailed, "a \(type) can't be stored: unwrap it, or remove the key", in: operation)
    }

    static func text(_ value: Value, in operation: String) throws(TTLStoreError) -> String {
        guard case .text(let text) = value else { throw wrongKind(value, String.self, in: operation) }
        return text
    }

    static func wrongKind<Asked>(_ value: Value, _ type: Asked.Type, in operation: String) -> TTLStoreError {
        TTLStoreError(.wrongKind, "the stored value is \(value.kind.rawValue), not a \(type)", in: operation)
    }
}
