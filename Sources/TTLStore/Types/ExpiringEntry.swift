#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

extension TTLStore {
    /// A live entry that expires, without its value, as it was at one moment.
    public struct ExpiringEntry: Hashable, Sendable {
        /// The key. Bytes that are not valid UTF-8, which only another program can have written, appear as U+FFFD.
        public let key: String
        /// When the entry expires, in whole milliseconds.
        public let expiresAt: Date
        /// The time left when the entry was read, always positive.
        public let remaining: Duration
        /// Changes with every write of the key, the value or the tag, and not with a touch.
        public let revision: Revision
        /// The tag that the entry was last set with; nil for none.
        public let tag: String?
    }
}
