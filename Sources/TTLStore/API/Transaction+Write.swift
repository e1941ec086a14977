extension TTLStore.Transaction {
    /// Stores a value; as `TTLStore.set(_:_:expiring:tag:)`. Its own encoding runs with the write lock held.
    /// `.default` is never, unless `Configuration.defaultTimeToLive` says otherwise.
    @discardableResult
    public func set(
        _ key: String, _ value: some Encodable, expiring expiry: TTLStore.Expiry = .default, tag: String? = nil
    ) throws(TTLStoreError) -> TTLStore.SetOutcome {
        try set(key, value, expiring: expiry, tag: tag, when: .always)
    }

    /// Stores a value under a condition; as `TTLStore.set(_:_:expiring:tag:when:)`. Its own encoding runs with the
    /// write lock held. `.default` is never, unless `Configuration.defaultTimeToLive` says otherwise.
    public func set(
        _ key: String, _ value: some Encodable, expiring expiry: TTLStore.Expiry = .default, tag: String? = nil,
        when condition: TTLStore.SetCondition
    ) throws(TTLStoreError) -> TTLStore.SetOutcome {
        let value = try ValueCoding.encode(value, in: "set")
        return try run(.set(newEntry(key, value, expiry, tag, in: "set"), when: condition))
    }

    /// Stores many values; as `TTLStore.setAll(_:)`. Nothing is changed if one of them is refused.
    public func setAll(_ entries: some Sequence<TTLStore.BatchEntry>) throws(TTLStoreError) {
        _ = try setAll(entries, when: .always)
    }

    /// Stores many values under a condition; as `TTLStore.setAll(_:when:)`. Nothing is changed if one of them is
    /// refused.
    public func setAll(
        _ entries: some Sequence<TTLStore.BatchEntry>, when condition: TTLStore.BatchCondition
    ) throws(TTLStoreError) -> Bool {
        let items = try entries.map { (entry) throws(TTLStoreError) in try NewEntry(entry, configuration) }
        return try run(.setAll(items, when: condition))
    }

    /// Stores a value and returns the live one that the key had before; as `TTLStore.exchange(_:_:expiring:tag:)`. Its
    /// own encoding runs with the write lock held.
    /// `.default` is never, unless `Configuration.defaultTimeToLive` says otherwise.
    @discardableResult
    public func exchange(
        _ key: String, _ value: some Encodable, expiring expiry: TTLStore.Expiry = .default, tag: String? = nil
    ) throws(TTLStoreError) -> TTLStore.ExchangeOutcome {
        try exchange(key, value, expiring: expiry, tag: tag, when: .always)
    }

    /// Stores a value under a condition and returns the live one that the key had before; as
    /// `TTLStore.exchange(_:_:expiring:tag:when:)`. Its own encoding runs with the write lock held. `.default` is
    /// never, unless `Configuration.defaultTimeToLive` says otherwise.
    public func exchange(
        _ key: String, _ value: some Encodable, expiring expiry: TTLStore.Expiry = .default, tag: String? = nil,
        when condition: TTLStore.SetCondition
    ) throws(TTLStoreError) -> TTLStore.ExchangeOutcome {
        let value = try ValueCoding.encode(value, in: "exchange")
        return try run(.exchange(newEntry(key, value, expiry, tag, in: "exchange"), when: condition))
    }

    /// Removes a live entry; as `TTLStore.remove(_:)`.
    @discardableResult
    public func remove(_ key: String) throws(TTLStoreError) -> Bool { try run(.remove(key, when: .always)) }

    /// Removes a live entry under a condition; as `TTLStore.remove(_:when:)`.
    public func remove(_ key: String, when condition: TTLStore.RemoveCondition) throws(TTLStoreError) -> Bool {
        try run(.remove(key, when: condition))
    }

    /// Removes many live entries; as `TTLStore.removeAll(_:)`.
    @discardableResult
    public func removeAll(_ keys: some Sequence<String>) throws(TTLStoreError) -> Int {
        try run(.removeAll(Array(keys)))
    }

    /// Removes all live entries of a selection; as `TTLStore.removeAll(_:)`.
    @discardableResult
    public func removeAll(_ selection: TTLStore.Selection) throws(TTLStoreError) -> Int {
        try run(.removeAll(EntryScope(selection, in: "removeAll")))
    }

    /// Gives a live entry another key; as `TTLStore.rename(_:to:)`.
    @discardableResult
    public func rename(_ key: String, to newKey: String) throws(TTLStoreError) -> TTLStore.RenameOutcome {
        try run(.rename(key, to: newKey, when: .always))
    }

    /// Gives a live entry another key under a condition; as `TTLStore.rename(_:to:when:)`.
    public func rename(
        _ key: String, to newKey: String, when condition: TTLStore.RenameCondition
    ) throws(TTLStoreError) -> TTLStore.RenameOutcome {
        try run(.rename(key, to: newKey, when: condition))
    }

    /// Removes a live text and returns it, or nil; as `TTLStore.take(_:)`.
    public func take(_ key: String) throws(TTLStoreError) -> String? {
        try run(.take(key) { try ValueCoding.text($0, in: "take") })
    }

    /// Removes a live value and returns it decoded as `type`, or nil; as `TTLStore.take(_:as:)`. The type's own
    /// decoding runs with the write lock held.
    public func take<Decoded: Decodable & Sendable>(
        _ key: String, as type: Decoded.Type
    ) throws(TTLStoreError) -> Decoded? {
        try run(.take(key) { try ValueCoding.decode(type, from: $0, in: "take") })
    }

    /// Adds to an integer; as `TTLStore.increment(_:by:expiring:tag:)`.
    /// `.default` is never, unless `Configuration.defaultTimeToLive` says otherwise.
    @discardableResult
    public func increment(
        _ key: String, by amount: Int64 = 1, expiring expiry: TTLStore.Expiry = .default, tag: String? = nil
    ) throws(TTLStoreError) -> Int64 {
        try run(.increment(key, by: amount, expiring: expiry, tag: tag, configuration, in: "increment"))
    }

    /// Subtracts from an integer; as `TTLStore.decrement(_:by:expiring:tag:)`.
    /// `.default` is never, unless `Configuration.defaultTimeToLive` says otherwise.
    @discardableResult
    public func decrement(
        _ key: String, by amount: Int64 = 1, expiring expiry: TTLStore.Expiry = .default, tag: String? = nil
    ) throws(TTLStoreError) -> Int64 {
        try run(
            .increment(key, by: negated(amount), expiring: expiry, tag: tag, configuration, in: "decrement"))
    }

    /// Reads a value, lets the closure change it, and writes it; as `TTLStore.update(_:as:expiring:_:)`.
    @discardableResult
    public func update<Content: Codable, Success>(
        _ key: String, as type: Content.Type = Content.self, expiring expiry: TTLStore.Expiry = .keep,
        _ body: (inout Content?) throws -> Success
    ) throws -> Success {
        try ValueCoding.refuseOptional(type, in: "update")
        let current = try run(.valueForUpdate(key))
        var content = try current.map { try ValueCoding.decode(type, from: $0, in: "update") }
        let success = try body(&content)
        guard let content else {
            try remove(key)
            return success
        }
        let value = try ValueCoding.encode(content, in: "update")
        let item = try newEntry(key, value, expiry, nil, in: "update")
        try run(.replaceValue(item))
        return success
    }

    private func newEntry(
        _ key: String, _ value: TTLStore.Value, _ expiry: TTLStore.Expiry, _ tag: String?, in operation: String
    ) throws(TTLStoreError) -> NewEntry {
        try NewEntry(key, value, expiring: expiry, tag: tag, configuration, in: operation)
    }
}
