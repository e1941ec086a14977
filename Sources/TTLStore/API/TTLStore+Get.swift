extension TTLStore {
    /// The live text of a key, or nil. One index seek and the row, or memory alone; see
    /// <doc:ReadsFromMemory>.
    /// - Parameter key: 1 to 1024 bytes of UTF-8.
    /// - Throws: `wrongKind` if the value is not text; `invalidKey`; the errors of a read.
    public func get(_ key: String) throws(TTLStoreError) -> String? {
        try engine.read(.text, key)
    }

    /// The live text of a key, or nil. One index seek and the row, or memory alone.
    ///
    /// Suspends the task, whose cancellation is ignored; returns at once where memory has the answer.
    /// - Parameter key: 1 to 1024 bytes of UTF-8.
    /// - Throws: `wrongKind` if the value is not text; `invalidKey`; the errors of a read.
    public func get(_ key: String) async throws(TTLStoreError) -> String? {
        try await engine.read(.text, key)
    }

    /// The live value of a key, decoded as `type`, or nil. One index seek and the row, and
    /// decoding; or memory alone.
    /// - Parameters:
    ///   - key: 1 to 1024 bytes of UTF-8.
    ///   - type: what was stored; ``Value`` for any kind of value.
    /// - Throws: `wrongKind` if the type can't be read from the stored kind, `decodingFailed` if it can't be read from
    ///   the stored JSON; `invalidKey`; the errors of a read.
    public func get<Decoded: Decodable & Sendable>(
        _ key: String, as type: Decoded.Type
    ) throws(TTLStoreError) -> Decoded? {
        try engine.decoded(type, try engine.read(.value, key))
    }

    /// The live value of a key, decoded as `type`, or nil. One index seek and the row, and
    /// decoding; or memory alone.
    ///
    /// Suspends the task, whose cancellation is ignored.
    /// - Parameters:
    ///   - key: 1 to 1024 bytes of UTF-8.
    ///   - type: what was stored; ``Value`` for any kind of value.
    /// - Throws: `wrongKind` if the type can't be read from the stored kind, `decodingFailed` if it can't be read from
    ///   the stored JSON; `invalidKey`; the errors of a read.
    public func get<Decoded: Decodable & Sendable>(
        _ key: String, as type: Decoded.Type
    ) async throws(TTLStoreError) -> Decoded? {
        try engine.decoded(type, try await engine.read(.value, key))
    }

    /// The live entry of a key with its metadata, value and remaining time as of one moment, or nil. One index seek and
    /// the row.
    /// - Parameter key: 1 to 1024 bytes of UTF-8.
    /// - Throws: `invalidKey`, and the errors of a read.
    public func entry(_ key: String) throws(TTLStoreError) -> Entry? {
        try engine.read(.entry, key)?.content
    }

    /// The live entry of a key with its metadata, value and remaining time as of one moment, or nil. One index seek and
    /// the row.
    ///
    /// Suspends the task, whose cancellation is ignored.
    /// - Parameter key: 1 to 1024 bytes of UTF-8.
    /// - Throws: `invalidKey`, and the errors of a read.
    public func entry(_ key: String) async throws(TTLStoreError) -> Entry? {
        try await engine.read(.entry, key)?.content
    }

    /// Whether a live entry has the key. One index seek; reads no value.
    /// - Parameter key: 1 to 1024 bytes of UTF-8.
    /// - Throws: `invalidKey`, and the errors of a read.
    public func contains(_ key: String) throws(TTLStoreError) -> Bool {
        try engine.read(.contains, key) ?? false
    }

    /// Whether a live entry has the key. One index seek; reads no value.
    ///
    /// Suspends the task, whose cancellation is ignored.
    /// - Parameter key: 1 to 1024 bytes of UTF-8.
    /// - Throws: `invalidKey`, and the errors of a read.
    public func contains(_ key: String) async throws(TTLStoreError) -> Bool {
        try await engine.read(.contains, key) ?? false
    }
}
