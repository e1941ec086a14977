extension TTLStore {
    /// The tags of live entries, each once, sorted by their bytes.
    ///
    /// One index seek for each tag, plus the expired entries that are passed over.
    /// - Parameters:
    ///   - prefix: what the tags begin with, compared by bytes. The empty prefix selects all tags.
    ///   - limit: the most tags, from 1 to 100,000.
    /// - Throws: `invalidArgument` for a limit out of range; the errors of a read.
    public func tags(prefix: String = "", limit: Int = 1000) throws(TTLStoreError) -> [String] {
        try engine.read(.tags(prefix: prefix, limit: limit))
    }

    /// The tags of live entries, each once, sorted by their bytes.
    ///
    /// One index seek for each tag, plus the expired entries that are passed over.
    ///
    /// Suspends the task, whose cancellation is ignored.
    /// - Parameters:
    ///   - prefix: what the tags begin with, compared by bytes. The empty prefix selects all tags.
    ///   - limit: the most tags, from 1 to 100,000.
    /// - Throws: `invalidArgument` for a limit out of range; the errors of a read.
    public func tags(prefix: String = "", limit: Int = 1000) async throws(TTLStoreError) -> [String] {
        try await engine.read(.tags(prefix: prefix, limit: limit))
    }
}
