extension TTLStore {
    /// One page of the keys of live entries, sorted by their bytes.
    ///
    /// Each page is a read of its own: entries that come or go between two pages may or may not be seen, the others are
    /// seen exactly once. O(page), plus the expired entries that are passed over. ``allKeys(_:)`` goes through all
    /// pages.
    /// - Parameters:
    ///   - selection: which entries.
    ///   - limit: the most keys in the page, from 1 to 100,000.
    ///   - cursor: `next` of the page before; nil for the first page.
    /// - Throws: `invalidArgument` for a limit out of range; `invalidTag`; the errors of a read.
    public func keys(
        _ selection: Selection = .all, limit: Int = 1000, after cursor: Cursor? = nil
    ) throws(TTLStoreError) -> Page<String> {
        try engine.read(.keys(EntryScope(selection, in: "keys"), limit: limit, after: cursor))
    }

    /// One page of the keys of live entries, sorted by their bytes.
    ///
    /// Each page is a read of its own: entries that come or go between two pages may or may not be seen, the others are
    /// seen exactly once. O(page), plus the expired entries that are passed over. ``allKeys(_:)`` goes through all
    /// pages.
    ///
    /// Suspends the task, whose cancellation is ignored.
    /// - Parameters:
    ///   - selection: which entries.
    ///   - limit: the most keys in the page, from 1 to 100,000.
    ///   - cursor: `next` of the page before; nil for the first page.
    /// - Throws: `invalidArgument` for a limit out of range; `invalidTag`; the errors of a read.
    public func keys(
        _ selection: Selection = .all, limit: Int = 1000, after cursor: Cursor? = nil
    ) async throws(TTLStoreError) -> Page<String> {
        try await engine.read(.keys(EntryScope(selection, in: "keys"), limit: limit, after: cursor))
    }

    /// One page of live entries, sorted by the bytes of their keys.
    ///
    /// Each page is a read of its own: entries that come or go between two pages may or may not be seen, the others are
    /// seen exactly once. O(page), values included, plus the expired entries that are passed over. ``allEntries(_:)``
    /// goes through all pages.
    /// - Parameters:
    ///   - selection: which entries.
    ///   - limit: the most entries in the page, from 1 to 100,000. All their values are in memory.
    ///   - cursor: `next` of the page before; nil for the first page.
    /// - Throws: `invalidArgument` for a limit out of range; `invalidTag`; the errors of a read.
    public func entries(
        _ selection: Selection = .all, limit: Int = 1000, after cursor: Cursor? = nil
    ) throws(TTLStoreError) -> Page<Entry> {
        try engine.read(.entries(EntryScope(selection, in: "entries"), limit: limit, after: cursor))
    }

    /// One page of live entries, sorted by the bytes of their keys.
    ///
    /// Each page is a read of its own: entries that come or go between two pages may or may not be seen, the others are
    /// seen exactly once. O(page), values included, plus the expired entries that are passed over. ``allEntries(_:)``
    /// goes through all pages.
    ///
    /// Suspends the task, whose cancellation is ignored.
    /// - Parameters:
    ///   - selection: which entries.
    ///   - limit: the most entries in the page, from 1 to 100,000. All their values are in memory.
    ///   - cursor: `next` of the page before; nil for the first page.
    /// - Throws: `invalidArgument` for a limit out of range; `invalidTag`; the errors of a read.
    public func entries(
        _ selection: Selection = .all, limit: Int = 1000, after cursor: Cursor? = nil
    ) async throws(TTLStoreError) -> Page<Entry> {
        try await engine.read(.entries(EntryScope(selection, in: "entries"), limit: limit, after: cursor))
    }

    /// The number of live entries. O(entries of the selection); expired ones are passed over and cost the same.
    /// - Parameter selection: which entries.
    /// - Throws: `invalidTag`; the errors of a read.
    public func count(_ selection: Selection = .all) throws(TTLStoreError) -> Int {
        try engine.read(.count(EntryScope(selection, in: "count")))
    }

    /// The number of live entries. O(entries of the selection); expired ones are passed over and cost the same.
    ///
    /// Suspends the task, whose cancellation is ignored.
    /// - Parameter selection: which entries.
    /// - Throws: `invalidTag`; the errors of a read.
    public func count(_ selection: Selection = .all) async throws(TTLStoreError) -> Int {
        try await engine.read(.count(EntryScope(selection, in: "count")))
    }
}
