import TTLStore

extension TTLStore {
    /// One page of the entries that have expired and are still in the file.
    func expiredEntries(
        prefix: String = "", limit: Int = 1000, after cursor: Cursor? = nil
    ) throws(TTLStoreError) -> Page<Entry> {
        try entries(of: Selection(.prefix(prefix), isExpired: true), limit: limit, after: cursor)
    }
}
