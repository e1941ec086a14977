#if Hummingbird
#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif
import Hummingbird
import TTLStore

/// How the values of the driver lie in the store:
///
/// | Swift | stored |
/// |---|---|
/// | `[UInt8]`, `Data` | BLOB |
/// | an integer | INTEGER; JSON text if 64 bits with a sign can't hold it |
/// | an optional | as the value that it wraps; JSON's `null` for nil |
/// | any other `Codable`, also `String` | JSON text |
///
/// The store itself keeps a string without quotation marks, and so can't tell it from the JSON of another type.
enum PersistedValue {
    /// What the store is to encode.
    static func content<Object: Codable>(of object: Object) -> any Encodable {
        // By the type: a cast makes bytes of each empty array, and looks into optionals.
        switch Object.self {
        case is [UInt8].Type, is Data.Type: return object
        case is any FixedWidthInteger.Type:
            if let number = (object as? any FixedWidthInteger).flatMap({ Int64(exactly: $0) }) { return number }
        case is any PersistedOptional.Type:
            if let wrapped = (object as? any PersistedOptional)?.wrapped { return content(of: wrapped) }
        default: break
        }
        return JSONContent(object: object)
    }

    /// - Throws: `invalidConversion` if the value is not one of the type.
    static func decode<Object: Decodable>(
        _ type: Object.Type, from value: TTLStore.Value
    ) throws(PersistError) -> Object {
        let direct: (any Decodable)? =
            switch (value, type) {
            case (_, let type as any PersistedOptional.Type): try type.decode(from: value)
            case (.bytes(let bytes), is [UInt8].Type): bytes
            case (.bytes(let bytes), is Data.Type): Data(bytes)
            case (.bytes, _), (_, is [UInt8].Type), (_, is Data.Type): throw PersistError.invalidConversion
            case (.integer(let integer), let type as any FixedWidthInteger.Type): exactly(type, integer)
            default: nil
            }
        if let direct {
            guard let object = direct as? Object else { throw PersistError.invalidConversion }
            return object
        }
        do {
            return try JSONDecoder().decode(type, from: Data(value.json.utf8))
        } catch {
            throw PersistError.invalidConversion
        }
    }

    private static func exactly<Number: FixedWidthInteger>(_ type: Number.Type, _ integer: Int64) -> (any Decodable)? {
        Number(exactly: integer) as? any Decodable
    }
}

/// Makes the store write JSON for any type.
private struct JSONContent<Object: Encodable>: Encodable {
    let object: Object

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(object)
    }
}

/// An optional of the program.
private protocol PersistedOptional: Decodable {
    var wrapped: (any Codable)? { get }

    static func decode(from value: TTLStore.Value) throws(PersistError) -> Self
}

extension Optional: PersistedOptional where Wrapped: Codable {
    fileprivate var wrapped: (any Codable)? { self }

    fileprivate static func decode(from value: TTLStore.Value) throws(PersistError) -> Self {
        value == .text("null") ? nil : .some(try PersistedValue.decode(Wrapped.self, from: value))
    }
}

extension TTLStore.Value {
    /// The JSON of a value that is text or a number.
    fileprivate var json: String {
        switch self {
        case .text(let text): text
        case .integer(let integer): String(integer)
        case .bytes: ""
        }
    }
}
#endif
