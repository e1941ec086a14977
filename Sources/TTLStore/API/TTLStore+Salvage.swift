extension TTLStore {
    /// One page of the live entries of a damaged file, past what can't be read.
    ///
    /// A listing ends at the first damaged page. This reads the table row by row, by no index, and goes on behind rows
    /// that can't be read: those on a damaged page or on one that the disk does not give, and those with a value larger
    /// than `Configuration.maximumValueSize` and 16 MiB. What damage has changed to something readable can't be told
    /// from what was stored. Behind a gap of more than a thousand numbers, rows between more damaged pages may be
    /// counted to it, over at most a sixtieth of its length; where the disk fails, over as much as its length.
    ///
    /// O(rows of the file) in all, whatever is selected, and up to some thousand look-ups for each gap.
    ///
    /// ```swift
    /// var row: Int64?
    /// repeat {
    ///     let page = try store.salvage(after: row)
    ///     for entry in page.entries { try copy.set(entry.key, entry.value) }
    ///     if let gap = page.unreadable { print("rows \(gap) can't be read") }
    ///     row = page.next
    /// } while row != nil
    /// ```
    /// - Parameters:
    ///   - selection: which entries.
    ///   - limit: the most rows that the page looks at, from 1 to 100,000.
    ///   - row: `next` of the page before; nil for the first page.
    /// - Returns: a page of entries or of a gap; it may be empty before the end.
    /// - Throws: `invalidArgument` for a limit out of range; `invalidTag`; the errors of a read, but not for damage.
    public func salvage(
        _ selection: Selection = .all, limit: Int = 1000, after row: Int64? = nil
    ) throws(TTLStoreError) -> SalvagedPage {
        try engine.read(.salvage(selection, limit: limit, bytes: TTLStore.pageBytes, after: row))
    }

    /// One page of the live entries of a damaged file, past what can't be read.
    ///
    /// A listing ends at the first damaged page. This reads the table row by row, by no index, and goes on behind rows
    /// that can't be read: those on a damaged page or on one that the disk does not give, and those with a value larger
    /// than `Configuration.maximumValueSize` and 16 MiB. What damage has changed to something readable can't be told
    /// from what was stored. Behind a gap of more than a thousand numbers, rows between more damaged pages may be
    /// counted to it, over at most a sixtieth of its length; where the disk fails, over as much as its length.
    ///
    /// O(rows of the file) in all, whatever is selected, and up to some thousand look-ups for each gap.
    ///
    /// Suspends the task, whose cancellation is ignored.
    /// - Parameters:
    ///   - selection: which entries.
    ///   - limit: the most rows that the page looks at, from 1 to 100,000.
    ///   - row: `next` of the page before; nil for the first page.
    /// - Returns: a page of entries or of a gap; it may be empty before the end.
    /// - Throws: `invalidArgument` for a limit out of range; `invalidTag`; the errors of a read, but not for damage.
    public func salvage(
        _ selection: Selection = .all, limit: Int = 1000, after row: Int64? = nil
    ) async throws(TTLStoreError) -> SalvagedPage {
        try await engine.read(.salvage(selection, limit: limit, bytes: TTLStore.pageBytes, after: row))
    }
}
