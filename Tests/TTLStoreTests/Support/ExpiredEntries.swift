@testable import TTLStore

/// Single pages of the listings.
extension TTLStore {
    /// One page of the entries that have expired and are still in the file.
    func expiredEntries(
        prefix: String = "", limit: Int = 1000, after cursor: Cursor? = nil
    ) throws(TTLStoreError) -> Page<Entry> {
        try entries(.prefix(prefix), expired: true, limit: limit, after: cursor)
    }

    func keys(
        _ selection: Selection, expired: Bool, limit: Int = 1000, after cursor: Cursor? = nil
    ) throws(TTLStoreError) -> Page<String> {
        try engine.read(
            .keys(EntryScope(selection, in: "keys"), limit: limit, after: cursor, state: expired ? .expired : .live))
    }

    func entries(
        _ selection: Selection, expired: Bool, limit: Int = 1000, after cursor: Cursor? = nil
    ) throws(TTLStoreError) -> Page<Entry> {
        try engine.read(
            .entries(
                EntryScope(selection, in: "entries"), limit: limit, after: cursor, state: expired ? .expired : .live))
    }

    func summaries(
        _ selection: Selection = .all, expired: Bool = false, limit: Int = 1000, after cursor: Cursor? = nil
    ) throws(TTLStoreError) -> Page<EntrySummary> {
        try engine.read(
            .summaries(
                EntryScope(selection, in: "entries"), limit: limit, after: cursor, state: expired ? .expired : .live))
    }
}
