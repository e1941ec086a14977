extension TTLStore {
    /// Gives a live entry another key, in one step: readers find a session under its old identifier or under its new
    /// one, never under both or neither. One commit.
    ///
    /// Value, expiry, tag, `createdAt` and `updatedAt` stay; the revision grows by one, unless both keys are the same.
    /// Consumers of removals see the old key as removed, and a live entry that had the new key as overwritten.
    /// - Parameters:
    ///   - key: of the entry. A lease or a computation of that name stays as it is.
    ///   - newKey: 1 to 1024 bytes of UTF-8. A live entry that has it is replaced.
    /// - Returns: `renamed`; or `absent`, with nothing changed, if no live entry has the key.
    /// - Throws: `invalidKey` for either, and the errors of a write, with nothing changed.
    @discardableResult
    public func rename(_ key: String, to newKey: String) throws(TTLStoreError) -> RenameOutcome {
        try engine.write(.rename(key, to: newKey, when: .always))
    }

    /// Gives a live entry another key, in one step: readers find a session under its old identifier or under its new
    /// one, never under both or neither. One commit.
    ///
    /// Value, expiry, tag, `createdAt` and `updatedAt` stay; the revision grows by one, unless both keys are the same.
    /// Consumers of removals see the old key as removed, and a live entry that had the new key as overwritten.
    ///
    /// Suspends the task, whose cancellation is ignored.
    /// - Parameters:
    ///   - key: of the entry. A lease or a computation of that name stays as it is.
    ///   - newKey: 1 to 1024 bytes of UTF-8. A live entry that has it is replaced.
    /// - Returns: `renamed`; or `absent`, with nothing changed, if no live entry has the key.
    /// - Throws: `invalidKey` for either, and the errors of a write, with nothing changed.
    @discardableResult
    public func rename(_ key: String, to newKey: String) async throws(TTLStoreError) -> RenameOutcome {
        try await engine.write(.rename(key, to: newKey, when: .always))
    }

    /// Gives a live entry another key under a condition, in one step. One commit.
    ///
    /// Value, expiry, tag, `createdAt` and `updatedAt` stay; the revision grows by one, unless both keys are the same.
    /// Consumers of removals see the old key as removed, and a live entry that had the new key as overwritten.
    /// - Parameters:
    ///   - key: of the entry. A lease or a computation of that name stays as it is.
    ///   - newKey: 1 to 1024 bytes of UTF-8.
    ///   - condition: with `.ifAbsent` a live entry that has the new key stays, and so does the entry itself.
    /// - Returns: whether the entry was renamed, and if not, why.
    /// - Throws: `invalidKey` for either, and the errors of a write, with nothing changed.
    public func rename(
        _ key: String, to newKey: String, when condition: RenameCondition
    ) throws(TTLStoreError) -> RenameOutcome {
        try engine.write(.rename(key, to: newKey, when: condition))
    }

    /// Gives a live entry another key under a condition, in one step. One commit.
    ///
    /// Value, expiry, tag, `createdAt` and `updatedAt` stay; the revision grows by one, unless both keys are the same.
    /// Consumers of removals see the old key as removed, and a live entry that had the new key as overwritten.
    ///
    /// Suspends the task, whose cancellation is ignored.
    /// - Parameters:
    ///   - key: of the entry. A lease or a computation of that name stays as it is.
    ///   - newKey: 1 to 1024 bytes of UTF-8.
    ///   - condition: with `.ifAbsent` a live entry that has the new key stays, and so does the entry itself.
    /// - Returns: whether the entry was renamed, and if not, why.
    /// - Throws: `invalidKey` for either, and the errors of a write, with nothing changed.
    public func rename(
        _ key: String, to newKey: String, when condition: RenameCondition
    ) async throws(TTLStoreError) -> RenameOutcome {
        try await engine.write(.rename(key, to: newKey, when: condition))
    }
}
