extension TTLStore {
    /// The live text of a key, or nil. One index seek and the row.
    /// - Throws: `wrongKind` if the value is not text; `invalidKey`; the errors of a read.
    public func get(_ key: String) throws(TTLStoreError) -> String? {
        try engine.read(.text(key))
    }

    /// As the synchronous form; suspends the task, whose cancellation is ignored.
    public func get(_ key: String) async throws(TTLStoreError) -> String? {
        try await engine.read(.text(key))
    }

    /// The live value of a key, decoded as `type`, or nil. One index seek and the row, and decoding.
    /// - Parameters:
    ///   - key: 1 to 1024 bytes of UTF-8.
    ///   - type: what was stored; ``Value`` for whatever kind it is.
    /// - Throws: `wrongKind` if the stored kind can't be such a type, `decodingFailed` if its JSON isn't one;
    ///   `invalidKey`; the errors of a read.
    public func get<Decoded: Decodable & Sendable>(
        _ key: String, as type: Decoded.Type
    ) throws(TTLStoreError) -> Decoded? {
        guard let value = try engine.read(.value(key)) else { return nil }
        return try ValueCoding.decode(type, from: value, in: "get")
    }

    /// As the synchronous form; suspends the task, whose cancellation is ignored.
    public func get<Decoded: Decodable & Sendable>(
        _ key: String, as type: Decoded.Type
    ) async throws(TTLStoreError) -> Decoded? {
        guard let value = try await engine.read(.value(key)) else { return nil }
        return try ValueCoding.decode(type, from: value, in: "get")
    }

    /// The live entry of a key with its metadata, value and remaining time as of one moment, or nil. One index seek and
    /// the row.
    /// - Throws: `invalidKey`, and the errors of a read.
    public func entry(_ key: String) throws(TTLStoreError) -> Entry? {
        try engine.read(.entry(key))
    }

    /// As the synchronous form; suspends the task, whose cancellation is ignored.
    public func entry(_ key: String) async throws(TTLStoreError) -> Entry? {
        try await engine.read(.entry(key))
    }

    /// Whether a live entry has the key. One index seek; reads no value.
    /// - Throws: `invalidKey`, and the errors of a read.
    public func contains(_ key: String) throws(TTLStoreError) -> Bool {
        try engine.read(.contains(key))
    }

    /// As the synchronous form; suspends the task, whose cancellation is ignored.
    public func contains(_ key: String) async throws(TTLStoreError) -> Bool {
        try await engine.read(.contains(key))
    }
}
