extension TTLStore {
    /// The live text of a key, whose expiry is changed in the same step; nil for an absent entry, which stays absent.
    ///
    /// One commit. With a condition that does not hold, a read, which takes no write lock: a session that slides by 30
    /// minutes is `get(id, touching: .after(.seconds(1800)), when: .ifRemainingLess(than: .seconds(1500)))`.
    /// - Parameters:
    ///   - key: 1 to 1024 bytes of UTF-8.
    ///   - expiry: the new one; `.keep` changes nothing. A date that has passed removes the entry, whose value is
    ///     returned once more.
    ///   - condition: under which condition the expiry is changed; the value is returned in any case.
    /// - Throws: `wrongKind` if the value is not text, and the expiry stays; `invalidKey`, `invalidExpiry`,
    ///   `invalidArgument`; the errors of a write.
    public func get(
        _ key: String, touching expiry: Expiry, when condition: TouchCondition = .always
    ) throws(TTLStoreError) -> String? {
        try getAndTouch(key, expiry, condition) { try ValueCoding.text($0, in: "get") }
    }

    /// The live text of a key, whose expiry is changed in the same step; nil for an absent entry, which stays absent.
    ///
    /// One commit. With a condition that does not hold, a read, which takes no write lock: a session that slides by 30
    /// minutes is `get(id, touching: .after(.seconds(1800)), when: .ifRemainingLess(than: .seconds(1500)))`.
    ///
    /// Suspends the task, whose cancellation is ignored.
    /// - Parameters:
    ///   - key: 1 to 1024 bytes of UTF-8.
    ///   - expiry: the new one; `.keep` changes nothing. A date that has passed removes the entry, whose value is
    ///     returned once more.
    ///   - condition: under which condition the expiry is changed; the value is returned in any case.
    /// - Throws: `wrongKind` if the value is not text, and the expiry stays; `invalidKey`, `invalidExpiry`,
    ///   `invalidArgument`; the errors of a write.
    public func get(
        _ key: String, touching expiry: Expiry, when condition: TouchCondition = .always
    ) async throws(TTLStoreError) -> String? {
        try await getAndTouch(key, expiry, condition) { try ValueCoding.text($0, in: "get") }
    }

    /// The live value of a key, decoded as `type`, whose expiry is changed in the same step; nil for an absent entry,
    /// which stays absent.
    ///
    /// One commit; for a type of your own a read and a commit. With a condition that does not hold, a read, which takes
    /// no write lock. The type's own decoding runs with no lock held; if the value is written meanwhile, the new one is
    /// decoded.
    /// - Parameters:
    ///   - key: 1 to 1024 bytes of UTF-8.
    ///   - type: what was stored; ``Value`` for any kind of value.
    ///   - expiry: the new one; `.keep` changes nothing. A date that has passed removes the entry, whose value is
    ///     returned once more.
    ///   - condition: under which condition the expiry is changed; the value is returned in any case.
    /// - Throws: `wrongKind` or `decodingFailed`, and the expiry stays; `invalidKey`, `invalidExpiry`,
    ///   `invalidArgument`; the errors of a write.
    public func get<Decoded: Decodable & Sendable>(
        _ key: String, as type: Decoded.Type, touching expiry: Expiry, when condition: TouchCondition = .always
    ) throws(TTLStoreError) -> Decoded? {
        guard ValueCoding.runsOwnCode(type) else {
            return try getAndTouch(key, expiry, condition) { try ValueCoding.decode(type, from: $0, in: "get") }
        }
        let touch = try EntryTouch(key, expiring: expiry, when: condition, configuration, in: "get")
        return try engine.run(.get(touch, as: type))
    }

    /// The live value of a key, decoded as `type`, whose expiry is changed in the same step; nil for an absent entry,
    /// which stays absent.
    ///
    /// One commit; for a type of your own a read and a commit. With a condition that does not hold, a read, which takes
    /// no write lock. The type's own decoding runs with no lock held; if the value is written meanwhile, the new one is
    /// decoded.
    ///
    /// Suspends the task, whose cancellation is ignored.
    /// - Parameters:
    ///   - key: 1 to 1024 bytes of UTF-8.
    ///   - type: what was stored; ``Value`` for any kind of value.
    ///   - expiry: the new one; `.keep` changes nothing. A date that has passed removes the entry, whose value is
    ///     returned once more.
    ///   - condition: under which condition the expiry is changed; the value is returned in any case.
    /// - Throws: `wrongKind` or `decodingFailed`, and the expiry stays; `invalidKey`, `invalidExpiry`,
    ///   `invalidArgument`; the errors of a write.
    public func get<Decoded: Decodable & Sendable>(
        _ key: String, as type: Decoded.Type, touching expiry: Expiry, when condition: TouchCondition = .always
    ) async throws(TTLStoreError) -> Decoded? {
        guard ValueCoding.runsOwnCode(type) else {
            return try await getAndTouch(key, expiry, condition) { try ValueCoding.decode(type, from: $0, in: "get") }
        }
        let touch = try EntryTouch(key, expiring: expiry, when: condition, configuration, in: "get")
        return try await engine.run(.get(touch, as: type))
    }

    private func getAndTouch<Success: Sendable>(
        _ key: String, _ expiry: Expiry, _ condition: TouchCondition,
        _ read: @escaping @Sendable (Value) throws -> Success
    ) throws(TTLStoreError) -> Success? {
        _ = try engine.writingQueue("get")
        let touch = try EntryTouch(key, expiring: expiry, when: condition, configuration, in: "get")
        if let check = touch.checkValue(read), case .done(let success) = try engine.read(check) { return success }
        return try engine.write(touch.writeValue(read))
    }

    private func getAndTouch<Success: Sendable>(
        _ key: String, _ expiry: Expiry, _ condition: TouchCondition,
        _ read: @escaping @Sendable (Value) throws -> Success
    ) async throws(TTLStoreError) -> Success? {
        _ = try engine.writingQueue("get")
        let touch = try EntryTouch(key, expiring: expiry, when: condition, configuration, in: "get")
        if let check = touch.checkValue(read), case .done(let success) = try await engine.read(check) {
            return success
        }
        return try await engine.write(touch.writeValue(read))
    }
}
