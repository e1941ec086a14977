/// Marks every optional, so that the coding of values can recognise one.
protocol OptionalValue {}

extension Optional: OptionalValue {}

/// An optional whose wrapped value could be stored.
///
/// With `getOrCompute` the compiler infers optionals that the program doesn't name: `try?` makes the result a
/// `String?`, and the compiler then infers the same for the closure. So a computed optional is stored as the value that
/// it wraps.
protocol OptionalContent {
    /// - Parameter optional: a value of this very type.
    static func encodeWrapped(of optional: Any, in operation: String) throws(TTLStoreError) -> Value
    static func decodeWrapped(from value: Value, in operation: String) throws(TTLStoreError) -> Self
}

extension Optional: OptionalContent where Wrapped: Codable {
    static func encodeWrapped(of optional: Any, in operation: String) throws(TTLStoreError) -> Value {
        guard case .some(.some(let wrapped)) = optional as? Self else {
            throw TTLStoreError(.encodingFailed, "nil can't be stored", in: operation)
        }
        return try ValueCoding.encode(wrapped, in: operation)
    }

    static func decodeWrapped(from value: Value, in operation: String) throws(TTLStoreError) -> Self {
        try ValueCoding.decode(Wrapped.self, from: value, in: operation)
    }
}

extension ValueCoding {
    /// Encodes a value; of an optional, the wrapped value.
    /// - Throws: `encodingFailed` for nil, and as `encode`.
    static func encodeUnwrapped<Content: Encodable>(
        _ content: Content, in operation: String
    ) throws(TTLStoreError) -> Value {
        guard let type = Content.self as? any OptionalContent.Type else { return try encode(content, in: operation) }
        return try type.encodeWrapped(of: content, in: operation)
    }

    /// Decodes an optional by the type that it wraps.
    static func decodeWrapped<Content: Decodable>(
        _ type: Content.Type, from value: Value, in operation: String
    ) throws(TTLStoreError) -> Content {
        guard let optional = type as? any OptionalContent.Type else {
            return try decode(type, from: value, in: operation)
        }
        guard let content = try optional.decodeWrapped(from: value, in: operation) as? Content else {
            throw wrongKind(value, type, in: operation)
        }
        return content
    }
}
