extension TTLStore {
    /// Removes a live entry. One commit.
    /// - Parameters:
    ///   - key: 1 to 1024 bytes of UTF-8.
    ///   - condition: under which condition; `.ifUnchanged(since:)` removes only what the caller has read.
    /// - Returns: false if no live entry had the key, or the condition did not hold.
    /// - Throws: `invalidKey`, and the errors of a write, with nothing changed.
    @discardableResult
    public func remove(_ key: String, when condition: RemoveCondition = .always) throws(TTLStoreError) -> Bool {
        try engine.write(.remove(key, when: condition))
    }

    /// As the synchronous form; suspends the task, whose cancellation is ignored.
    @discardableResult
    public func remove(_ key: String, when condition: RemoveCondition = .always) async throws(TTLStoreError) -> Bool {
        try await engine.write(.remove(key, when: condition))
    }

    /// Removes all live entries whose key begins with `prefix`, in one transaction. One commit of its own. O(entries
    /// removed); the write lock is held meanwhile. The empty prefix removes everything.
    /// - Returns: how many were removed.
    /// - Throws: the errors of a write, with nothing changed.
    @discardableResult
    public func removeAll(prefix: String) throws(TTLStoreError) -> Int {
        try engine.write(.removeAll(.prefix(prefix)))
    }

    /// As the synchronous form; suspends the task, whose cancellation is ignored.
    @discardableResult
    public func removeAll(prefix: String) async throws(TTLStoreError) -> Int {
        try await engine.write(.removeAll(.prefix(prefix)))
    }
}
