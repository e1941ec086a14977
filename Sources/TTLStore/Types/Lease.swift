#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

extension TTLStore {
    /// A time-limited exclusive right, for a limited time, as it was when it was acquired,
    /// renewed or read. It is held as long as `now < expiresAt`, unless it is released before.
    public struct Lease: Hashable, Sendable {
        /// What it is about. Leases and keys have nothing to do with each other.
        public let name: String
        /// Who holds it, for a person: by default the process, e.g. `process 4711`.
        public let owner: String
        /// When it ends, in whole milliseconds, unless it is renewed.
        public let expiresAt: Date
        /// The fencing token: higher than that of every lease acquired in this file before, whatever its name, also
        /// before a restart.
        ///
        /// A holder that was stopped for a while can't know that its lease has run out. Where it must do no harm then,
        /// it sends the token along, and whoever receives it refuses a lower one than it has seen. After a power loss
        /// the file may have forgotten its last moments, and the tokens given then, unless the store's
        /// `Configuration.durability` is `.full`.
        public let token: Int64
    }
}
