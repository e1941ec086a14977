extension TTLStore {
    /// Stores a value and returns the live one that the key had before, in one step. One commit.
    /// - Parameters:
    ///   - key: 1 to 1024 bytes of UTF-8.
    ///   - value: stored by its type, as by `set`. An optional is `encodingFailed`.
    ///   - expiry: when the entry expires. `.keep` leaves the expiry of a live entry, and means `.default` for a new
    ///     one. `.default` is never, unless `Configuration.defaultTimeToLive` says otherwise. A date that has passed
    ///     stores nothing and removes the entry.
    ///   - tag: 1 to 1024 bytes of UTF-8, or nil for none. It replaces the tag that the key had.
    /// - Returns: whether the value was stored, and the previous live value.
    /// - Throws: `invalidKey`, `invalidTag`, `valueTooLarge`, `invalidExpiry`, `encodingFailed`, before anything is
    ///   changed; the errors of a write, with nothing changed unless `isOutcomeUnknown`.
    @discardableResult
    public func exchange(
        _ key: String, _ value: some Encodable, expiring expiry: Expiry = .default, tag: String? = nil
    ) throws(TTLStoreError) -> ExchangeOutcome {
        try exchange(key, value, expiring: expiry, tag: tag, when: .always)
    }

    /// Stores a value and returns the live one that the key had before, in one step. One commit.
    ///
    /// Suspends the task, whose cancellation is ignored.
    /// - Parameters:
    ///   - key: 1 to 1024 bytes of UTF-8.
    ///   - value: stored by its type, as by `set`. An optional is `encodingFailed`.
    ///   - expiry: when the entry expires. `.keep` leaves the expiry of a live entry, and means `.default` for a new
    ///     one. `.default` is never, unless `Configuration.defaultTimeToLive` says otherwise. A date that has passed
    ///     stores nothing and removes the entry.
    ///   - tag: 1 to 1024 bytes of UTF-8, or nil for none. It replaces the tag that the key had.
    /// - Returns: whether the value was stored, and the previous live value.
    /// - Throws: `invalidKey`, `invalidTag`, `valueTooLarge`, `invalidExpiry`, `encodingFailed`, before anything is
    ///   changed; the errors of a write, with nothing changed unless `isOutcomeUnknown`.
    @discardableResult
    public func exchange(
        _ key: String, _ value: some Encodable, expiring expiry: Expiry = .default, tag: String? = nil
    ) async throws(TTLStoreError) -> ExchangeOutcome {
        try await exchange(key, value, expiring: expiry, tag: tag, when: .always)
    }

    /// Stores a value under a condition and returns the live one that the key had before, in one step. One commit.
    /// - Parameters:
    ///   - key: 1 to 1024 bytes of UTF-8.
    ///   - value: stored by its type, as by `set`. An optional is `encodingFailed`.
    ///   - expiry: when the entry expires. `.keep` leaves the expiry of a live entry, and means `.default` for a new
    ///     one. `.default` is never, unless `Configuration.defaultTimeToLive` says otherwise. A date that has passed
    ///     stores nothing and, if the condition holds, removes the entry.
    ///   - tag: 1 to 1024 bytes of UTF-8, or nil for none. It replaces the tag that the key had.
    ///   - condition: under which condition the value is stored. An expired entry counts as absent.
    /// - Returns: whether the value was stored, and the previous live value, also where the condition did not hold.
    /// - Throws: `invalidKey`, `invalidTag`, `valueTooLarge`, `invalidExpiry`, `encodingFailed`, before anything is
    ///   changed; the errors of a write, with nothing changed unless `isOutcomeUnknown`.
    public func exchange(
        _ key: String, _ value: some Encodable, expiring expiry: Expiry = .default, tag: String? = nil,
        when condition: SetCondition
    ) throws(TTLStoreError) -> ExchangeOutcome {
        try engine.write(.exchange(newEntry(key, value, expiry, tag), when: condition))
    }

    /// Stores a value under a condition and returns the live one that the key had before, in one step. One commit.
    ///
    /// Suspends the task, whose cancellation is ignored.
    /// - Parameters:
    ///   - key: 1 to 1024 bytes of UTF-8.
    ///   - value: stored by its type, as by `set`. An optional is `encodingFailed`.
    ///   - expiry: when the entry expires. `.keep` leaves the expiry of a live entry, and means `.default` for a new
    ///     one. `.default` is never, unless `Configuration.defaultTimeToLive` says otherwise. A date that has passed
    ///     stores nothing and, if the condition holds, removes the entry.
    ///   - tag: 1 to 1024 bytes of UTF-8, or nil for none. It replaces the tag that the key had.
    ///   - condition: under which condition the value is stored. An expired entry counts as absent.
    /// - Returns: whether the value was stored, and the previous live value, also where the condition did not hold.
    /// - Throws: `invalidKey`, `invalidTag`, `valueTooLarge`, `invalidExpiry`, `encodingFailed`, before anything is
    ///   changed; the errors of a write, with nothing changed unless `isOutcomeUnknown`.
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
