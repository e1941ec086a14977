extension TTLStore {
    /// Stores a value. One commit, shared with other writers of this store at the same moment.
    ///
    /// - Parameters:
    ///   - key: 1 to 1024 bytes of UTF-8.
    ///   - value: stored by its type: `String` as TEXT, `[UInt8]` and `Data` as BLOB, the integer types from `Int8` to
    ///     `UInt128` as INTEGER, a ``Value`` as what it is, any other type as JSON text with sorted keys. An optional,
    ///     and an integer that 64 bits with a sign can't hold, are `encodingFailed`; see <doc:TheFileFormat>.
    ///   - expiry: when the entry expires; a plain set replaces the expiry that the key had. `.keep` leaves the expiry
    ///     of a live entry, and means `.default` for a new one. `.default` is never, unless
    ///     `Configuration.defaultTimeToLive` says otherwise.
    ///   - tag: 1 to 1024 bytes of UTF-8, or nil for none. It replaces the tag that the key had.
    /// - Returns: `stored`; or `alreadyExpired`: a date that has passed stores nothing and removes the entry.
    /// - Throws: `invalidKey`, `invalidTag`, `valueTooLarge`, `invalidExpiry`, `encodingFailed`, before anything is
    ///   changed; the errors of a write, with nothing changed unless `isOutcomeUnknown`.
    @discardableResult
    public func set(
        _ key: String, _ value: some Encodable, expiring expiry: Expiry = .default, tag: String? = nil
    ) throws(TTLStoreError) -> SetOutcome {
        try engine.write(.set(newEntry(key, try ValueCoding.encode(value, in: "set"), expiry, tag), when: .always))
    }

    /// Stores a value. One commit, shared with other writers of this store at the same moment.
    ///
    /// Suspends the task, whose cancellation is ignored.
    ///
    /// - Parameters:
    ///   - key: 1 to 1024 bytes of UTF-8.
    ///   - value: stored by its type: `String` as TEXT, `[UInt8]` and `Data` as BLOB, the integer types from `Int8` to
    ///     `UInt128` as INTEGER, a ``Value`` as what it is, any other type as JSON text with sorted keys. An optional,
    ///     and an integer that 64 bits with a sign can't hold, are `encodingFailed`; see <doc:TheFileFormat>.
    ///   - expiry: when the entry expires; a plain set replaces the expiry that the key had. `.keep` leaves the expiry
    ///     of a live entry, and means `.default` for a new one. `.default` is never, unless
    ///     `Configuration.defaultTimeToLive` says otherwise.
    ///   - tag: 1 to 1024 bytes of UTF-8, or nil for none. It replaces the tag that the key had.
    /// - Returns: `stored`; or `alreadyExpired`: a date that has passed stores nothing and removes the entry.
    /// - Throws: `invalidKey`, `invalidTag`, `valueTooLarge`, `invalidExpiry`, `encodingFailed`, before anything is
    ///   changed; the errors of a write, with nothing changed unless `isOutcomeUnknown`.
    @discardableResult
    public func set(
        _ key: String, _ value: some Encodable, expiring expiry: Expiry = .default, tag: String? = nil
    ) async throws(TTLStoreError) -> SetOutcome {
        try await engine.write(
            .set(newEntry(key, try ValueCoding.encode(value, in: "set"), expiry, tag), when: .always))
    }

    /// Stores a value under a condition, in one step. One commit, shared with other writers of this store at the same
    /// moment.
    ///
    /// - Parameters:
    ///   - key: 1 to 1024 bytes of UTF-8.
    ///   - value: stored by its type: `String` as TEXT, `[UInt8]` and `Data` as BLOB, the integer types from `Int8` to
    ///     `UInt128` as INTEGER, a ``Value`` as what it is, any other type as JSON text with sorted keys. An optional,
    ///     and an integer that 64 bits with a sign can't hold, are `encodingFailed`; see <doc:TheFileFormat>.
    ///   - expiry: when the entry expires. `.keep` leaves the expiry of a live entry, and means `.default` for a new
    ///     one. `.default` is never, unless `Configuration.defaultTimeToLive` says otherwise.
    ///   - tag: 1 to 1024 bytes of UTF-8, or nil for none. It replaces the tag that the key had.
    ///   - condition: under which condition the value is stored. An expired entry counts as absent.
    /// - Returns: whether the value was stored. A date that has passed stores nothing and, if the condition holds,
    ///   removes the entry.
    /// - Throws: `invalidKey`, `invalidTag`, `valueTooLarge`, `invalidExpiry`, `encodingFailed`, before anything is
    ///   changed; the errors of a write, with nothing changed unless `isOutcomeUnknown`.
    public func set(
        _ key: String, _ value: some Encodable, expiring expiry: Expiry = .default, tag: String? = nil,
        when condition: SetCondition
    ) throws(TTLStoreError) -> SetOutcome {
        try engine.write(.set(newEntry(key, try ValueCoding.encode(value, in: "set"), expiry, tag), when: condition))
    }

    /// Stores a value under a condition, in one step. One commit, shared with other writers of this store at the same
    /// moment.
    ///
    /// Suspends the task, whose cancellation is ignored.
    ///
    /// - Parameters:
    ///   - key: 1 to 1024 bytes of UTF-8.
    ///   - value: stored by its type: `String` as TEXT, `[UInt8]` and `Data` as BLOB, the integer types from `Int8` to
    ///     `UInt128` as INTEGER, a ``Value`` as what it is, any other type as JSON text with sorted keys. An optional,
    ///     and an integer that 64 bits with a sign can't hold, are `encodingFailed`; see <doc:TheFileFormat>.
    ///   - expiry: when the entry expires. `.keep` leaves the expiry of a live entry, and means `.default` for a new
    ///     one. `.default` is never, unless `Configuration.defaultTimeToLive` says otherwise.
    ///   - tag: 1 to 1024 bytes of UTF-8, or nil for none. It replaces the tag that the key had.
    ///   - condition: under which condition the value is stored. An expired entry counts as absent.
    /// - Returns: whether the value was stored. A date that has passed stores nothing and, if the condition holds,
    ///   removes the entry.
    /// - Throws: `invalidKey`, `invalidTag`, `valueTooLarge`, `invalidExpiry`, `encodingFailed`, before anything is
    ///   changed; the errors of a write, with nothing changed unless `isOutcomeUnknown`.
    public func set(
        _ key: String, _ value: some Encodable, expiring expiry: Expiry = .default, tag: String? = nil,
        when condition: SetCondition
    ) async throws(TTLStoreError) -> SetOutcome {
        try await engine.write(
            .set(newEntry(key, try ValueCoding.encode(value, in: "set"), expiry, tag), when: condition))
    }

    /// Stores text. One commit, shared with other writers of this store at the same moment.
    ///
    /// - Parameters:
    ///   - key: 1 to 1024 bytes of UTF-8.
    ///   - value: stored as TEXT.
    ///   - expiry: when the entry expires; a plain set replaces the expiry that the key had. `.keep` leaves the expiry
    ///     of a live entry, and means `.default` for a new one. `.default` is never, unless
    ///     `Configuration.defaultTimeToLive` says otherwise.
    ///   - tag: 1 to 1024 bytes of UTF-8, or nil for none. It replaces the tag that the key had.
    /// - Returns: `stored`; or `alreadyExpired`: a date that has passed stores nothing and removes the entry.
    /// - Throws: `invalidKey`, `invalidTag`, `valueTooLarge`, `invalidExpiry`, before anything is changed; the errors
    ///   of a write, with nothing changed unless `isOutcomeUnknown`.
    @discardableResult
    public func set(
        _ key: String, _ value: String, expiring expiry: Expiry = .default, tag: String? = nil
    ) throws(TTLStoreError) -> SetOutcome {
        try engine.write(.set(newEntry(key, .text(value), expiry, tag), when: .always))
    }

    /// Stores text. One commit, shared with other writers of this store at the same moment.
    ///
    /// Suspends the task, whose cancellation is ignored.
    ///
    /// - Parameters:
    ///   - key: 1 to 1024 bytes of UTF-8.
    ///   - value: stored as TEXT.
    ///   - expiry: when the entry expires; a plain set replaces the expiry that the key had. `.keep` leaves the expiry
    ///     of a live entry, and means `.default` for a new one. `.default` is never, unless
    ///     `Configuration.defaultTimeToLive` says otherwise.
    ///   - tag: 1 to 1024 bytes of UTF-8, or nil for none. It replaces the tag that the key had.
    /// - Returns: `stored`; or `alreadyExpired`: a date that has passed stores nothing and removes the entry.
    /// - Throws: `invalidKey`, `invalidTag`, `valueTooLarge`, `invalidExpiry`, before anything is changed; the errors
    ///   of a write, with nothing changed unless `isOutcomeUnknown`.
    @discardableResult
    public func set(
        _ key: String, _ value: String, expiring expiry: Expiry = .default, tag: String? = nil
    ) async throws(TTLStoreError) -> SetOutcome {
        try await engine.write(.set(newEntry(key, .text(value), expiry, tag), when: .always))
    }

    private func newEntry(
        _ key: String, _ value: Value, _ expiry: Expiry, _ tag: String?
    ) throws(TTLStoreError) -> NewEntry {
        try NewEntry(key, value, expiring: expiry, tag: tag, configuration, in: "set")
    }
}
