extension TTLStore {
    /// Removes a live entry. One commit.
    /// - Returns: false if no live entry had the key.
    /// - Throws: `invalidKey`, and the errors of a write, with nothing changed.
    @discardableResult
    public func remove(_ key: String) throws(TTLStoreError) -> Bool {
        let key = try Key(key, in: "remove")
        return try engine.write("remove") { writer in try writer.remove(key) }
    }

    /// The same, suspending.
    @discardableResult
    public func remove(_ key: String) async throws(TTLStoreError) -> Bool {
        let key = try Key(key, in: "remove")
        return try await engine.write("remove") { writer in try writer.remove(key) }
    }

    /// Removes all live entries whose key begins with `prefix`, in one transaction. O(entries removed); the write lock
    /// is held meanwhile. The empty prefix removes everything.
    /// - Returns: how many were removed.
    @discardableResult
    public func removeAll(prefix: String) throws(TTLStoreError) -> Int {
        try engine.write("removeAll") { writer in try writer.removeAll(KeyRange(prefix: prefix)) }
    }

    /// The same, suspending.
    @discardableResult
    public func removeAll(prefix: String) async throws(TTLStoreError) -> Int {
        try await engine.write("removeAll") { writer in try writer.removeAll(KeyRange(prefix: prefix)) }
    }
}
