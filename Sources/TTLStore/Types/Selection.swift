extension TTLStore {
    /// Which live entries an operation is about.
    public enum Selection: Hashable, Sendable {
        /// Every entry.
        case all
        /// Entries whose key begins with the prefix, compared by bytes. The empty prefix selects all keys.
        case prefix(String)
        /// Entries with the tag: 1 to 1024 bytes of UTF-8.
        case tag(String)
    }
}
