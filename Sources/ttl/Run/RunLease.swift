import TTLStore

/// The right to run a command, which one process has at a time.
///
/// It is short, and renewed while the command runs. Where its holder has died on this host, it is taken from it at
/// once, and else when it has run out.
struct RunLease {
    private let store: TTLStore
    private var lease: TTLStore.Lease
    private var nextRenewal: ContinuousClock.Instant

    private static let duration = Duration.seconds(10)
    private static let renewalPause = Duration.seconds(3)

    /// - Returns: nil if another process has it.
    init?(_ name: String, in store: TTLStore) throws {
        if let holder = try store.lease(named: name) {
            guard ProcessIdentity(holder.owner)?.hasEnded == true else { return nil }
            // By its token: not a lease that somebody has acquired since.
            try store.release(holder)
        }
        let owner = ProcessIdentity.current.text
        guard let lease = try store.acquireLease(name, for: RunLease.duration, owner: owner) else { return nil }
        (self.store, self.lease) = (store, lease)
        nextRenewal = .now + RunLease.renewalPause
    }

    /// Renews the lease, if it is time. An error of the store may pass before the lease has run out.
    mutating func renewIfDue() {
        guard ContinuousClock.now >= nextRenewal else { return }
        nextRenewal = .now + RunLease.renewalPause
        _ = try? store.renew(lease, for: RunLease.duration)
    }

    /// Whether it is held still. A process that was stopped for long has lost it.
    var isHeld: Bool {
        get throws { try store.renew(lease, for: RunLease.duration) != nil }
    }

    func release() { _ = try? store.release(lease) }
}
