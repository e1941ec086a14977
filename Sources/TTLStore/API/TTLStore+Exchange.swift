extension TTLStore {
    /// Stores a value and returns the live one that the key had before, in one step. One commit.
    ///
    /// The parameters are those of a set.
    /// - Returns: whether the value was stored, and the previous live value.
    /// - Throws: the errors of a set.
    @discardableResult
    public func exchange(
        _ key: String, _ value: some Encodable, expiring expiry: Expiry = .default, tag: String? = nil
    ) throws(TTLStoreError) -> ExchangeOutcome {
        try exchange(key, value, expiring: expiry, tag: tag, when: .always)
    }

    /// As the synchronous form; suspends the task, whose cancellation is ignored.
    @discardableResult
    public func exchange(
        _ key: String, _ value: some Encodable, expiring expiry: Expiry = .default, tag: String? = nil
    ) async throws(TTLStoreError) -> ExchangeOutcome {
        try await exchange(key, value, expiring: expiry, tag: tag, when: .always)
    }

    /// The same under a condition.
    /// - Returns: whether the value was stored, and the previous live value, also where the condition did not hold.
    /// - Throws: the errors of a set.
    public func exchange(
        _ key: String, _ value: some Encodable, expiring expiry: Expiry = .default, tag: String? = nil,
        when condition: SetCondition
    ) throws(TTLStoreError) -> ExchangeOutcome {
        try engine.write(.exchange(newEntry(key, value, expiry, tag), when: condition))
    }

    /// As the synchronous form; suspends the task, whose cancellation is ignored.
    public func exchange(
        _ key: String, _ value: some Encodable, expiring expiry: Expiry = .default, tag: String? = nil,
        when condition: SetCondition
    ) async throws(TTLStoreError) -> ExchangeOutcome {
        try await engine.write(.exchange(newEntry(key, value, expiry, tag), when: condition))
    }

    private func newEntry(
        _ key: String, _ value: some Encodable, _ expiry: Expiry, _ tag: String?
    ) throws(TTLStoreError) -> NewEntry {
        let encoded = try ValueCoding.encode(value, in: "exchange")
        return try NewEntry(key, encoded, expiring: expiry, tag: tag, configuration, in: "exchange")
    }
}
