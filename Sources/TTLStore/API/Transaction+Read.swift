extension TTLStore.Transaction {
    /// The live text of a key, or nil; as `TTLStore.get(_:)`.
    public func get(_ key: String) throws(TTLStoreError) -> String? { try run(.text(key)) }

    /// The live value of a key, decoded as `type`, or nil; as `TTLStore.get(_:as:)`. The type's own decoding runs with
    /// the write lock held.
    public func get<Decoded: Decodable>(_ key: String, as type: Decoded.Type) throws(TTLStoreError) -> Decoded? {
        guard let value = try getValue(key) else { return nil }
        return try ValueCoding.decode(type, from: value, in: "get")
    }

    /// The live value of a key in whatever kind it was stored, or nil; as `TTLStore.getValue(_:)`.
    public func getValue(_ key: String) throws(TTLStoreError) -> TTLStore.Value? { try run(.value(key)) }

    /// The live values of many keys, in their order; as `TTLStore.getAll(_:)`.
    public func getAll(_ keys: some Sequence<String>) throws(TTLStoreError) -> [TTLStore.Value?] {
        try run(.values(Array(keys)))
    }

    /// The live values of many keys, decoded as `type`; as `TTLStore.getAll(_:as:)`. The type's own decoding runs with
    /// the write lock held.
    public func getAll<Decoded: Decodable>(
        _ keys: some Sequence<String>, as type: Decoded.Type
    ) throws(TTLStoreError) -> [Decoded?] {
        try ValueCoding.decode(type, fromAll: try getAll(keys))
    }

    /// The live entry of a key with its metadata, or nil; as `TTLStore.entry(_:)`.
    public func entry(_ key: String) throws(TTLStoreError) -> TTLStore.Entry? { try run(.entry(key)) }

    /// Whether a live entry has the key; as `TTLStore.contains(_:)`.
    public func contains(_ key: String) throws(TTLStoreError) -> Bool { try run(.contains(key)) }

    /// One page of the keys of live entries; as `TTLStore.keys(prefix:limit:after:)`. A cursor of the store's serves
    /// here, and the other way round.
    public func keys(
        prefix: String = "", limit: Int = 1000, after cursor: TTLStore.Cursor? = nil
    ) throws(TTLStoreError) -> TTLStore.Page<String> {
        try run(.keys(.prefix(prefix), limit: limit, after: cursor))
    }

    /// One page of the keys of live entries with a tag; as `TTLStore.keys(tag:limit:after:)`.
    public func keys(
        tag: String, limit: Int = 1000, after cursor: TTLStore.Cursor? = nil
    ) throws(TTLStoreError) -> TTLStore.Page<String> {
        try run(.keys(.tag(tag, in: "keys"), limit: limit, after: cursor))
    }

    /// One page of live entries; as `TTLStore.entries(prefix:limit:after:)`.
    public func entries(
        prefix: String = "", limit: Int = 1000, after cursor: TTLStore.Cursor? = nil
    ) throws(TTLStoreError) -> TTLStore.Page<TTLStore.Entry> {
        try run(.entries(.prefix(prefix), limit: limit, after: cursor))
    }

    /// One page of live entries with a tag; as `TTLStore.entries(tag:limit:after:)`.
    public func entries(
        tag: String, limit: Int = 1000, after cursor: TTLStore.Cursor? = nil
    ) throws(TTLStoreError) -> TTLStore.Page<TTLStore.Entry> {
        try run(.entries(.tag(tag, in: "entries"), limit: limit, after: cursor))
    }

    /// The lease that is held under a name, or nil; as `TTLStore.lease(named:)`. It stays so until the
    /// transaction is over.
    public func lease(named name: String) throws(TTLStoreError) -> TTLStore.Lease? { try run(.lease(named: name)) }

    /// The number of live entries whose key begins with `prefix`; as `TTLStore.count(prefix:)`.
    public func count(prefix: String = "") throws(TTLStoreError) -> Int { try run(.count(.prefix(prefix))) }

    /// The number of live entries with a tag; as `TTLStore.count(tag:)`.
    public func count(tag: String) throws(TTLStoreError) -> Int { try run(.count(.tag(tag, in: "count"))) }
}
