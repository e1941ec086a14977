extension TTLStore {
    /// Adds to an integer, in one step. One commit.
    ///
    /// A live entry keeps its expiry and its tag. An absent or expired one starts anew with `amount`, the expiry and
    /// the tag given: `increment("requests:" + address, expiring: .after(.seconds(60)))` counts in windows of a minute
    /// that begin with the first request.
    /// - Parameters:
    ///   - key: 1 to 1024 bytes of UTF-8.
    ///   - amount: what is added; may be negative.
    ///   - expiry: of a new entry; `.keep` means `.default`. `.default` is never, unless
    ///     `Configuration.defaultTimeToLive` says otherwise. With a date that has passed, a new entry is not stored.
    ///   - tag: of a new entry: 1 to 1024 bytes of UTF-8, or nil for none.
    /// - Returns: the sum.
    /// - Throws: `wrongKind` if the live value is not an integer, `numberOverflow` if the sum does not fit in 64
    ///   bits, `invalidKey`, `invalidTag`, `invalidExpiry`, with nothing changed; the errors of a write.
    @discardableResult
    public func increment(
        _ key: String, by amount: Int64 = 1, expiring expiry: Expiry = .default, tag: String? = nil
    ) throws(TTLStoreError) -> Int64 {
        try engine.write(
            .increment(key, by: amount, expiring: expiry, tag: tag, configuration, in: "increment"))
    }

    /// Adds to an integer, in one step. One commit.
    ///
    /// A live entry keeps its expiry and its tag. An absent or expired one starts anew with `amount`, the expiry and
    /// the tag given: `increment("requests:" + address, expiring: .after(.seconds(60)))` counts in windows of a minute
    /// that begin with the first request.
    ///
    /// Suspends the task, whose cancellation is ignored.
    /// - Parameters:
    ///   - key: 1 to 1024 bytes of UTF-8.
    ///   - amount: what is added; may be negative.
    ///   - expiry: of a new entry; `.keep` means `.default`. `.default` is never, unless
    ///     `Configuration.defaultTimeToLive` says otherwise. With a date that has passed, a new entry is not stored.
    ///   - tag: of a new entry: 1 to 1024 bytes of UTF-8, or nil for none.
    /// - Returns: the sum.
    /// - Throws: `wrongKind` if the live value is not an integer, `numberOverflow` if the sum does not fit in 64
    ///   bits, `invalidKey`, `invalidTag`, `invalidExpiry`, with nothing changed; the errors of a write.
    @discardableResult
    public func increment(
        _ key: String, by amount: Int64 = 1, expiring expiry: Expiry = .default, tag: String? = nil
    ) async throws(TTLStoreError) -> Int64 {
        try await engine.write(
            .increment(key, by: amount, expiring: expiry, tag: tag, configuration, in: "increment"))
    }

    /// Subtracts from an integer, in one step. One commit.
    ///
    /// A live entry keeps its expiry and its tag. An absent or expired one starts anew with `-amount`, the expiry and
    /// the tag given.
    /// - Parameters:
    ///   - key: 1 to 1024 bytes of UTF-8.
    ///   - amount: what is subtracted; may be negative.
    ///   - expiry: of a new entry; `.keep` means `.default`. `.default` is never, unless
    ///     `Configuration.defaultTimeToLive` says otherwise. With a date that has passed, a new entry is not stored.
    ///   - tag: of a new entry: 1 to 1024 bytes of UTF-8, or nil for none.
    /// - Returns: the difference.
    /// - Throws: `wrongKind` if the live value is not an integer, `numberOverflow` if the difference does not fit in 64
    ///   bits, or for the amount `Int64.min`, which has no opposite; `invalidKey`, `invalidTag`, `invalidExpiry`; all
    ///   with nothing changed; the errors of a write.
    @discardableResult
    public func decrement(
        _ key: String, by amount: Int64 = 1, expiring expiry: Expiry = .default, tag: String? = nil
    ) throws(TTLStoreError) -> Int64 {
        try engine.write(
            .increment(
                key, by: try negated(amount), expiring: expiry, tag: tag, configuration, in: "decrement"))
    }

    /// Subtracts from an integer, in one step. One commit.
    ///
    /// A live entry keeps its expiry and its tag. An absent or expired one starts anew with `-amount`, the expiry and
    /// the tag given.
    ///
    /// Suspends the task, whose cancellation is ignored.
    /// - Parameters:
    ///   - key: 1 to 1024 bytes of UTF-8.
    ///   - amount: what is subtracted; may be negative.
    ///   - expiry: of a new entry; `.keep` means `.default`. `.default` is never, unless
    ///     `Configuration.defaultTimeToLive` says otherwise. With a date that has passed, a new entry is not stored.
    ///   - tag: of a new entry: 1 to 1024 bytes of UTF-8, or nil for none.
    /// - Returns: the difference.
    /// - Throws: `wrongKind` if the live value is not an integer, `numberOverflow` if the difference does not fit in 64
    ///   bits, or for the amount `Int64.min`, which has no opposite; `invalidKey`, `invalidTag`, `invalidExpiry`; all
    ///   with nothing changed; the errors of a write.
    @discardableResult
    public func decrement(
        _ key: String, by amount: Int64 = 1, expiring expiry: Expiry = .default, tag: String? = nil
    ) async throws(TTLStoreError) -> Int64 {
        try await engine.write(
            .increment(
                key, by: try negated(amount), expiring: expiry, tag: tag, configuration, in: "decrement"))
    }
}

/// The one integer without an opposite overflows.
func negated(_ amount: Int64) throws(TTLStoreError) -> Int64 {
    guard amount != .min else {
        throw TTLStoreError(.numberOverflow, "the amount leaves the range of 64-bit integers", in: "decrement")
    }
    return -amount
}
