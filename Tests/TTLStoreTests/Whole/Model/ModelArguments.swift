import Foundation

@testable import TTLStore

extension StoreModel {
    /// An expiry in milliseconds: for `after` from now, for `at` since 1970.
    enum Term: Equatable {
        case byDefault, never, keep
        case after(Int64)
        case at(Int64)

        func hasPassed(_ now: Int64) -> Bool {
            if case .at(let time) = self { time <= now } else { false }
        }

        var inStore: Expiry {
            switch self {
            case .byDefault: .default
            case .never: .never
            case .keep: .keep
            case .after(let duration): .after(.milliseconds(duration))
            case .at(let time): .at(Date(timeIntervalSince1970: Double(time) / 1000))
            }
        }
    }

    /// A `SetCondition` whose revision the model knows as a state.
    enum Condition {
        case always, ifAbsent, ifPresent
        case ifUnchanged(EarlierState)

        func inStore(_ key: String, _ store: StoreUnderTest) async throws -> SetCondition {
            guard case .ifUnchanged(let state) = self else { return unconditional }
            return .ifUnchanged(since: try await state.revision(key, store))
        }

        func inStore(_ key: String, _ transaction: TTLStore.Transaction) throws -> SetCondition {
            guard case .ifUnchanged(let state) = self else { return unconditional }
            return .ifUnchanged(since: try state.revision(key, transaction))
        }

        private var unconditional: SetCondition {
            switch self {
            case .ifAbsent: .ifAbsent
            case .ifPresent: .ifPresent
            case .always, .ifUnchanged: .always
            }
        }
    }

    /// The state since which an entry has to be unchanged.
    enum EarlierState {
        /// Since it was read just before.
        case now
        case remembered(State, TTLStore.Revision)

        func revision(_ key: String, _ store: StoreUnderTest) async throws -> TTLStore.Revision {
            switch self {
            case .now: try await store.entry(key)?.revision ?? EarlierState.none
            case .remembered(_, let revision): revision
            }
        }

        func revision(_ key: String, _ transaction: TTLStore.Transaction) throws -> TTLStore.Revision {
            switch self {
            case .now: try transaction.entry(key)?.revision ?? EarlierState.none
            case .remembered(_, let revision): revision
            }
        }

        private static let none = TTLStore.Revision(number: -1)
    }

    /// Which lease is renewed or released.
    enum EarlierLease {
        /// The lease that is held now.
        case now
        case remembered(TTLStore.Lease, number: Int)

        func lease(_ name: String, _ store: StoreUnderTest) async throws -> TTLStore.Lease? {
            switch self {
            case .now: try await store.lease(named: name)
            case .remembered(let lease, _): lease
            }
        }

        func lease(_ name: String, _ transaction: TTLStore.Transaction) throws -> TTLStore.Lease? {
            switch self {
            case .now: try transaction.lease(named: name)
            case .remembered(let lease, _): lease
            }
        }
    }
}

/// Which entries a listing, a count or a removal is about.
typealias ModelScope = TTLStore.Selection

extension ModelScope {
    func contains(_ key: String, tag: String?) -> Bool {
        switch self {
        case .all: true
        case .prefix(let prefix): key.utf8.starts(with: prefix.utf8)
        case .tag(let wanted): tag == wanted
        }
    }

    var tag: String? {
        if case .tag(let tag) = self { tag } else { nil }
    }
}

/// An entry as a caller sees it, but for its revision.
struct ShownEntry: Equatable {
    var key: String
    var value: Value
    var tag: String?
    var expiresAt: Int64?
    var remaining: Duration?
    var createdAt: Int64?
    var updatedAt: Int64?
}

extension ShownEntry {
    init(_ entry: TTLStore.Entry) {
        self.init(
            key: entry.key, value: entry.value, tag: entry.tag,
            expiresAt: entry.expiresAt.flatMap { TimeConversion.timestamp($0) }, remaining: entry.remaining,
            createdAt: TimeConversion.timestamp(entry.createdAt), updatedAt: TimeConversion.timestamp(entry.updatedAt))
    }
}

extension StoreModel {
    func shown(_ key: String) -> ShownEntry? {
        live(key).map { row in
            ShownEntry(
                key: key, value: row.value, tag: row.tag, expiresAt: row.expiresAt,
                remaining: row.expiresAt.map { .milliseconds($0 - now) }, createdAt: row.createdAt,
                updatedAt: row.updatedAt)
        }
    }
}

/// A lease as a caller sees it, but for its name and its token.
struct ShownLease: Equatable {
    var owner: String
    var expiresAt: Int64?
}

extension ShownLease {
    init(_ lease: TTLStore.Lease) {
        self.init(owner: lease.owner, expiresAt: TimeConversion.timestamp(lease.expiresAt))
    }
}
