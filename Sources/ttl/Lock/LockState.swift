import TTLStore

/// Who holds a lock, and who waits for it, at one moment. The one home of the rule who gets it:
///
/// There are never more holders than each of them allows: an exclusive one allows itself, one of N slots N, a shared
/// one any number. Who waits holds a ticket, a lease as well, and comes before all that have a later one.
struct LockState {
    struct Holder {
        let lease: TTLStore.Lease
        let role: LockPlace.Role
    }

    let name: String
    private(set) var holders: [Holder] = []
    /// The tickets; the one that waits longest comes first.
    private(set) var waiting: [TTLStore.Lease] = []
    /// The highest number of a ticket.
    private var lastNumber = 0

    /// - Parameter leases: of that lock; others are passed over.
    init(_ name: String, _ leases: [TTLStore.Lease]) {
        self.name = name
        for lease in leases.sorted(by: { $0.token < $1.token }) {
            let place = LockPlace(leaseName: lease.name)
            guard place.lock.utf8.elementsEqual(name.utf8) else { continue }
            if case .waiting(let number) = place.role {
                waiting.append(lease)
                lastNumber = max(lastNumber, number)
            } else {
                holders.append(Holder(lease: lease, role: place.role))
            }
        }
    }

    init(_ name: String, in store: TTLStore) throws {
        let whole = try store.lease(named: name)
        self.init(name, try store.leases(prefix: LockPlace.prefix(of: name)) + (whole.map { [$0] } ?? []))
    }

    init(_ name: String, in transaction: TTLStore.Transaction) throws {
        let whole = try transaction.lease(named: name)
        self.init(name, try transaction.leases(prefix: LockPlace.prefix(of: name)) + (whole.map { [$0] } ?? []))
    }

    /// Whether one more may hold it.
    func admits(_ sharing: LockSharing) -> Bool {
        let limit = holders.compactMap(\.role.limit).reduce(sharing.limit, min)
        return holders.count < limit
    }

    /// Whether nobody comes before the holder of the ticket, or before a newcomer.
    func isFirst(_ ticket: TTLStore.Lease?) -> Bool { predecessor(of: ticket) == nil }

    /// Who waits right before the holder of the ticket, or before a newcomer.
    func predecessor(of ticket: TTLStore.Lease?) -> TTLStore.Lease? {
        waiting.last { other in ticket.map { other.token < $0.token } ?? true }
    }

    /// Who is the reason that it is not to be had: the one that waits right before, or if there is none, the holders.
    func obstacles(for ticket: TTLStore.Lease?, _ sharing: LockSharing) -> [TTLStore.Lease] {
        if let predecessor = predecessor(of: ticket) { return [predecessor] }
        return admits(sharing) ? [] : holders.map(\.lease)
    }

    /// The place of the next holder.
    func freePlace(_ sharing: LockSharing) -> LockPlace {
        switch sharing {
        case .exclusive: LockPlace(name, .whole)
        case .slots(1): LockPlace(name, .whole)
        case .slots(let count): LockPlace(name, .slot(freeNumber, of: count))
        case .shared: LockPlace(name, .shared(freeNumber))
        }
    }

    var nextTicket: LockPlace { LockPlace(name, .waiting(lastNumber < .max ? lastNumber + 1 : 1)) }

    /// The lowest number that no holder has.
    private var freeNumber: Int {
        let taken = Set(
            holders.map { holder in
                switch holder.role {
                case .slot(let number, _), .shared(let number): number
                case .whole, .waiting: 0
                }
            })
        return (1...(taken.count + 1)).first { !taken.contains($0) } ?? 1
    }
}
