extension TTLStore.Transaction {
    /// Changes when a live entry expires; as `TTLStore.touch(_:expiring:)`.
    @discardableResult
    public func touch(_ key: String, expiring expiry: TTLStore.Expiry) throws(TTLStoreError) -> TTLStore.TouchOutcome {
        try touch(key, expiring: expiry, when: .always)
    }

    /// Changes when all live entries of a selection expire; as `TTLStore.touchAll(_:expiring:)`.
    @discardableResult
    public func touchAll(
        _ selection: TTLStore.Selection, expiring expiry: TTLStore.Expiry
    ) throws(TTLStoreError) -> Int {
        try run(.touchAll(EntryScope(selection, in: "touchAll"), expiring: expiry))
    }

    /// Changes when a live entry expires, under a condition; as `TTLStore.touch(_:expiring:when:)`.
    public func touch(
        _ key: String, expiring expiry: TTLStore.Expiry, when condition: TTLStore.TouchCondition
    ) throws(TTLStoreError) -> TTLStore.TouchOutcome {
        try run(newTouch(key, expiry, condition, in: "touch").write())
    }

    /// Makes a live entry permanent; as `TTLStore.persist(_:)`.
    @discardableResult
    public func persist(_ key: String) throws(TTLStoreError) -> TTLStore.PersistOutcome { try run(.persist(key)) }

    /// The live text of a key, whose expiry is changed; as `TTLStore.get(_:touching:when:)`.
    public func get(
        _ key: String, touching expiry: TTLStore.Expiry, when condition: TTLStore.TouchCondition = .always
    ) throws(TTLStoreError) -> String? {
        try run(newTouch(key, expiry, condition, in: "get").writeValue { try ValueCoding.text($0, in: "get") })
    }

    /// The live value of a key, decoded as `type`, whose expiry is changed; as `TTLStore.get(_:as:touching:when:)`. The
    /// type's own decoding runs with the write lock held.
    public func get<Decoded: Decodable & Sendable>(
        _ key: String, as type: Decoded.Type, touching expiry: TTLStore.Expiry,
        when condition: TTLStore.TouchCondition = .always
    ) throws(TTLStoreError) -> Decoded? {
        try run(
            newTouch(key, expiry, condition, in: "get").writeValue {
                try ValueCoding.decode(type, from: $0, in: "get")
            })
    }

    private func newTouch(
        _ key: String, _ expiry: TTLStore.Expiry, _ condition: TTLStore.TouchCondition, in operation: String
    ) throws(TTLStoreError) -> EntryTouch {
        try EntryTouch(key, expiring: expiry, when: condition, configuration, in: operation)
    }

    // MARK: Leases

    /// Acquires a lease, if it is free; as `TTLStore.acquireLease(_:for:owner:)`. It is not held if the transaction is
    /// rolled back.
    public func acquireLease(
        _ name: String, for duration: Duration, owner: String? = nil
    ) throws(TTLStoreError) -> TTLStore.Lease? {
        try run(.acquireLease(name, for: duration, owner: owner))
    }

    /// Makes a lease end at another time; as `TTLStore.renew(_:for:)`.
    public func renew(_ lease: TTLStore.Lease, for duration: Duration) throws(TTLStoreError) -> TTLStore.Lease? {
        try run(.renew(lease, for: duration))
    }

    /// Gives a lease up; as `TTLStore.release(_:)`.
    @discardableResult
    public func release(_ lease: TTLStore.Lease) throws(TTLStoreError) -> Bool { try run(.release(lease)) }
}
