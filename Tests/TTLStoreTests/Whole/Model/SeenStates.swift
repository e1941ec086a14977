import TTLTestSupport

@testable import TTLStore

/// The revisions and tokens that were seen. The model does not foresee their numbers, but they must fit together.
struct SeenStates {
    /// For each key, all revisions with their states.
    private var revisions: [String: [TTLStore.Revision: StoreModel.State]] = [:]
    /// For each row of the file, the revision with which it began.
    private var firstRevisions: [Int: Int64] = [:]
    private var leases: [(number: Int, lease: TTLStore.Lease)] = []

    /// A revision changes with each write and with nothing else, by one, and none comes back for another row.
    mutating func note(_ revision: TTLStore.Revision, of key: String, _ state: StoreModel.State) throws {
        let first = revision.number - Int64(state.writes)
        if let known = firstRevisions[state.row], known != first {
            throw Divergence(description: "\(key) has revision \(revision), not \(known) + \(state.writes)")
        }
        firstRevisions[state.row] = first
        if let known = revisions[key]?[revision], known != state {
            throw Divergence(description: "the revision \(revision) of \(key) comes back")
        }
        revisions[key, default: [:]][revision] = state
    }

    /// A lease keeps its token, and a later one has a higher token.
    mutating func note(_ lease: TTLStore.Lease, number: Int) throws {
        for other in leases where (other.number < number) != (other.lease.token < lease.token) {
            if other.number == number, other.lease.token == lease.token { continue }
            throw Divergence(description: "the token of lease \(number) is \(lease), after \(other)")
        }
        leases.removeAll { $0.number == number }
        leases.append((number, lease))
    }

    /// The state in which the entry is, or was, or another entry of the same key.
    func state(_ key: String, using generator: inout SeededGenerator) -> StoreModel.EarlierState {
        let past = (revisions[key] ?? [:]).sorted { $0.value < $1.value }
        guard Bool.random(using: &generator), let some = past.randomElement(using: &generator) else { return .now }
        return .remembered(some.value, some.key)
    }

    func lease(_ name: String, using generator: inout SeededGenerator) -> StoreModel.EarlierLease {
        let past = leases.filter { $0.lease.name == name }
        guard Bool.random(using: &generator), let some = past.randomElement(using: &generator) else { return .now }
        return .remembered(some.lease, number: some.number)
    }
}
