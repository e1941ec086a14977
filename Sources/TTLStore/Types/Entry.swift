#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

extension TTLStore {
    /// A live entry with its metadata, as it was at one moment.
    public struct Entry: Hashable, Sendable {
        /// The key. Bytes that are not valid UTF-8, which only another program can have written, appear as U+FFFD.
        public let key: String
        /// The value in its stored kind.
        public let value: Value
        /// When the entry expires, in whole milliseconds; nil means never.
        public let expiresAt: Date?
        /// The time left when the entry was read, always positive; nil means for ever.
        public let remaining: Duration?
        /// When this entry came into being. Overwriting a live entry keeps it, overwriting an expired one does not.
        public let createdAt: Date
        /// When the value was last written. Extending the expiry does not count.
        public let updatedAt: Date
        /// Changes with every write of the key, the value or the tag, and not with a touch. An entry that was removed
        /// and made anew does not get a revision that it had before: the first revision is random among 2⁴⁸ numbers.
        /// After a loss of power the last writes may be missing from the file, which then gives their numbers to other
        /// writes, unless `Configuration.durability` is `.full`.
        public let revision: Revision
        /// The tag that the entry was last set with; nil for none.
        public let tag: String?
    }

    /// One state of one entry's value: a number that grows by one with each write, from a random start.
    public struct Revision: Hashable, Sendable, LosslessStringConvertible {
        package let number: Int64

        package init(number: Int64) { self.number = number }

        /// From a `description`, e.g. one that travelled as an entity tag; nil for any other text.
        public init?(_ description: String) {
            guard let number = Int64(description), String(number) == description, number >= 0 else { return nil }
            self.number = number
        }

        /// The number in decimal, as the column `revision` shows it.
        public var description: String { String(number) }
    }

    /// One page of a listing, sorted by the bytes of the keys.
    public struct Page<Element: Sendable>: Sendable {
        /// The page's elements; fewer than the limit only at the end.
        public let elements: [Element]
        /// Where the next page begins; nil when nothing follows.
        public let next: Cursor?
    }

    /// A position in a listing. It stays valid when entries come and go.
    public struct Cursor: Hashable, Sendable {
        /// The last key of the page before, as it is stored.
        let key: [UInt8]
        /// False for a BLOB, which sorts after all text. Only a file without its constraints can have such a key.
        let isText: Bool
    }
}

extension TTLStore.Page: Equatable where Element: Equatable {}
