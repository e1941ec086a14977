// Listings for people who look into the file: of live or expired entries, up to a number of elements.
extension TTLStore {
    /// - Parameter expired: true to list expired entries that are not yet deleted, instead of live ones.
    package func allKeys(_ selection: Selection, expired: Bool, maximum: Int? = nil) -> Listing<String> {
        listing(maximum) { (request) throws(TTLStoreError) in
            try .keys(
                EntryScope(selection, in: "keys"), limit: request.limit, after: request.cursor,
                state: expired ? .expired : .live)
        }
    }

    /// As `allKeys`.
    package func allEntries(_ selection: Selection, expired: Bool, maximum: Int? = nil) -> Listing<Entry> {
        listing(maximum) { (request) throws(TTLStoreError) in
            try .entries(
                EntryScope(selection, in: "entries"), limit: request.limit, bytes: TTLStore.pageBytes,
                after: request.cursor, state: expired ? .expired : .live)
        }
    }

    /// As `allKeys`; without the values.
    package func allSummaries(_ selection: Selection, expired: Bool, maximum: Int? = nil) -> Listing<EntrySummary> {
        listing(maximum) { (request) throws(TTLStoreError) in
            try .summaries(
                EntryScope(selection, in: "entries"), limit: request.limit, after: request.cursor,
                state: expired ? .expired : .live)
        }
    }

    /// A page of entries holds their values, about this many bytes of them.
    static let pageBytes = 4 << 20

    private func listing<Element: Sendable>(
        _ maximum: Int?,
        _ operation:
            @escaping @Sendable (ListingSource<Element>.Request) throws(TTLStoreError) -> ReadOperation<
                Page<Element>
            >
    ) -> Listing<Element> {
        Listing(source: ListingSource(store: self, maximum: maximum, operation: operation))
    }
}
