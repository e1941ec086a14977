extension TTLStore {
    /// Gives a live entry another key, in one step: a session that gets a new identifier is never there twice, nor not
    /// at all. One commit.
    ///
    /// Value, expiry, tag and `createdAt` stay; the revision is a new one. For who follows the removals, the old key is
    /// removed, and the entry that had the new key is overwritten.
    /// - Parameters:
    ///   - key: of the entry. With a lease or a computation of that name nothing happens.
    ///   - newKey: 1 to 1024 bytes of UTF-8. A live entry that has it is replaced.
    /// - Returns: `renamed`; or `absent`, with nothing changed, if no live entry has the key.
    /// - Throws: `invalidKey` for either, and the errors of a write, with nothing changed.
    @discardableResult
    public func rename(_ key: String, to newKey: String) throws(TTLStoreError) -> RenameOutcome {
        try engine.write(.rename(key, to: newKey, when: .always))
    }

    /// As the synchronous form; suspends the task, whose cancellation is ignored.
    @discardableResult
    public func rename(_ key: String, to newKey: String) async throws(TTLStoreError) -> RenameOutcome {
        try await engine.write(.rename(key, to: newKey, when: .always))
    }

    /// The same under a condition.
    /// - Parameters:
    ///   - key: of the entry.
    ///   - newKey: 1 to 1024 bytes of UTF-8.
    ///   - condition: `.ifAbsent` replaces nothing.
    /// - Returns: what was done.
    /// - Throws: `invalidKey` for either, and the errors of a write, with nothing changed.
    public func rename(
        _ key: String, to newKey: String, when condition: RenameCondition
    ) throws(TTLStoreError) -> RenameOutcome {
        try engine.write(.rename(key, to: newKey, when: condition))
    }

    /// As the synchronous form; suspends the task, whose cancellation is ignored.
    public func rename(
        _ key: String, to newKey: String, when condition: RenameCondition
    ) async throws(TTLStoreError) -> RenameOutcome {
        try await engine.write(.rename(key, to: newKey, when: condition))
    }
}
