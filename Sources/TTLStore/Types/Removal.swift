extension TTLStore {
    /// An entry that has left the store, and why. See <doc:Events>.
    public struct Removal: Hashable, Sendable {
        /// The entry's key. Bytes that are not valid UTF-8, which only another program can have written, appear as
        /// U+FFFD.
        public let key: String
        /// The tag that it had; nil for none.
        public let tag: String?
        /// The value that it had; nil if values were not asked for.
        public let value: Value?
        /// Why it left.
        public let cause: Cause

        /// Why an entry left the store. More may be added, so a `switch` over causes needs a `default`.
        public struct Cause: Hashable, Sendable, CustomStringConvertible {
            private enum Kind: String {
                case expired, removed, overwritten, evicted
            }

            private let kind: Kind

            /// The cause's name, e.g. `expired`.
            public var description: String { kind.rawValue }

            /// It had expired, and was purged, or another entry took its key.
            public static let expired = Cause(kind: .expired)
            /// It was removed, taken or given another key, or given an expiry that had already passed.
            public static let removed = Cause(kind: .removed)
            /// Its value was replaced while it was live.
            public static let overwritten = Cause(kind: .overwritten)
            /// It was deleted because of `Configuration.maximumEntries` or `maximumBytes`.
            public static let evicted = Cause(kind: .evicted)
        }
    }
}

/// An entry as it was when it left, in a transaction that may not be committed yet.
struct LeavingEntry {
    /// How much of its value was read.
    enum Content {
        /// No consumer had asked for values when the operation began.
        case notRead
        /// The buffer had no room for the value.
        case tooLarge
        case value(Value)
    }

    let key: String
    let tag: String?
    let cause: TTLStore.Removal.Cause
    var content: Content

    /// The size of the value in bytes; zero if there is none.
    var size: Int {
        if case .value(let value) = content { value.size } else { 0 }
    }

    var isTooLarge: Bool {
        if case .tooLarge = content { true } else { false }
    }

    func removal(_ value: Value?) -> TTLStore.Removal {
        TTLStore.Removal(key: key, tag: tag, value: value, cause: cause)
    }
}
