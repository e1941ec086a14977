@testable import TTLStore

extension StoreModel {
    /// A lease that is or was held.
    struct Holding: Equatable {
        var owner: String
        var expiresAt: Int64
        /// Counts all leases: one with a higher number has a higher token.
        var number: Int
    }

    func held(_ name: String) -> Holding? { leases[name].flatMap { now < $0.expiresAt ? $0 : nil } }

    mutating func acquireLease(_ name: String, for duration: Int64, owner: String?) throws -> ShownLease? {
        let expiresAt = try end(duration)
        guard held(name) == nil else { return nil }
        deleteLeasesThatRanOut()
        leasesAcquired += 1
        leases[name] = Holding(
            owner: owner ?? LeaseTable.ownProcess, expiresAt: expiresAt, number: leasesAcquired)
        return shownLease(name)
    }

    mutating func renew(_ name: String, _ lease: EarlierLease, for duration: Int64) throws -> ShownLease? {
        if case .now = lease, held(name) == nil { return nil }
        let expiresAt = try end(duration)
        guard isHeld(name, lease) else { return nil }
        leases[name]?.expiresAt = expiresAt
        return shownLease(name)
    }

    mutating func release(_ name: String, _ lease: EarlierLease) -> Bool {
        guard isHeld(name, lease) else { return false }
        leases[name] = nil
        return true
    }

    private func isHeld(_ name: String, _ lease: EarlierLease) -> Bool {
        guard let holding = held(name) else { return false }
        switch lease {
        case .now: return true
        case .remembered(_, let number): return number == holding.number
        }
    }

    func shownLease(_ name: String) -> ShownLease? {
        held(name).map { ShownLease(owner: $0.owner, expiresAt: $0.expiresAt) }
    }

    /// Acquiring any lease does so; there are never more than it deletes.
    private mutating func deleteLeasesThatRanOut() { leases = leases.filter { now < $0.value.expiresAt } }

    /// - Parameter computed: what the closure returns; nil if it throws.
    /// - Returns: nil if the closure throws.
    mutating func getOrCompute(
        _ key: String, _ expiry: Term, staleAfter: Int64?, tag: String?, computed: Int64?
    ) throws -> Int64? {
        if let staleAfter, staleAfter <= 0 { throw refusal(.invalidArgument) }
        let old = live(key)
        _ = try resolve(expiry, keeping: old)
        let number = old.flatMap { try? self.number($0.value) }
        if let old, let number, staleAfter.map({ now - $0 < old.updatedAt }) ?? true { return number }
        deleteLeasesThatRanOut()
        guard let computed else { return nil }
        // A value that is no number is computed anew, and has no expiry to keep.
        let term = old != nil && number == nil && expiry == .keep ? .byDefault : expiry
        _ = try set(key, TTLStore.Value.integer(computed), term, tag: tag)
        return computed
    }
}
