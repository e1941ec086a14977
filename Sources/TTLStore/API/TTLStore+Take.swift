extension TTLStore {
    /// Removes a live text and returns it, or nil, in one step: of any number of takers exactly one gets it. One
    /// commit.
    /// - Parameter key: 1 to 1024 bytes of UTF-8.
    /// - Throws: `wrongKind` if the value is not text, and the entry stays; `invalidKey`; the errors of a write.
    public func take(_ key: String) throws(TTLStoreError) -> String? {
        try engine.write(.take(key) { try ValueCoding.text($0, in: "take") })
    }

    /// Removes a live text and returns it, or nil, in one step: of any number of takers exactly one gets it. One
    /// commit.
    ///
    /// Suspends the task, whose cancellation is ignored.
    /// - Parameter key: 1 to 1024 bytes of UTF-8.
    /// - Throws: `wrongKind` if the value is not text, and the entry stays; `invalidKey`; the errors of a write.
    public func take(_ key: String) async throws(TTLStoreError) -> String? {
        try await engine.write(.take(key) { try ValueCoding.text($0, in: "take") })
    }

    /// Removes a live value and returns it decoded as `type`, or nil, in one step: of any number of takers exactly one
    /// gets it.
    ///
    /// One commit; for a type of your own a read and a commit. The type's own decoding runs with no lock held; if
    /// the value is written meanwhile, the new one is decoded.
    /// - Parameters:
    ///   - key: 1 to 1024 bytes of UTF-8.
    ///   - type: what was stored; ``Value`` for any kind of value.
    /// - Throws: `wrongKind` or `decodingFailed`, and the entry stays; `invalidKey`; the errors of a write.
    public func take<Decoded: Decodable & Sendable>(
        _ key: String, as type: Decoded.Type
    ) throws(TTLStoreError) -> Decoded? {
        guard ValueCoding.runsOwnCode(type) else {
            return try engine.write(.take(key) { try ValueCoding.decode(type, from: $0, in: "take") })
        }
        return try engine.run(.take(key, as: type))
    }

    /// Removes a live value and returns it decoded as `type`, or nil, in one step: of any number of takers exactly one
    /// gets it.
    ///
    /// One commit; for a type of your own a read and a commit. The type's own decoding runs with no lock held; if
    /// the value is written meanwhile, the new one is decoded.
    ///
    /// Suspends the task, whose cancellation is ignored.
    /// - Parameters:
    ///   - key: 1 to 1024 bytes of UTF-8.
    ///   - type: what was stored; ``Value`` for any kind of value.
    /// - Throws: `wrongKind` or `decodingFailed`, and the entry stays; `invalidKey`; the errors of a write.
    public func take<Decoded: Decodable & Sendable>(
        _ key: String, as type: Decoded.Type
    ) async throws(TTLStoreError) -> Decoded? {
        guard ValueCoding.runsOwnCode(type) else {
            return try await engine.write(.take(key) { try ValueCoding.decode(type, from: $0, in: "take") })
        }
        return try await engine.run(.take(key, as: type))
    }
}
