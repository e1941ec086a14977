extension TTLStore {
    /// One page of the keys of live entries, sorted by their bytes.
    ///
    /// Each page is a read of its own: entries that come or go between two pages may or may not be seen, the others are
    /// seen exactly once. O(page), plus the expired entries that are passed over.
    /// - Parameters:
    ///   - prefix: what the keys begin with.
    ///   - limit: the most keys in the page, from 1 to 100,000.
    ///   - cursor: `next` of the page before; nil for the first page.
    /// - Throws: `invalidArgument` for a limit out of range.
    public func keys(
        prefix: String = "", limit: Int = 1000, after cursor: Cursor? = nil
    ) throws(TTLStoreError) -> Page<String> {
        try engine.read("keys", keysBody(prefix, limit, cursor))
    }

    /// The same, suspending.
    public func keys(
        prefix: String = "", limit: Int = 1000, after cursor: Cursor? = nil
    ) async throws(TTLStoreError) -> Page<String> {
        try await engine.read("keys", keysBody(prefix, limit, cursor))
    }

    /// One page of live entries, sorted by the bytes of their keys; see ``keys(prefix:limit:after:)-(_,Int,_)``.
    public func entries(
        prefix: String = "", limit: Int = 1000, after cursor: Cursor? = nil
    ) throws(TTLStoreError) -> Page<Entry> {
        try engine.read("entries", entriesBody(prefix, limit, cursor, .live))
    }

    /// The same, suspending.
    public func entries(
        prefix: String = "", limit: Int = 1000, after cursor: Cursor? = nil
    ) async throws(TTLStoreError) -> Page<Entry> {
        try await engine.read("entries", entriesBody(prefix, limit, cursor, .live))
    }

    /// One page of entries that have expired and are not yet deleted: for a person who looks into the file.
    package func expiredEntries(
        prefix: String = "", limit: Int = 1000, after cursor: Cursor? = nil
    ) throws(TTLStoreError) -> Page<Entry> {
        try engine.read("entries", entriesBody(prefix, limit, cursor, .expired))
    }

    /// The number of live entries whose key begins with `prefix`. O(entries with the prefix).
    public func count(prefix: String = "") throws(TTLStoreError) -> Int {
        try engine.read("count", countBody(prefix))
    }

    /// The same, suspending.
    public func count(prefix: String = "") async throws(TTLStoreError) -> Int {
        try await engine.read("count", countBody(prefix))
    }

    private typealias Body<Result> = @Sendable (EntryReader) throws -> Result

    private func keysBody(_ prefix: String, _ limit: Int, _ cursor: Cursor?) throws(TTLStoreError) -> Body<Page<String>>
    {
        let listing = try EntryListing(prefix: prefix, limit: limit, after: cursor, state: .live, in: "keys")
        let clock = configuration.clock
        return { reader in
            try listing.page(reader, columns: "key", now: clock.now) { row in
                row.withBytes(0) { String(decoding: $0, as: UTF8.self) }
            }
        }
    }

    private func entriesBody(
        _ prefix: String, _ limit: Int, _ cursor: Cursor?, _ state: EntryListing.State
    ) throws(TTLStoreError) -> Body<Page<Entry>> {
        let listing = try EntryListing(prefix: prefix, limit: limit, after: cursor, state: state, in: "entries")
        let clock = configuration.clock
        return { reader in
            let now = clock.now
            return try listing.page(reader, columns: EntryColumns.all, now: now) { EntryColumns.entry($0, now: now) }
        }
    }

    private func countBody(_ prefix: String) -> Body<Int> {
        let clock = configuration.clock
        return { reader in try reader.count(KeyRange(prefix: prefix), now: clock.now) }
    }
}
