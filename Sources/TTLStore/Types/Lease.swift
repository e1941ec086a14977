#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

extension TTLStore {
    /// An exclusive right for a limited time, as it was when it was acquired, renewed or read. It is held as long as
    /// `now < expiresAt`, unless it is released before.
    public struct Lease: Hashable, Sendable {
        /// The name under which it is held. Names of leases and keys are independent of each other.
        public let name: String
        /// A description of the owner, for people to read: by default the process, e.g. `process 4711`.
        public let owner: String
        /// When it ends, in whole milliseconds, unless it is renewed.
        public let expiresAt: Date
        /// The fencing token: higher than the token of every lease acquired in this file before, whatever its name,
        /// also before a restart.
        ///
        /// A holder that was stopped for a while can't know that its lease has run out. Where that must do no harm, the
        /// holder sends the token with each request, and the receiver refuses a token lower than the highest it has
        /// seen. After a power loss the last moments may be missing from the file, and the tokens given then, unless
        /// the store's `Configuration.durability` is `.full`.
        public let token: Int64

        package init(name: String, owner: String, expiresAt: Date, token: Int64) {
            self.name = name
            self.owner = owner
            self.expiresAt = expiresAt
            self.token = token
        }
    }
}
