// Where the type of an argument is known to be an optional, the overloads below are preferred to the ones for any
// `Encodable`, and the compiler warns. They can't be `unavailable`: the compiler then takes the overload for any
// `Encodable` instead, without a word. In generic code the coding of values throws instead. There is one overload for
// each shape of call, since a call without a condition prefers a form without one to any form with a default.

extension TTLStore {
    /// An optional is not stored.
    /// - Throws: `encodingFailed`, always.
    @available(*, deprecated, message: "an optional is not stored; unwrap it, and remove the key where it is nil")
    @discardableResult
    public func set<Wrapped: Encodable>(
        _ key: String, _ value: Wrapped?, expiring expiry: Expiry = .default, tag: String? = nil
    ) throws(TTLStoreError) -> SetOutcome {
        throw ValueCoding.optionalRefused(Wrapped?.self, in: "set")
    }

    /// An optional is not stored.
    /// - Throws: `encodingFailed`, always.
    @available(*, deprecated, message: "an optional is not stored; unwrap it, and remove the key where it is nil")
    public func set<Wrapped: Encodable>(
        _ key: String, _ value: Wrapped?, expiring expiry: Expiry = .default, tag: String? = nil,
        when condition: SetCondition
    ) throws(TTLStoreError) -> SetOutcome {
        throw ValueCoding.optionalRefused(Wrapped?.self, in: "set")
    }

    /// As the synchronous form.
    @available(*, deprecated, message: "an optional is not stored; unwrap it, and remove the key where it is nil")
    @discardableResult
    public func set<Wrapped: Encodable>(
        _ key: String, _ value: Wrapped?, expiring expiry: Expiry = .default, tag: String? = nil
    ) async throws(TTLStoreError) -> SetOutcome {
        throw ValueCoding.optionalRefused(Wrapped?.self, in: "set")
    }

    /// As the synchronous form.
    @available(*, deprecated, message: "an optional is not stored; unwrap it, and remove the key where it is nil")
    public func set<Wrapped: Encodable>(
        _ key: String, _ value: Wrapped?, expiring expiry: Expiry = .default, tag: String? = nil,
        when condition: SetCondition
    ) async throws(TTLStoreError) -> SetOutcome {
        throw ValueCoding.optionalRefused(Wrapped?.self, in: "set")
    }

    /// An optional is not stored.
    /// - Throws: `encodingFailed`, always.
    @available(*, deprecated, message: "an optional is not stored; unwrap it, and take the key where it is nil")
    @discardableResult
    public func exchange<Wrapped: Encodable>(
        _ key: String, _ value: Wrapped?, expiring expiry: Expiry = .default, tag: String? = nil
    ) throws(TTLStoreError) -> ExchangeOutcome {
        throw ValueCoding.optionalRefused(Wrapped?.self, in: "exchange")
    }

    /// An optional is not stored.
    /// - Throws: `encodingFailed`, always.
    @available(*, deprecated, message: "an optional is not stored; unwrap it, and take the key where it is nil")
    public func exchange<Wrapped: Encodable>(
        _ key: String, _ value: Wrapped?, expiring expiry: Expiry = .default, tag: String? = nil,
        when condition: SetCondition
    ) throws(TTLStoreError) -> ExchangeOutcome {
        throw ValueCoding.optionalRefused(Wrapped?.self, in: "exchange")
    }

    /// As the synchronous form.
    @available(*, deprecated, message: "an optional is not stored; unwrap it, and take the key where it is nil")
    @discardableResult
    public func exchange<Wrapped: Encodable>(
        _ key: String, _ value: Wrapped?, expiring expiry: Expiry = .default, tag: String? = nil
    ) async throws(TTLStoreError) -> ExchangeOutcome {
        throw ValueCoding.optionalRefused(Wrapped?.self, in: "exchange")
    }

    /// As the synchronous form.
    @available(*, deprecated, message: "an optional is not stored; unwrap it, and take the key where it is nil")
    public func exchange<Wrapped: Encodable>(
        _ key: String, _ value: Wrapped?, expiring expiry: Expiry = .default, tag: String? = nil,
        when condition: SetCondition
    ) async throws(TTLStoreError) -> ExchangeOutcome {
        throw ValueCoding.optionalRefused(Wrapped?.self, in: "exchange")
    }
}

extension TTLStore.BatchEntry {
    /// An optional is not stored.
    /// - Throws: `encodingFailed`, always.
    @available(*, deprecated, message: "an optional is not stored; unwrap it, and leave the entry out where it is nil")
    public init<Wrapped: Encodable>(
        _ key: String, _ value: Wrapped?, expiring expiry: TTLStore.Expiry = .default, tag: String? = nil
    ) throws(TTLStoreError) {
        throw ValueCoding.optionalRefused(Wrapped?.self, in: "setAll")
    }
}

extension TTLStore.Transaction {
    /// An optional is not stored.
    /// - Throws: `encodingFailed`, always.
    @available(*, deprecated, message: "an optional is not stored; unwrap it, and remove the key where it is nil")
    @discardableResult
    public func set<Wrapped: Encodable>(
        _ key: String, _ value: Wrapped?, expiring expiry: TTLStore.Expiry = .default, tag: String? = nil
    ) throws(TTLStoreError) -> TTLStore.SetOutcome {
        throw ValueCoding.optionalRefused(Wrapped?.self, in: "set")
    }

    /// An optional is not stored.
    /// - Throws: `encodingFailed`, always.
    @available(*, deprecated, message: "an optional is not stored; unwrap it, and remove the key where it is nil")
    public func set<Wrapped: Encodable>(
        _ key: String, _ value: Wrapped?, expiring expiry: TTLStore.Expiry = .default, tag: String? = nil,
        when condition: TTLStore.SetCondition
    ) throws(TTLStoreError) -> TTLStore.SetOutcome {
        throw ValueCoding.optionalRefused(Wrapped?.self, in: "set")
    }

    /// An optional is not stored.
    /// - Throws: `encodingFailed`, always.
    @available(*, deprecated, message: "an optional is not stored; unwrap it, and take the key where it is nil")
    @discardableResult
    public func exchange<Wrapped: Encodable>(
        _ key: String, _ value: Wrapped?, expiring expiry: TTLStore.Expiry = .default, tag: String? = nil
    ) throws(TTLStoreError) -> TTLStore.ExchangeOutcome {
        throw ValueCoding.optionalRefused(Wrapped?.self, in: "exchange")
    }

    /// An optional is not stored.
    /// - Throws: `encodingFailed`, always.
    @available(*, deprecated, message: "an optional is not stored; unwrap it, and take the key where it is nil")
    public func exchange<Wrapped: Encodable>(
        _ key: String, _ value: Wrapped?, expiring expiry: TTLStore.Expiry = .default, tag: String? = nil,
        when condition: TTLStore.SetCondition
    ) throws(TTLStoreError) -> TTLStore.ExchangeOutcome {
        throw ValueCoding.optionalRefused(Wrapped?.self, in: "exchange")
    }
}
