extension TTLStore {
    /// The live text of a key, or nil. One index seek and the row.
    /// - Throws: `wrongKind` if the value is not text; `invalidKey`; `busy`, `ioError`, `corrupt` and the like.
    public func get(_ key: String) throws(TTLStoreError) -> String? {
        try engine.read(.text(key))
    }

    /// The same, suspending.
    public func get(_ key: String) async throws(TTLStoreError) -> String? {
        try await engine.read(.text(key))
    }

    /// The live value of a key, decoded as `type`, or nil.
    /// - Throws: `wrongKind` if the stored kind can't be such a type, `decodingFailed` if its JSON isn't one.
    public func get<Decoded: Decodable & Sendable>(
        _ key: String, as type: Decoded.Type
    ) throws(TTLStoreError) -> Decoded? {
        guard let value = try getValue(key) else { return nil }
        return try ValueCoding.decode(type, from: value, in: "get")
    }

    /// The same, suspending.
    public func get<Decoded: Decodable & Sendable>(
        _ key: String, as type: Decoded.Type
    ) async throws(TTLStoreError) -> Decoded? {
        guard let value = try await getValue(key) else { return nil }
        return try ValueCoding.decode(type, from: value, in: "get")
    }

    /// The live value of a key in whatever kind it was stored, or nil. One index seek and the row.
    /// - Throws: `invalidKey`, and the errors of a read.
    public func getValue(_ key: String) throws(TTLStoreError) -> Value? {
        try engine.read(.value(key))
    }

    /// The same, suspending.
    public func getValue(_ key: String) async throws(TTLStoreError) -> Value? {
        try await engine.read(.value(key))
    }

    /// The live entry of a key with its metadata, value and remaining time as of one moment, or nil. One index seek and
    /// the row.
    /// - Throws: `invalidKey`, and the errors of a read.
    public func entry(_ key: String) throws(TTLStoreError) -> Entry? {
        try engine.read(.entry(key))
    }

    /// The same, suspending.
    public func entry(_ key: String) async throws(TTLStoreError) -> Entry? {
        try await engine.read(.entry(key))
    }

    /// Whether a live entry has the key. Reads no value.
    public func contains(_ key: String) throws(TTLStoreError) -> Bool {
        try engine.read(.contains(key))
    }

    /// The same, suspending.
    public func contains(_ key: String) async throws(TTLStoreError) -> Bool {
        try await engine.read(.contains(key))
    }
}
