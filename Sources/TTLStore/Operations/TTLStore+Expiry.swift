extension TTLStore {
    /// Changes when a live entry expires; its value, its revision and `updatedAt` stay.
    ///
    /// Where `condition` does not hold, it costs a read and takes no write lock.
    /// - Parameter expiry: `.keep` changes nothing and tells whether the entry is live. A date that has passed removes
    ///   the entry.
    /// - Returns: what was done. A missing or expired entry stays so.
    /// - Throws: `invalidKey`, `invalidExpiry`, `invalidArgument`, with nothing changed; the errors of a write.
    @discardableResult
    public func touch(
        _ key: String, expiring expiry: Expiry, when condition: TouchCondition = .always
    ) throws(TTLStoreError) -> TouchOutcome {
        let touch = try newTouch(key, expiry, condition)
        if let check = touch.check(), let outcome = try engine.read(check) { return outcome }
        return try engine.write(touch.write())
    }

    /// The same, suspending.
    @discardableResult
    public func touch(
        _ key: String, expiring expiry: Expiry, when condition: TouchCondition = .always
    ) async throws(TTLStoreError) -> TouchOutcome {
        let touch = try newTouch(key, expiry, condition)
        if let check = touch.check(), let outcome = try await engine.read(check) { return outcome }
        return try await engine.write(touch.write())
    }

    /// Makes a live entry permanent. One commit; a read alone if there is nothing to do.
    /// - Throws: `invalidKey`, and the errors of a write.
    @discardableResult
    public func persist(_ key: String) throws(TTLStoreError) -> PersistOutcome {
        _ = try engine.writingQueue("persist")
        if let outcome = try engine.read(.persistCheck(key)) { return outcome }
        return try engine.write(.persist(key))
    }

    /// The same, suspending.
    @discardableResult
    public func persist(_ key: String) async throws(TTLStoreError) -> PersistOutcome {
        _ = try engine.writingQueue("persist")
        if let outcome = try await engine.read(.persistCheck(key)) { return outcome }
        return try await engine.write(.persist(key))
    }

    private func newTouch(
        _ key: String, _ expiry: Expiry, _ condition: TouchCondition
    ) throws(TTLStoreError) -> EntryTouch {
        _ = try engine.writingQueue("touch")
        return try EntryTouch(key, expiring: expiry, when: condition, configuration, in: "touch")
    }
}
