extension TTLStore {
    /// Removes a live entry. One commit.
    /// - Parameter key: 1 to 1024 bytes of UTF-8.
    /// - Returns: false if no live entry had the key.
    /// - Throws: `invalidKey`, and the errors of a write, with nothing changed.
    @discardableResult
    public func remove(_ key: String) throws(TTLStoreError) -> Bool {
        try engine.write(.remove(key, when: .always))
    }

    /// Removes a live entry. One commit.
    ///
    /// Suspends the task, whose cancellation is ignored.
    /// - Parameter key: 1 to 1024 bytes of UTF-8.
    /// - Returns: false if no live entry had the key.
    /// - Throws: `invalidKey`, and the errors of a write, with nothing changed.
    @discardableResult
    public func remove(_ key: String) async throws(TTLStoreError) -> Bool {
        try await engine.write(.remove(key, when: .always))
    }

    /// Removes a live entry under a condition, in one step. One commit.
    /// - Parameters:
    ///   - key: 1 to 1024 bytes of UTF-8.
    ///   - condition: `.ifUnchanged(since:)` removes only what the caller has read.
    /// - Returns: false if no live entry had the key, or the condition did not hold.
    /// - Throws: `invalidKey`, and the errors of a write, with nothing changed.
    public func remove(_ key: String, when condition: RemoveCondition) throws(TTLStoreError) -> Bool {
        try engine.write(.remove(key, when: condition))
    }

    /// Removes a live entry under a condition, in one step. One commit.
    ///
    /// Suspends the task, whose cancellation is ignored.
    /// - Parameters:
    ///   - key: 1 to 1024 bytes of UTF-8.
    ///   - condition: `.ifUnchanged(since:)` removes only what the caller has read.
    /// - Returns: false if no live entry had the key, or the condition did not hold.
    /// - Throws: `invalidKey`, and the errors of a write, with nothing changed.
    public func remove(_ key: String, when condition: RemoveCondition) async throws(TTLStoreError) -> Bool {
        try await engine.write(.remove(key, when: condition))
    }

    /// Removes all live entries of a selection, in one transaction. One commit of its own. O(entries removed); the
    /// write lock is held meanwhile.
    /// - Parameter selection: `.all` empties the store.
    /// - Returns: how many were removed.
    /// - Throws: `invalidTag`; the errors of a write, with nothing changed.
    @discardableResult
    public func removeAll(_ selection: Selection) throws(TTLStoreError) -> Int {
        try engine.write(.removeAll(EntryScope(selection, in: "removeAll")))
    }

    /// Removes all live entries of a selection, in one transaction. One commit of its own. O(entries removed); the
    /// write lock is held meanwhile.
    ///
    /// Suspends the task, whose cancellation is ignored.
    /// - Parameter selection: `.all` empties the store.
    /// - Returns: how many were removed.
    /// - Throws: `invalidTag`; the errors of a write, with nothing changed.
    @discardableResult
    public func removeAll(_ selection: Selection) async throws(TTLStoreError) -> Int {
        try await engine.write(.removeAll(EntryScope(selection, in: "removeAll")))
    }

    /// Removes many live entries in one transaction. One commit of its own. O(keys); the write lock is held meanwhile.
    /// - Parameter keys: 1 to 1024 bytes of UTF-8 each.
    /// - Returns: how many of them had a live entry.
    /// - Throws: `invalidKey`, and the errors of a write, with nothing changed.
    @discardableResult
    public func removeAll(_ keys: some Sequence<String>) throws(TTLStoreError) -> Int {
        try engine.write(.removeAll(Array(keys)))
    }

    /// Removes many live entries in one transaction. One commit of its own. O(keys); the write lock is held meanwhile.
    ///
    /// Suspends the task, whose cancellation is ignored.
    /// - Parameter keys: 1 to 1024 bytes of UTF-8 each.
    /// - Returns: how many of them had a live entry.
    /// - Throws: `invalidKey`, and the errors of a write, with nothing changed.
    @discardableResult
    public func removeAll(_ keys: some Sequence<String>) async throws(TTLStoreError) -> Int {
        try await engine.write(.removeAll(Array(keys)))
    }
}
