import TTLTestSupport
import Testing

@testable import TTLStore

/// Every operation of a store, for properties that must hold for all of them.
enum Operation: String, CaseIterable, Sendable {
    case set, setText, setEncodable, setIfAbsent, setIfPresent, setIfUnchanged, setKeeping
    case get, getDecoded, getValue, entry, contains, getOrCompute, refresh
    case acquireLease, renewLease, releaseLease, leaseNamed, leases, leasesOfPrefix
    case remove, removeAll, removeIfUnchanged, touch, touchIfRemainingLess, touchKeeping, touchIfExpiring, persist
    case rename, renameIfAbsent, touchAll
    case exchange, take, takeDecoded, takeValue
    case getTouching, getDecodedTouching, getValueTouching, getTouchingIfRemainingLess
    case increment, decrement
    case setAll, setAllIfAbsent, getAll, getAllDecoded, removeAllKeys, transaction, rolledBack, update
    case keys, entries, count, purgeExpired, statistics
    case keysOfTag, entriesOfTag, countOfTag, removeAllOfTag
    case expiringNext, expiringNextOfPrefix, expiringNextOfTag, tags, salvage

    /// The tag of the one entry for `findsLive`.
    static let tag = "tag"

    /// What `rename` renames a key to.
    static let newName = "new name"

    var takesKey: Bool {
        switch self {
        case .removeAll, .touchAll, .keys, .entries, .count, .purgeExpired, .statistics: false
        case .keysOfTag, .entriesOfTag, .countOfTag, .removeAllOfTag: false
        case .expiringNext, .expiringNextOfPrefix, .expiringNextOfTag, .tags, .salvage: false
        default: !isAboutLease
        }
    }

    var isAboutLease: Bool {
        switch self {
        case .acquireLease, .renewLease, .releaseLease, .leaseNamed, .leases, .leasesOfPrefix: true
        default: false
        }
    }

    var writes: Bool {
        switch self {
        // getOrCompute writes only on a miss.
        case .get, .getDecoded, .getValue, .entry, .contains, .getAll, .getAllDecoded, .getOrCompute: false
        case .keys, .entries, .count, .statistics, .keysOfTag, .entriesOfTag, .countOfTag: false
        case .expiringNext, .expiringNextOfPrefix, .expiringNextOfTag, .tags, .salvage: false
        case .leaseNamed, .leases, .leasesOfPrefix: false
        default: true
        }
    }

    /// Whether it stores a time or deletes expired entries, and so needs a clock that can be right.
    var storesTime: Bool {
        switch self {
        case .remove, .removeAll, .removeIfUnchanged, .removeAllKeys, .removeAllOfTag: false
        case .rename, .renameIfAbsent: false
        case .take, .takeDecoded, .takeValue, .persist, .releaseLease: false
        // A stored value is served, stale or not.
        case .refresh: false
        default: writes
        }
    }

    /// How often the clock is read: the check of a condition is a read of its own, after which the write looks again. A
    /// revision that was not remembered takes a look at all entries, live and expired.
    var clockReadings: Int {
        switch self {
        case .setIfUnchanged, .removeIfUnchanged: 3
        case .touchIfRemainingLess, .touchIfExpiring, .getTouchingIfRemainingLess, .persist: 2
        default: 1
        }
    }

    /// A revision or a lease that the caller has got before, and that the operation compares with the present one.
    struct Remembered: Sendable {
        var revision: TTLStore.Revision
        var lease: TTLStore.Lease
    }

    /// Runs the operation on a key, or on all entries.
    /// - Parameter remembered: nil for the revision that the key has now, and a lease that was lost.
    func run(_ store: StoreUnderTest, _ key: String, _ remembered: Remembered? = nil) async throws {
        do {
            _ = try await answer(store, key, remembered)
        } catch TTLStoreError.Code.wrongKind where self == .increment || self == .decrement {
            // The entry may hold text.
        }
    }

    /// Whether the operation finds a live entry by the key or one of its prefixes. The entry is the only one in the
    /// store, holds text, has `Operation.tag` and expires after less than 99 seconds. Nil for operations that return
    /// nothing about one entry.
    func findsLive(_ store: StoreUnderTest, _ key: String) async throws -> Bool? {
        do {
            let answer = try await answer(store, key, nil)
            // Only a live entry has an expiry to keep: the stores of these tests have no default time to live.
            return self == .setKeeping ? try store.contents().live.first?.expiresAt != nil : answer
        } catch TTLStoreError.Code.wrongKind where self == .increment || self == .decrement {
            return true
        }
    }

    private func answer(
        _ store: StoreUnderTest, _ key: String, _ remembered: Remembered?
    ) async throws -> Bool? {
        switch self {
        case .set, .setText, .setEncodable, .setIfAbsent, .setIfPresent, .setKeeping, .exchange:
            try await answerOfSet(store, key)
        case .setIfUnchanged, .removeIfUnchanged, .renewLease, .releaseLease:
            try await answerOfComparison(store, key, remembered)
        case .get: try await store.get(key) != nil
        case .getDecoded: try await store.get(key, as: String.self) != nil
        case .getValue: try await store.get(key, as: TTLStore.Value.self) != nil
        case .entry: try await store.entry(key) != nil
        case .contains: try await store.contains(key)
        case .getOrCompute: try await store.getOrCompute(key) { "computed" } != "computed"
        case .refresh:
            // Computes the value unless it was written within the same millisecond.
            try await Operation.nothing {
                _ = try await store.getOrCompute(key, staleAfter: .milliseconds(1)) { "computed" }
            }
        case .acquireLease: try await Operation.nothing { try await store.acquireLease("job", for: .seconds(5)) }
        case .leaseNamed: try await Operation.nothing { try await store.lease(named: "job") }
        case .leases: try await Operation.nothing { try await store.leases() }
        case .leasesOfPrefix: try await Operation.nothing { try await store.leases(prefix: "j") }
        case .remove: try await store.remove(key)
        case .rename: try await store.rename(key, to: Operation.newName) == .renamed
        case .renameIfAbsent: try await store.rename(key, to: Operation.newName, when: .ifAbsent) != .absent
        case .take: try await store.take(key) != nil
        case .takeDecoded: try await store.take(key, as: String.self) != nil
        case .takeValue: try await store.take(key, as: TTLStore.Value.self) != nil
        case .increment: try await store.increment(key) != 1
        case .decrement: try await store.decrement(key) != -1
        case .setAll, .setAllIfAbsent, .getAll, .getAllDecoded, .removeAllKeys, .transaction, .rolledBack, .update:
            try await answerOfMany(store, key)
        case .purgeExpired: try await Operation.nothing { try await store.purgeExpired() }
        case .statistics: try await Operation.nothing { _ = try await store.statistics() }
        case .removeAll, .touchAll, .keys, .entries, .count, .keysOfTag, .entriesOfTag, .countOfTag, .removeAllOfTag:
            try await answerOfScope(store, key)
        case .expiringNext, .expiringNextOfPrefix, .expiringNextOfTag, .tags, .salvage:
            try await answerOfIndex(store, key)
        default: try await answerOfTouch(store, key)
        }
    }

    private func answerOfSet(_ store: StoreUnderTest, _ key: String) async throws -> Bool? {
        switch self {
        case .set: try await Operation.nothing { try await store.set(key, TTLStore.Value.bytes([1])) }
        case .setText: try await Operation.nothing { try await store.set(key, "new") }
        case .setEncodable: try await Operation.nothing { try await store.set(key, ["new": 1]) }
        case .setIfAbsent: try await store.set(key, "new", when: .ifAbsent) == .conditionNotMet
        case .setIfPresent: try await store.set(key, "new", when: .ifPresent) == .stored
        case .exchange: try await store.exchange(key, TTLStore.Value.text("new")).previous != nil
        default: try await Operation.nothing { try await store.set(key, "new", expiring: .keep) }
        }
    }

    private func answerOfComparison(
        _ store: StoreUnderTest, _ key: String, _ remembered: Remembered?
    ) async throws -> Bool? {
        let lease = remembered?.lease ?? .lost
        switch self {
        case .renewLease: return try await Operation.nothing { try await store.renew(lease, for: .seconds(7)) }
        case .releaseLease: return try await Operation.nothing { try await store.release(lease) }
        default: break
        }
        let revision = remembered?.revision ?? store.revision(of: key)
        return self == .setIfUnchanged
            ? try await store.set(key, "new", when: .ifUnchanged(since: revision)) == .stored
            : try await store.remove(key, when: .ifUnchanged(since: revision))
    }

    private func answerOfTouch(_ store: StoreUnderTest, _ key: String) async throws -> Bool? {
        let soon = TouchCondition.ifRemainingLess(than: .seconds(99))
        return switch self {
        case .touch: try await store.touch(key, expiring: .never) == .touched
        case .touchIfRemainingLess: try await store.touch(key, expiring: .never, when: soon) == .touched
        case .touchIfExpiring: try await store.touch(key, expiring: .never, when: .ifExpiring) == .touched
        case .touchKeeping: try await store.touch(key, expiring: .keep) == .touched
        case .getTouching: try await store.get(key, touching: .never) != nil
        case .getDecodedTouching: try await store.get(key, as: String.self, touching: .never) != nil
        case .getValueTouching: try await store.get(key, as: TTLStore.Value.self, touching: .never) != nil
        case .getTouchingIfRemainingLess: try await store.get(key, touching: .never, when: soon) != nil
        default: try await store.persist(key) == .madePermanent
        }
    }

    private func answerOfMany(_ store: StoreUnderTest, _ key: String) async throws -> Bool? {
        switch self {
        case .setAll: try await Operation.nothing { try await store.setAll([.init(key, .text("new"))]) }
        case .setAllIfAbsent: try await !store.setAll([.init(key, .text("new"))], when: .ifAllAbsent)
        case .getAll: try await store.getAll([key], as: TTLStore.Value.self)[0] != nil
        case .getAllDecoded: try await store.getAll([key], as: String.self)[0] != nil
        case .removeAllKeys: try await store.removeAll([key]) == 1
        case .update:
            try await store.update(key, as: String.self) { text in
                defer { text = "new" }
                return text != nil
            }
        case .rolledBack: try await Operation.nothing { try await Operation.giveUp(store, key) }
        default:
            try await store.transaction { transaction in
                let isLive = try transaction.contains(key)
                try transaction.set(key, "new")
                return isLive
            }
        }
    }

    private func answerOfScope(_ store: StoreUnderTest, _ key: String) async throws -> Bool? {
        let (prefix, tag) = (String(key.prefix(1)), Operation.tag)
        return switch self {
        case .removeAll: try await store.removeAll(.prefix(prefix)) == 1
        case .touchAll: try await store.touchAll(.prefix(prefix), expiring: .after(.seconds(98))) == 1
        case .keys: try await store.keys(.prefix(prefix)).elements == [key]
        case .entries: try await store.entries(.prefix(prefix)).elements.map(\.key) == [key]
        case .count: try await store.count(.prefix(prefix)) == 1
        case .keysOfTag: try await store.keys(.tag(tag)).elements == [key]
        case .entriesOfTag: try await store.entries(.tag(tag)).elements.map(\.key) == [key]
        case .countOfTag: try await store.count(.tag(tag)) == 1
        default: try await store.removeAll(.tag(tag)) == 1
        }
    }

    private func answerOfIndex(_ store: StoreUnderTest, _ key: String) async throws -> Bool? {
        switch self {
        case .tags: try await store.tags() == [Operation.tag]
        case .salvage: try await store.salvage().entries.map(\.key) == [key]
        case .expiringNext: try await store.expiringNext().map(\.key) == [key]
        case .expiringNextOfPrefix: try await store.expiringNext(.prefix(String(key.prefix(1)))).map(\.key) == [key]
        default: try await store.expiringNext(.tag(Operation.tag)).map(\.key) == [key]
        }
    }

    private static func nothing(_ body: () async throws -> some Any) async throws -> Bool? {
        _ = try await body()
        return nil
    }

    /// A transaction that rolls back.
    private static func giveUp(_ store: StoreUnderTest, _ key: String) async throws {
        struct ChangeOfMind: Error {}
        do {
            try await store.transaction { transaction in
                try transaction.set(key, "new")
                try transaction.remove("other")
                throw ChangeOfMind()
            }
        } catch is ChangeOfMind {}
    }
}

extension StoreUnderTest {
    /// The revision of the key's row, live or expired; a revision of no row if there is none, or the store is closed.
    fileprivate func revision(of key: String) -> TTLStore.Revision {
        let contents = try? contents()
        // Equality of strings would not tell composed characters from decomposed ones.
        let row = ((contents?.live ?? []) + (contents?.expired ?? [])).first { $0.key.utf8.elementsEqual(key.utf8) }
        return row?.revision ?? .none
    }
}

extension TTLStore.Revision {
    fileprivate static let none = TTLStore.Revision(number: -1)
}

extension TTLStore.Lease {
    fileprivate static let lost = TTLStore.Lease("lost", .init(token: 0, owner: "owner", expiresAt: 1_800_000_000_000))
}

/// The state of a key before an operation.
enum Before: String, CaseIterable, Sendable {
    case absent, expired, expiring, permanent

    /// For the entry that expires: how much time it has left.
    static let remaining = Duration.seconds(60)

    var isLive: Bool { self == .expiring || self == .permanent }

    func make(_ store: StoreUnderTest, _ key: String) async throws {
        switch self {
        case .absent: break
        case .expired:
            try await store.set(key, "old", expiring: .after(.milliseconds(1)))
            store.clock.advance(by: .milliseconds(1))
        case .expiring: try await store.set(key, "old", expiring: .after(Before.remaining))
        case .permanent: try await store.set(key, "old", expiring: .never)
        }
    }
}
