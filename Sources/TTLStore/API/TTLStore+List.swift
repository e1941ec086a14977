extension TTLStore {
    /// One page of the keys of live entries, sorted by their bytes.
    ///
    /// Each page is a read of its own: entries that come or go between two pages may or may not be seen, the others are
    /// seen exactly once. O(page), plus the expired entries that are passed over.
    /// - Parameters:
    ///   - prefix: what the keys begin with.
    ///   - limit: the most keys in the page, from 1 to 100,000.
    ///   - cursor: `next` of the page before; nil for the first page.
    /// - Throws: `invalidArgument` for a limit out of range, and the errors of a read.
    public func keys(
        prefix: String = "", limit: Int = 1000, after cursor: Cursor? = nil
    ) throws(TTLStoreError) -> Page<String> {
        try engine.read(.keys(.prefix(prefix), limit: limit, after: cursor))
    }

    /// As the synchronous form; suspends the task, whose cancellation is ignored.
    public func keys(
        prefix: String = "", limit: Int = 1000, after cursor: Cursor? = nil
    ) async throws(TTLStoreError) -> Page<String> {
        try await engine.read(.keys(.prefix(prefix), limit: limit, after: cursor))
    }

    /// One page of live entries, sorted by the bytes of their keys; see ``keys(prefix:limit:after:)-6stqb``. O(page)
    /// and its values, plus the expired entries that are passed over.
    /// - Throws: `invalidArgument` for a limit out of range, and the errors of a read.
    public func entries(
        prefix: String = "", limit: Int = 1000, after cursor: Cursor? = nil
    ) throws(TTLStoreError) -> Page<Entry> {
        try engine.read(.entries(.prefix(prefix), limit: limit, after: cursor))
    }

    /// As the synchronous form; suspends the task, whose cancellation is ignored.
    public func entries(
        prefix: String = "", limit: Int = 1000, after cursor: Cursor? = nil
    ) async throws(TTLStoreError) -> Page<Entry> {
        try await engine.read(.entries(.prefix(prefix), limit: limit, after: cursor))
    }

    /// The number of live entries whose key begins with `prefix`. O(entries with the prefix); expired ones are passed
    /// over and cost the same.
    /// - Throws: the errors of a read.
    public func count(prefix: String = "") throws(TTLStoreError) -> Int {
        try engine.read(.count(.prefix(prefix)))
    }

    /// As the synchronous form; suspends the task, whose cancellation is ignored.
    public func count(prefix: String = "") async throws(TTLStoreError) -> Int {
        try await engine.read(.count(.prefix(prefix)))
    }
}
