// For a person who looks into the file. Pages and cursors are those of `keys(prefix:limit:after:)`.
extension TTLStore {
    /// Which entries a person wants to see.
    package struct Selection: Sendable {
        package enum Scope: Sendable {
            case prefix(String)
            case tag(String)
        }

        package var scope: Scope
        /// Those that have expired and are not yet deleted, instead of the live ones.
        package var isExpired: Bool

        package init(_ scope: Scope = .prefix(""), isExpired: Bool = false) {
            self.scope = scope
            self.isExpired = isExpired
        }

        fileprivate func entryScope(in operation: String) throws(TTLStoreError) -> EntryScope {
            switch scope {
            case .prefix(let prefix): .prefix(prefix)
            case .tag(let tag): try .tag(tag, in: operation)
            }
        }

        fileprivate var state: EntryListing.State { isExpired ? .expired : .live }
    }

    package func keys(
        of selection: Selection, limit: Int = 1000, after cursor: Cursor? = nil
    ) throws(TTLStoreError) -> Page<String> {
        try engine.read(
            .keys(selection.entryScope(in: "keys"), limit: limit, after: cursor, state: selection.state))
    }

    package func entries(
        of selection: Selection, limit: Int = 1000, after cursor: Cursor? = nil
    ) throws(TTLStoreError) -> Page<Entry> {
        try engine.read(
            .entries(selection.entryScope(in: "entries"), limit: limit, after: cursor, state: selection.state))
    }

    /// Without the values.
    package func summaries(
        of selection: Selection, limit: Int = 1000, after cursor: Cursor? = nil
    ) throws(TTLStoreError) -> Page<EntrySummary> {
        try engine.read(
            .summaries(selection.entryScope(in: "entries"), limit: limit, after: cursor, state: selection.state))
    }
}
