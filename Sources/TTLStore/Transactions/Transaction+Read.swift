extension TTLStore.Transaction {
    /// The live text of a key, or nil.
    public func get(_ key: String) throws(TTLStoreError) -> String? { try run(.text(key)) }

    /// The live value of a key, decoded as `type`, or nil.
    public func get<Decoded: Decodable>(_ key: String, as type: Decoded.Type) throws(TTLStoreError) -> Decoded? {
        guard let value = try getValue(key) else { return nil }
        return try ValueCoding.decode(type, from: value, in: "get")
    }

    /// The live value of a key in whatever kind it was stored, or nil.
    public func getValue(_ key: String) throws(TTLStoreError) -> Value? { try run(.value(key)) }

    /// The live values of many keys, in their order.
    public func getAll(_ keys: some Sequence<String>) throws(TTLStoreError) -> [Value?] {
        try run(.values(Array(keys)))
    }

    /// The live values of many keys, decoded as `type`.
    public func getAll<Decoded: Decodable>(
        _ keys: some Sequence<String>, as type: Decoded.Type
    ) throws(TTLStoreError) -> [Decoded?] {
        try ValueCoding.decode(type, fromAll: try getAll(keys))
    }

    /// The live entry of a key with its metadata, or nil.
    public func entry(_ key: String) throws(TTLStoreError) -> TTLStore.Entry? { try run(.entry(key)) }

    /// Whether a live entry has the key.
    public func contains(_ key: String) throws(TTLStoreError) -> Bool { try run(.contains(key)) }

    /// One page of the keys of live entries.
    public func keys(
        prefix: String = "", limit: Int = 1000, after cursor: TTLStore.Cursor? = nil
    ) throws(TTLStoreError) -> TTLStore.Page<String> {
        try run(.keys(.prefix(prefix), limit: limit, after: cursor))
    }

    /// One page of the keys of live entries with a tag.
    public func keys(
        tag: String, limit: Int = 1000, after cursor: TTLStore.Cursor? = nil
    ) throws(TTLStoreError) -> TTLStore.Page<String> {
        try run(.keys(.tag(tag, in: "keys"), limit: limit, after: cursor))
    }

    /// One page of live entries.
    public func entries(
        prefix: String = "", limit: Int = 1000, after cursor: TTLStore.Cursor? = nil
    ) throws(TTLStoreError) -> TTLStore.Page<TTLStore.Entry> {
        try run(.entries(.prefix(prefix), limit: limit, after: cursor))
    }

    /// One page of live entries with a tag.
    public func entries(
        tag: String, limit: Int = 1000, after cursor: TTLStore.Cursor? = nil
    ) throws(TTLStoreError) -> TTLStore.Page<TTLStore.Entry> {
        try run(.entries(.tag(tag, in: "entries"), limit: limit, after: cursor))
    }

    /// The lease that somebody holds under a name, or nil.
    public func lease(named name: String) throws(TTLStoreError) -> TTLStore.Lease? { try run(.lease(named: name)) }

    /// The number of live entries whose key begins with `prefix`.
    public func count(prefix: String = "") throws(TTLStoreError) -> Int { try run(.count(.prefix(prefix))) }

    /// The number of live entries with a tag.
    public func count(tag: String) throws(TTLStoreError) -> Int { try run(.count(.tag(tag, in: "count"))) }
}
