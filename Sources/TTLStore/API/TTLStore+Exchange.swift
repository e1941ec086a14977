extension TTLStore {
    /// Stores a value and returns the live one that the key had before, in one step. One commit.
    ///
    /// The parameters are those of ``set(_:_:expiring:tag:when:)-30bp8``.
    /// - Returns: whether the value was stored, and the previous live value, also where the condition did not hold.
    /// - Throws: the errors of a set.
    @discardableResult
    public func exchange(
        _ key: String, _ value: Value, expiring expiry: Expiry = .default, tag: String? = nil,
        when condition: SetCondition = .always
    ) throws(TTLStoreError) -> ExchangeOutcome {
        let item = try NewEntry(key, value, expiring: expiry, tag: tag, configuration, in: "exchange")
        return try engine.write(.exchange(item, when: condition))
    }

    /// As the synchronous form; suspends the task, whose cancellation is ignored.
    @discardableResult
    public func exchange(
        _ key: String, _ value: Value, expiring expiry: Expiry = .default, tag: String? = nil,
        when condition: SetCondition = .always
    ) async throws(TTLStoreError) -> ExchangeOutcome {
        let item = try NewEntry(key, value, expiring: expiry, tag: tag, configuration, in: "exchange")
        return try await engine.write(.exchange(item, when: condition))
    }

    /// Stores a value of any type that `set` takes and returns the live one that the key had before. Parameters, cost
    /// and errors as those of ``exchange(_:_:expiring:tag:when:)-2s7uc``; `encodingFailed`.
    @discardableResult
    public func exchange(
        _ key: String, _ value: some Encodable, expiring expiry: Expiry = .default, tag: String? = nil,
        when condition: SetCondition = .always
    ) throws(TTLStoreError) -> ExchangeOutcome {
        try exchange(
            key, try ValueCoding.encode(value, in: "exchange"), expiring: expiry, tag: tag, when: condition)
    }

    /// As the synchronous form; suspends the task, whose cancellation is ignored.
    @discardableResult
    public func exchange(
        _ key: String, _ value: some Encodable, expiring expiry: Expiry = .default, tag: String? = nil,
        when condition: SetCondition = .always
    ) async throws(TTLStoreError) -> ExchangeOutcome {
        try await exchange(
            key, try ValueCoding.encode(value, in: "exchange"), expiring: expiry, tag: tag, when: condition)
    }
}
