extension TTLStore {
    /// How far a maintenance operation has come, in pages of the file.
    public struct Progress: Hashable, Sendable {
        /// Pages copied by a backup; pages read so far by a check or a vacuum, which may read a page more than once.
        public var completed: Int
        /// The number of pages in all; nil for a check and a vacuum, where SQLite does not tell.
        public var total: Int?
    }
}
