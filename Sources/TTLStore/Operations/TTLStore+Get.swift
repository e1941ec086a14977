extension TTLStore {
    /// The live text of a key, or nil. One index seek and the row.
    /// - Throws: `wrongKind` if the value is not text; `invalidKey`; `busy`, `ioError`, `corrupt` and the like.
    public func get(_ key: String) throws(TTLStoreError) -> String? {
        try engine.read("get", textBody(key))
    }

    /// The same, suspending.
    public func get(_ key: String) async throws(TTLStoreError) -> String? {
        try await engine.read("get", textBody(key))
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
        try engine.read("get", valueBody(key))
    }

    /// The same, suspending.
    public func getValue(_ key: String) async throws(TTLStoreError) -> Value? {
        try await engine.read("get", valueBody(key))
    }

    /// The live entry of a key with its metadata, value and remaining time as of one moment, or nil. One index seek and
    /// the row.
    /// - Throws: `invalidKey`, and the errors of a read.
    public func entry(_ key: String) throws(TTLStoreError) -> Entry? {
        try engine.read("entry", entryBody(key))
    }

    /// The same, suspending.
    public func entry(_ key: String) async throws(TTLStoreError) -> Entry? {
        try await engine.read("entry", entryBody(key))
    }

    /// Whether a live entry has the key. Reads no value.
    public func contains(_ key: String) throws(TTLStoreError) -> Bool {
        try engine.read("contains", containsBody(key))
    }

    /// The same, suspending.
    public func contains(_ key: String) async throws(TTLStoreError) -> Bool {
        try await engine.read("contains", containsBody(key))
    }

    private typealias Body<Result> = @Sendable (EntryReader) throws -> Result

    private func textBody(_ key: String) throws(TTLStoreError) -> Body<String?> {
        let key = try Key(key, in: "get")
        let clock = configuration.clock
        return { reader in
            switch try reader.text(key, now: clock.now) {
            case .text(let text): return text
            case .other(let value): throw ValueCoding.wrongKind(value, String.self, in: "get")
            case nil: return nil
            }
        }
    }

    private func valueBody(_ key: String) throws(TTLStoreError) -> Body<Value?> {
        let key = try Key(key, in: "get")
        let clock = configuration.clock
        return { reader in try reader.value(key, now: clock.now) }
    }

    private func entryBody(_ key: String) throws(TTLStoreError) -> Body<Entry?> {
        let key = try Key(key, in: "entry")
        let clock = configuration.clock
        return { reader in try reader.entry(key, now: clock.now) }
    }

    private func containsBody(_ key: String) throws(TTLStoreError) -> Body<Bool> {
        let key = try Key(key, in: "contains")
        let clock = configuration.clock
        return { reader in try reader.isLive(key, now: clock.now) }
    }
}
