extension TTLStore {
    /// One page of the keys of live entries with a tag, sorted by their bytes; see
    /// ``keys(prefix:limit:after:)-6stqb``. O(page), plus the expired entries that are passed over.
    /// - Throws: `invalidTag`; `invalidArgument` for a limit out of range; the errors of a read.
    public func keys(
        tag: String, limit: Int = 1000, after cursor: Cursor? = nil
    ) throws(TTLStoreError) -> Page<String> {
        try engine.read(.keys(.tag(tag, in: "keys"), limit: limit, after: cursor))
    }

    /// As the synchronous form; suspends the task, whose cancellation is ignored.
    public func keys(
        tag: String, limit: Int = 1000, after cursor: Cursor? = nil
    ) async throws(TTLStoreError) -> Page<String> {
        try await engine.read(.keys(.tag(tag, in: "keys"), limit: limit, after: cursor))
    }

    /// One page of live entries with a tag, sorted by the bytes of their keys; see
    /// ``keys(prefix:limit:after:)-6stqb``. O(page) and its values, plus the expired entries that are passed over.
    /// - Throws: `invalidTag`; `invalidArgument` for a limit out of range; the errors of a read.
    public func entries(
        tag: String, limit: Int = 1000, after cursor: Cursor? = nil
    ) throws(TTLStoreError) -> Page<Entry> {
        try engine.read(.entries(.tag(tag, in: "entries"), limit: limit, after: cursor))
    }

    /// As the synchronous form; suspends the task, whose cancellation is ignored.
    public func entries(
        tag: String, limit: Int = 1000, after cursor: Cursor? = nil
    ) async throws(TTLStoreError) -> Page<Entry> {
        try await engine.read(.entries(.tag(tag, in: "entries"), limit: limit, after: cursor))
    }

    /// The number of live entries with a tag. O(entries with the tag); expired ones are passed over and cost the same.
    /// - Throws: `invalidTag`; the errors of a read.
    public func count(tag: String) throws(TTLStoreError) -> Int {
        try engine.read(.count(.tag(tag, in: "count")))
    }

    /// As the synchronous form; suspends the task, whose cancellation is ignored.
    public func count(tag: String) async throws(TTLStoreError) -> Int {
        try await engine.read(.count(.tag(tag, in: "count")))
    }

    /// Removes all live entries with a tag, in one transaction. One commit of its own. O(entries removed); the write
    /// lock is held meanwhile.
    /// - Returns: how many were removed.
    /// - Throws: `invalidTag`; the errors of a write, with nothing changed.
    @discardableResult
    public func removeAll(tag: String) throws(TTLStoreError) -> Int {
        try engine.write(.removeAll(.tag(tag, in: "removeAll")))
    }

    /// As the synchronous form; suspends the task, whose cancellation is ignored.
    @discardableResult
    public func removeAll(tag: String) async throws(TTLStoreError) -> Int {
        try await engine.write(.removeAll(.tag(tag, in: "removeAll")))
    }
}
