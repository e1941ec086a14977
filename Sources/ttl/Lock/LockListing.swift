import ArgumentParser
import TTLStore

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Who holds the locks, and who waits.
struct LockListing {
    /// Nil for all locks.
    let name: String?
    let isJSON: Bool

    /// - Throws: `Ending.notFound` if nobody holds the named lock.
    func print(_ location: StoreLocation) throws {
        try Output.requireOpen()
        let records = try location.withStore(for: .reading, missing: []) { try self.records(of: $0) }
        var output = Output()
        if isJSON {
            for record in records {
                output.write(try JSONLine.bytes(record))
                try output.flushIfLarge()
            }
        } else {
            let width = records.map(\.shownLock.count).max() ?? 0
            for record in records { try output.writeLine(record.row(nameWidth: width)) }
        }
        try output.flush()
        guard name == nil || records.contains(where: \.isHeld) else { throw Ending.notFound }
    }

    /// A holder that has ended holds nothing any more.
    private func records(of store: TTLStore) throws -> [LockRecord] {
        let states = try name.map { [try LockState($0, in: store)] } ?? LockState.all(try store.leases())
        return states.flatMap { state in
            state.holders.map { LockRecord(state.name, $0.role, $0.lease) }
                + state.waiting.map { LockRecord(state.name, .waiting(0), $0) }
        }.filter { !$0.owner.hasEnded }
    }
}

extension LockState {
    /// The locks that leases are places in, in the order of their names.
    static func all(_ leases: [TTLStore.Lease]) -> [LockState] {
        // Equality of strings would not tell composed characters from decomposed ones.
        let groups = Dictionary(grouping: leases) { Array(LockPlace(leaseName: $0.name).lock.utf8) }
        return groups.sorted { $0.key.lexicographicallyPrecedes($1.key) }
            .map { LockState(String(decoding: $0.key, as: UTF8.self), $0.value) }
    }
}

/// A holder of a lock, or one that waits for it.
private struct LockRecord: Encodable {
    private let lock: String
    private let role: LockPlace.Role
    private let lease: TTLStore.Lease
    let owner: LockOwner

    private enum CodingKeys: String, CodingKey {
        case lock, state, slot, slots, token, ttl, owner, process, host, program
        case expiresAt = "expires_at"
    }

    init(_ lock: String, _ role: LockPlace.Role, _ lease: TTLStore.Lease) {
        (self.lock, self.role, self.lease) = (lock, role, lease)
        owner = LockOwner(lease.owner)
    }

    var isHeld: Bool { role.limit != nil }

    var shownLock: String { Terminal.isOutput ? PrintableText.escaped(lock) : lock }

    func row(nameWidth: Int) -> String {
        let owner = Terminal.isOutput ? PrintableText.escaped(owner.shown) : owner.shown
        return [
            Figures.right(String(lease.token), 8), Figures.right(DurationFormat.text(timeLeft), 6),
            Figures.left(state, 9), Figures.left(shownLock, nameWidth), owner,
        ].joined(separator: " ")
    }

    private var timeLeft: Duration { .seconds(max(0, lease.expiresAt.timeIntervalSinceNow)) }

    private var state: String {
        switch role {
        case .whole: "held"
        case .slot(let number, let count): "\(number) of \(count)"
        case .shared: "shared"
        case .waiting: "waiting"
        }
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(lock, forKey: .lock)
        if case .slot(let number, let count) = role {
            try container.encode("slot", forKey: .state)
            try container.encode(number, forKey: .slot)
            try container.encode(count, forKey: .slots)
        } else {
            try container.encode(state, forKey: .state)
        }
        try container.encode(lease.token, forKey: .token)
        try container.encode(Double(DurationFormat.milliseconds(timeLeft)) / 1000, forKey: .ttl)
        try container.encode(DateFormat.text(lease.expiresAt), forKey: .expiresAt)
        try container.encode(owner.text, forKey: .owner)
        try container.encode(owner.process?.id, forKey: .process)
        try container.encode(owner.process?.host, forKey: .host)
        try container.encode(owner.program, forKey: .program)
    }
}
