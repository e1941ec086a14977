extension TTLStore {
    /// What a damaged file still shows of some of its rows; see `salvage(_:limit:after:)`.
    public struct SalvagedPage: Equatable, Sendable {
        /// The entries, in the order of their rows.
        public let entries: [Entry]
        /// The numbers (`id`) of rows that can't be read. Some of them may never have been used. Nil for none.
        public let unreadable: ClosedRange<Int64>?
        /// The number after which the next page begins; nil when nothing follows.
        public let next: Int64?
    }
}
