extension TTLStore {
    /// Removes a live text and returns it, or nil, in one step: of any number of takers exactly one gets it. One commit.
    /// - Throws: `wrongKind` if the value is not text, and the entry stays; `invalidKey`; the errors of a write.
    public func take(_ key: String) throws(TTLStoreError) -> String? {
        try engine.write(.take(key) { try ValueCoding.text($0, in: "take") })
    }

    /// The same, suspending.
    public func take(_ key: String) async throws(TTLStoreError) -> String? {
        try await engine.write(.take(key) { try ValueCoding.text($0, in: "take") })
    }

    /// Removes a live value and returns it decoded as `type`, or nil.
    /// - Throws: `wrongKind` or `decodingFailed`, and the entry stays; `invalidKey`; the errors of a write.
    public func take<Decoded: Decodable & Sendable>(
        _ key: String, as type: Decoded.Type
    ) throws(TTLStoreError) -> Decoded? {
        try engine.write(.take(key) { try ValueCoding.decode(type, from: $0, in: "take") })
    }

    /// The same, suspending.
    public func take<Decoded: Decodable & Sendable>(
        _ key: String, as type: Decoded.Type
    ) async throws(TTLStoreError) -> Decoded? {
        try await engine.write(.take(key) { try ValueCoding.decode(type, from: $0, in: "take") })
    }

    /// Removes a live value and returns it in whatever kind it was stored, or nil.
    /// - Throws: `invalidKey`; the errors of a write.
    public func takeValue(_ key: String) throws(TTLStoreError) -> Value? {
        try engine.write(.take(key) { $0 })
    }

    /// The same, suspending.
    public func takeValue(_ key: String) async throws(TTLStoreError) -> Value? {
        try await engine.write(.take(key) { $0 })
    }
}
