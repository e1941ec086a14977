extension TTLStore {
    /// Changes when a live entry expires; its value, its revision and `updatedAt` stay.
    ///
    /// With `.remainingLess(than:)` an entry that has more time left costs a read and takes no write lock.
    /// - Parameter expiry: `.keep` changes nothing and tells whether the entry is live. A date that has passed removes
    ///   the entry.
    /// - Returns: what was done. A missing or expired entry stays so.
    /// - Throws: `invalidKey`, `invalidExpiry`, `invalidArgument`, with nothing changed; the errors of a write.
    @discardableResult
    public func touch(
        _ key: String, expiring expiry: Expiry, when condition: TouchCondition = .always
    ) throws(TTLStoreError) -> TouchOutcome {
        let key = try Key(key, in: "touch")
        if let check = try touchCheck(key, expiry, condition), let outcome = try engine.read("touch", check) {
            return outcome
        }
        return try engine.write("touch") { writer in
            try writer.touch(key, expiring: expiry, when: condition, in: "touch")
        }
    }

    /// The same, suspending.
    @discardableResult
    public func touch(
        _ key: String, expiring expiry: Expiry, when condition: TouchCondition = .always
    ) async throws(TTLStoreError) -> TouchOutcome {
        let key = try Key(key, in: "touch")
        if let check = try touchCheck(key, expiry, condition), let outcome = try await engine.read("touch", check) {
            return outcome
        }
        return try await engine.write("touch") { writer in
            try writer.touch(key, expiring: expiry, when: condition, in: "touch")
        }
    }

    /// Makes a live entry permanent. One commit; none is needed if it was permanent before.
    /// - Throws: `invalidKey`, and the errors of a write.
    @discardableResult
    public func persist(_ key: String) throws(TTLStoreError) -> PersistOutcome {
        let key = try Key(key, in: "persist")
        return try engine.write("persist") { writer in try writer.persist(key) }
    }

    /// The same, suspending.
    @discardableResult
    public func persist(_ key: String) async throws(TTLStoreError) -> PersistOutcome {
        let key = try Key(key, in: "persist")
        return try await engine.write("persist") { writer in try writer.persist(key) }
    }

    /// A read that returns the outcome where nothing needs to be written, and nil where the condition holds, which the
    /// write checks again. Nil if there is no condition. Refuses the arguments that the write would refuse.
    private func touchCheck(
        _ key: Key, _ expiry: Expiry, _ condition: TouchCondition
    ) throws(TTLStoreError) -> (@Sendable (EntryReader) throws -> TouchOutcome?)? {
        _ = try engine.writingQueue("touch")
        guard let limit = try condition.limit(in: "touch") else { return nil }
        let (clock, defaultTimeToLive) = (configuration.clock, configuration.defaultTimeToLive)
        return { reader in
            let now = clock.now
            _ = try ResolvedExpiry(expiry, now: now, default: defaultTimeToLive, in: "touch")
            guard let expiresAt = try reader.expiry(key, now: now) else { return .absent }
            return TouchCondition.isLess(expiresAt: expiresAt, now: now, than: limit) ? nil : .conditionNotMet
        }
    }
}
