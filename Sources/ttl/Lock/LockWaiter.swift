import TTLStore

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// Gets a lock, or waits for it: first come, first served.
///
/// A waiter looks again and again at the one before it, which takes no lock, and the first of them at the holders. It
/// writes only when it can have the lock, when a process has died, and to keep its ticket; and then tries shortly, as
/// with `BusyRetry`, and looks for signals before it tries again.
struct LockWaiter {
    typealias Instant = ContinuousClock.Instant

    enum Patience {
        case none
        case forever
        case until(Instant)

        /// Until when to try to open a file that is locked; nil for ever. Stores that open or close it lock it for a
        /// moment.
        var endOfOpening: Instant? {
            switch self {
            case .none: .now + .milliseconds(500)
            case .forever: nil
            case .until(let deadline): deadline
            }
        }
    }

    private let store: TTLStore
    private let name: String
    private let sharing: LockSharing
    private let owner: String
    private let signals: SignalPipe
    private let mayWait: Bool
    private let deadline: Instant?
    /// Until when a locked file is no failure, for one that does not wait for the lock.
    private let patience = Instant.now + BusyRetry.patience
    /// Whether the latest look could not be followed by a write.
    private var isFileLocked = false
    private var ticket: TTLStore.Lease?
    private var ticketRenewal = Instant.now
    /// Who waits right before this one: as long as it does, this one has nothing else to look at.
    private var predecessor: (lease: TTLStore.Lease, owner: LockOwner)?
    /// What the last look has shown, and since when.
    private var seen: (tokens: [Int64], since: Instant) = ([], .now)
    /// When to ask the system next whether a process has ended, which costs more than a look at the file.
    private var census = Instant.now

    init(
        _ store: TTLStore, _ name: String, _ sharing: LockSharing, owner: String, signals: SignalPipe,
        _ patience: Patience
    ) {
        (self.store, self.name, self.sharing) = (store, name, sharing)
        (self.owner, self.signals) = (owner, signals)
        (mayWait, deadline) =
            switch patience {
            case .none: (false, nil)
            case .forever: (true, nil)
            case .until(let deadline): (true, deadline)
            }
    }

    /// A lock that was got, and a moment before that.
    struct Held {
        let lease: TTLStore.Lease
        let start: ContinuousClock.Instant
    }

    /// - Returns: nil if the lock is not to be had in time.
    /// - Throws: `Interrupted`, and the errors of the store.
    mutating func acquire() throws -> Held? {
        defer { if let ticket { _ = try? store.release(ticket) } }
        while true {
            let start = Instant.now
            var isBlockedByEnded = false
            isFileLocked = false
            let asks = census <= start
            if asks { census = start + LockTimes.census }
            if try !isBehindPredecessor(asks) {
                let state = try LockState(name, in: store)
                let obstacles = asks ? state.obstacles(for: ticket, sharing) : []
                let ended = obstacles.filter { LockOwner($0.owner).hasEnded }
                let isFree = state.isFirst(ticket) && state.admits(sharing)
                if isFree || !ended.isEmpty || (ticket == nil && mayWait) {
                    if let lease = try claim(without: ended) { return Held(lease: lease, start: start) }
                }
                note(state, start)
                // Behind one that has ended there may be another one.
                isBlockedByEnded = !ended.isEmpty
                if isBlockedByEnded { census = start }
            }
            guard mayWait || isBlockedByEnded || isFileLocked, deadline.map({ start < $0 }) ?? true else { return nil }
            try keepTicket(start)
            try pause(LockTimes.pause(isFirst: predecessor == nil, quiet: start - seen.since))
        }
    }

    private func isBehindPredecessor(_ asks: Bool) throws -> Bool {
        guard let predecessor, ticket != nil else { return false }
        return try store.lease(named: predecessor.lease.name)?.token == predecessor.lease.token
            && !(asks && predecessor.owner.hasEnded)
    }

    private mutating func note(_ state: LockState, _ now: Instant) {
        predecessor = ticket.flatMap(state.predecessor).map { ($0, LockOwner($0.owner)) }
        let tokens = predecessor.map { [$0.lease.token] } ?? state.holders.map(\.lease.token)
        if tokens != seen.tokens { seen = (tokens, now) }
    }

    /// Takes the lock if it is free, else a ticket if there is none yet, in one transaction.
    private mutating func claim(without ended: [TTLStore.Lease]) throws -> TTLStore.Lease? {
        do {
            let ticket = self.ticket
            let (lease, kept) = try store.transaction { transaction in
                for lease in ended { try transaction.release(lease) }
                let state = try LockState(name, in: transaction)
                if state.isFirst(ticket), state.admits(sharing) {
                    if let ticket { try transaction.release(ticket) }
                    let place = state.freePlace(sharing)
                    return (try transaction.acquireLease(place.leaseName, for: LockTimes.lease, owner: owner), ticket)
                }
                guard mayWait, ticket == nil else { return (nil, ticket) }
                let next = state.nextTicket.leaseName
                return (nil, try transaction.acquireLease(next, for: LockTimes.ticket, owner: owner))
            }
            if self.ticket != kept { ticketRenewal = .now + LockTimes.ticketRenewal }
            self.ticket = lease == nil ? kept : nil
            return lease
        } catch let error as TTLStoreError {
            // Another process keeps the file locked, as for a vacuum: one more reason to wait.
            isFileLocked = error.code == .busy && (mayWait || .now < patience)
            if isFileLocked { return nil }
            throw error
        }
    }

    /// A ticket that has run out, since this process was stopped, is replaced by a new one.
    private mutating func keepTicket(_ now: Instant) throws {
        guard let ticket, ticketRenewal <= now else { return }
        do throws(TTLStoreError) {
            self.ticket = try store.renew(ticket, for: LockTimes.ticket)
        } catch  where error.code == .busy {
            return
        }
        ticketRenewal = now + LockTimes.ticketRenewal
    }

    /// - Throws: `Interrupted`.
    private func pause(_ duration: Duration) throws {
        let end = Instant.now + duration
        signals.wait(until: deadline.map { min($0, end) } ?? end)
        let ending = signals.read().first { SignalPipe.endings.contains($0) || LockedCommand.passedOn.contains($0) }
        if let ending { throw Interrupted(signal: ending) }
    }
}
