extension TTLStore.Transaction {
    /// The live text of a key, or nil; as `TTLStore.get(_:)`.
    public func get(_ key: String) throws(TTLStoreError) -> String? { try run(.text, key) }

    /// The live value of a key, decoded as `type`, or nil; as `TTLStore.get(_:as:)`. The type's own decoding runs with
    /// the write lock held.
    public func get<Decoded: Decodable>(_ key: String, as type: Decoded.Type) throws(TTLStoreError) -> Decoded? {
        guard let value = try run(.value, key)?.content else { return nil }
        return try ValueCoding.decode(type, from: value, in: "get")
    }

    /// The live values of many keys, decoded as `type`; as `TTLStore.getAll(_:as:)`. The type's own decoding runs with
    /// the write lock held.
    public func getAll<Decoded: Decodable>(
        _ keys: some Sequence<String>, as type: Decoded.Type
    ) throws(TTLStoreError) -> [Decoded?] {
        try ValueCoding.decode(type, fromAll: try run(.values(Array(keys))))
    }

    /// The live entry of a key with its metadata, or nil; as `TTLStore.entry(_:)`.
    public func entry(_ key: String) throws(TTLStoreError) -> TTLStore.Entry? { try run(.entry, key)?.content }

    /// Whether a live entry has the key; as `TTLStore.contains(_:)`.
    public func contains(_ key: String) throws(TTLStoreError) -> Bool { try run(.contains, key) ?? false }

    /// One page of the keys of live entries; as `TTLStore.keys(_:limit:after:)`. A cursor of the store works here, and
    /// the other way round.
    public func keys(
        _ selection: TTLStore.Selection = .all, limit: Int = 1000, after cursor: TTLStore.Cursor? = nil
    ) throws(TTLStoreError) -> TTLStore.Page<String> {
        try run(.keys(EntryScope(selection, in: "keys"), limit: limit, after: cursor))
    }

    /// One page of live entries; as `TTLStore.entries(_:limit:after:)`.
    public func entries(
        _ selection: TTLStore.Selection = .all, limit: Int = 1000, after cursor: TTLStore.Cursor? = nil
    ) throws(TTLStoreError) -> TTLStore.Page<TTLStore.Entry> {
        try run(.entries(EntryScope(selection, in: "entries"), limit: limit, after: cursor))
    }

    /// The lease that is held under a name, or nil; as `TTLStore.lease(named:)`. It stays so until the
    /// transaction is over.
    public func lease(named name: String) throws(TTLStoreError) -> TTLStore.Lease? { try run(.lease(named: name)) }

    /// The leases that are held; as `TTLStore.leases(prefix:)`. They stay so until the transaction is over.
    public func leases(prefix: String = "") throws(TTLStoreError) -> [TTLStore.Lease] {
        try run(.leases(prefix: prefix))
    }

    /// The number of live entries; as `TTLStore.count(_:)`.
    public func count(_ selection: TTLStore.Selection = .all) throws(TTLStoreError) -> Int {
        try run(.count(EntryScope(selection, in: "count")))
    }
}
