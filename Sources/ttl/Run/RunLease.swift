import TTLStore

/// The right to run a command and to store what it did, which one process has at a time.
///
/// It is short, and renewed while the command runs. Where its holder has died on this host, it is taken from it at
/// once, and else when it has run out.
struct RunLease {
    private let store: TTLStore
    private var lease: TTLStore.Lease
    private var nextRenewal: ContinuousClock.Instant

    private static let duration = Duration.seconds(10)
    private static let renewalPause = Duration.seconds(3)
    /// How soon a renewal that has failed is tried again.
    private static let retryPause = Duration.seconds(1)

    /// What the process that has it holds; nil if none has it that runs.
    static func holder(_ name: String, in store: TTLStore) throws -> TTLStore.Lease? {
        try store.lease(named: name).flatMap { hasEnded($0) ? nil : $0 }
    }

    private static func hasEnded(_ holder: TTLStore.Lease) -> Bool { LockOwner(holder.owner).hasEnded }

    /// - Returns: nil if another process has it.
    init?(_ name: String, in store: TTLStore) throws {
        if let holder = try store.lease(named: name) {
            guard RunLease.hasEnded(holder) else { return nil }
            // By its token: not a lease that somebody has acquired since.
            try store.release(holder)
        }
        let owner = ProcessIdentity.current.text
        guard let lease = try store.acquireLease(name, for: RunLease.duration, owner: owner) else { return nil }
        (self.store, self.lease) = (store, lease)
        nextRenewal = .now + RunLease.renewalPause
    }

    var token: Int64 { lease.token }

    /// Renews the lease, if it is time. An error of the store may pass before the lease has run out.
    mutating func renewIfDue() {
        guard ContinuousClock.now >= nextRenewal else { return }
        let isDone = (try? store.renew(lease, for: RunLease.duration)) != nil
        nextRenewal = .now + (isDone ? RunLease.renewalPause : RunLease.retryPause)
    }

    func release() { _ = try? store.release(lease) }

    /// Writes something and releases the lease, in one commit: who finds the lease free finds what was written.
    ///
    /// Nothing is written where the lease is lost, as by a process that was stopped for long.
    func release(writing body: (TTLStore.Transaction) throws -> Void) throws {
        try store.transaction { transaction in
            if try transaction.release(lease) { try body(transaction) }
        }
    }
}
