extension TTLStore {
    /// Which live entries an operation is about.
    public enum Selection: Hashable, Sendable {
        /// Every one.
        case all
        /// Those whose key begins so, compared by bytes. The empty prefix is that of all keys.
        case prefix(String)
        /// Those with the tag: 1 to 1024 bytes of UTF-8.
        case tag(String)
    }
}
