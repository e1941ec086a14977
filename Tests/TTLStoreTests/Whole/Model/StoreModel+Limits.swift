@testable import TTLStore

extension StoreModel {
    /// As a writer of a store without a thread does it.
    mutating func makeRoom(sparing key: String) {
        guard let maximumEntries, rows.count > maximumEntries else { return }
        for victim in evictionOrder(sparing: key).prefix(min(4, rows.count - maximumEntries)) {
            if live(victim) != nil { evictions += 1 }
            leave(victim, .evicted)
            rows[victim] = nil
        }
    }

    /// Expired entries and the soonest expiries, then the entries written longest ago; of equals the row that was made
    /// first.
    private func evictionOrder(sparing key: String) -> [String] {
        let others = rows.filter { $0.key != key }
        let expiring = others.filter { $0.value.expiresAt != nil }.sorted {
            ($0.value.expiresAt ?? 0, $0.value.state.row) < ($1.value.expiresAt ?? 0, $1.value.state.row)
        }
        let permanent = others.filter { $0.value.expiresAt == nil }.sorted {
            ($0.value.updatedAt, $0.value.state.row) < ($1.value.updatedAt, $1.value.state.row)
        }
        return (expiring + permanent).map(\.key)
    }
}
