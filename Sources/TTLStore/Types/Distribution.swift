extension TTLStore {
    /// How the entries of a file are spread over the time to come, and their values over sizes.
    public struct Distribution: Hashable, Sendable {
        /// A part of a scale, and how many entries fall into it.
        public struct Part<Bound: Hashable & Sendable>: Hashable, Sendable {
            /// The largest measure in the part, which begins above the bound of the part before, or at zero; nil for
            /// the last part, which has no end.
            public let upperBound: Bound?
            /// How many entries fall into it.
            public let count: Int
        }

        /// Live entries by the time that they have left: up to 1 minute, 10 minutes, 1 hour, 1 day, 1 week, longer.
        public var timesLeft: [Part<Duration>] = []
        /// Live entries that never expire.
        public var permanentEntries = 0
        /// Entries that have expired and are not yet deleted.
        public var expiredEntries = 0
        /// All entries, expired ones included, by the size of their value: up to 64 bytes, 256 bytes, 1, 4, 16 and 64
        /// KiB, 1 MiB, larger. The size of an integer is the length of its text.
        public var sizes: [Part<Int>] = []
        /// The size of all values, in bytes. Leaves out values of other programs that are larger than a read may be.
        public var totalSize = 0

        /// All live entries.
        public var liveEntries: Int { timesLeft.reduce(permanentEntries) { $0 + $1.count } }
    }
}
