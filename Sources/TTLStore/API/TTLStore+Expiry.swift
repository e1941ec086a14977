extension TTLStore {
    /// Changes when a live entry expires; its value, its revision and `updatedAt` stay. One commit.
    /// - Parameters:
    ///   - key: 1 to 1024 bytes of UTF-8.
    ///   - expiry: the new one. `.keep` changes nothing and tells whether the entry is live. A date that has passed
    ///     removes the entry.
    /// - Returns: what was done. A missing or expired entry stays so.
    /// - Throws: `invalidKey`, `invalidExpiry`, with nothing changed; the errors of a write.
    @discardableResult
    public func touch(_ key: String, expiring expiry: Expiry) throws(TTLStoreError) -> TouchOutcome {
        try touch(key, expiring: expiry, when: .always)
    }

    /// Changes when a live entry expires; its value, its revision and `updatedAt` stay. One commit.
    ///
    /// Suspends the task, whose cancellation is ignored.
    /// - Parameters:
    ///   - key: 1 to 1024 bytes of UTF-8.
    ///   - expiry: the new one. `.keep` changes nothing and tells whether the entry is live. A date that has passed
    ///     removes the entry.
    /// - Returns: what was done. A missing or expired entry stays so.
    /// - Throws: `invalidKey`, `invalidExpiry`, with nothing changed; the errors of a write.
    @discardableResult
    public func touch(_ key: String, expiring expiry: Expiry) async throws(TTLStoreError) -> TouchOutcome {
        try await touch(key, expiring: expiry, when: .always)
    }

    /// Changes when a live entry expires, under a condition, in one step.
    ///
    /// One commit. Where `condition` does not hold, a read, which takes no write lock.
    /// - Parameters:
    ///   - key: 1 to 1024 bytes of UTF-8.
    ///   - expiry: the new one. `.keep` changes nothing; it is neither later nor earlier. A date that has passed
    ///     removes the entry.
    ///   - condition: under which condition the expiry is changed.
    /// - Returns: what was done. A missing or expired entry stays so.
    /// - Throws: `invalidKey`, `invalidExpiry`, `invalidArgument`, with nothing changed; the errors of a write.
    public func touch(
        _ key: String, expiring expiry: Expiry, when condition: TouchCondition
    ) throws(TTLStoreError) -> TouchOutcome {
        let touch = try newTouch(key, expiry, condition)
        if let check = touch.check(), let outcome = try engine.read(check) { return outcome }
        return try engine.write(touch.write())
    }

    /// Changes when a live entry expires, under a condition, in one step.
    ///
    /// One commit. Where `condition` does not hold, a read, which takes no write lock.
    ///
    /// Suspends the task, whose cancellation is ignored.
    /// - Parameters:
    ///   - key: 1 to 1024 bytes of UTF-8.
    ///   - expiry: the new one. `.keep` changes nothing; it is neither later nor earlier. A date that has passed
    ///     removes the entry.
    ///   - condition: under which condition the expiry is changed.
    /// - Returns: what was done. A missing or expired entry stays so.
    /// - Throws: `invalidKey`, `invalidExpiry`, `invalidArgument`, with nothing changed; the errors of a write.
    public func touch(
        _ key: String, expiring expiry: Expiry, when condition: TouchCondition
    ) async throws(TTLStoreError) -> TouchOutcome {
        let touch = try newTouch(key, expiry, condition)
        if let check = touch.check(), let outcome = try await engine.read(check) { return outcome }
        return try await engine.write(touch.write())
    }

    /// Changes when all live entries of a selection expire, in one transaction: a user's sessions end in five minutes
    /// by `touchAll(.tag("user:7"), expiring: .minutes(5))`.
    ///
    /// One commit of its own. O(entries changed) and the write lock is held meanwhile: a million entries take one to
    /// two seconds, for which other writers wait.
    /// - Parameters:
    ///   - selection: which entries.
    ///   - expiry: the new one. `.keep` changes nothing. A date that has passed removes them.
    /// - Returns: how many entries there were.
    /// - Throws: `invalidTag`, `invalidExpiry`; `valueTooLarge` if one of them has a value that is larger than
    ///   `Configuration.maximumValueSize` and 16 MiB; the errors of a write. Nothing is changed then.
    @discardableResult
    public func touchAll(_ selection: Selection, expiring expiry: Expiry) throws(TTLStoreError) -> Int {
        try engine.write(.touchAll(EntryScope(selection, in: "touchAll"), expiring: expiry))
    }

    /// Changes when all live entries of a selection expire, in one transaction: a user's sessions end in five minutes
    /// by `touchAll(.tag("user:7"), expiring: .minutes(5))`.
    ///
    /// One commit of its own. O(entries changed) and the write lock is held meanwhile: a million entries take one to
    /// two seconds, for which other writers wait.
    ///
    /// Suspends the task, whose cancellation is ignored.
    /// - Parameters:
    ///   - selection: which entries.
    ///   - expiry: the new one. `.keep` changes nothing. A date that has passed removes them.
    /// - Returns: how many entries there were.
    /// - Throws: `invalidTag`, `invalidExpiry`; `valueTooLarge` if one of them has a value that is larger than
    ///   `Configuration.maximumValueSize` and 16 MiB; the errors of a write. Nothing is changed then.
    @discardableResult
    public func touchAll(_ selection: Selection, expiring expiry: Expiry) async throws(TTLStoreError) -> Int {
        try await engine.write(.touchAll(EntryScope(selection, in: "touchAll"), expiring: expiry))
    }

    /// Makes a live entry permanent. One commit; a read alone if there is nothing to do.
    /// - Parameter key: 1 to 1024 bytes of UTF-8.
    /// - Returns: what was done. A missing or expired entry stays so.
    /// - Throws: `invalidKey`, and the errors of a write, with nothing changed.
    @discardableResult
    public func persist(_ key: String) throws(TTLStoreError) -> PersistOutcome {
        _ = try engine.writingQueue("persist")
        if let outcome = try engine.read(.persistCheck(key)) { return outcome }
        return try engine.write(.persist(key))
    }

    /// Makes a live entry permanent. One commit; a read alone if there is nothing to do.
    ///
    /// Suspends the task, whose cancellation is ignored.
    /// - Parameter key: 1 to 1024 bytes of UTF-8.
    /// - Returns: what was done. A missing or expired entry stays so.
    /// - Throws: `invalidKey`, and the errors of a write, with nothing changed.
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
