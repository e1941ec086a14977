import TTLStore
import TTLTestSupport

/// Every operation of a store, for what must hold for all of them.
enum Operation: String, CaseIterable, Sendable {
    case set, setText, setEncodable, setIfAbsent, setIfPresent, setKeeping
    case get, getDecoded, getValue, entry, contains
    case remove, removeAll, touch, touchIfRemainingLess, touchKeeping, persist
    case keys, entries, count, purgeExpired, statistics

    var takesKey: Bool {
        switch self {
        case .removeAll, .keys, .entries, .count, .purgeExpired, .statistics: false
        default: true
        }
    }

    var writes: Bool {
        switch self {
        case .set, .setText, .setEncodable, .setIfAbsent, .setIfPresent, .setKeeping: true
        case .remove, .removeAll, .touch, .touchIfRemainingLess, .touchKeeping, .persist, .purgeExpired: true
        default: false
        }
    }

    /// Runs the operation on a key, or on all entries.
    func run(_ store: StoreUnderTest, _ key: String) async throws {
        switch self {
        case .set: try await store.set(key, .bytes([1]))
        case .setText: try await store.set(key, "new")
        case .setEncodable: try await store.set(key, encoding: ["new": 1])
        case .setIfAbsent: try await store.set(key, "new", when: .ifAbsent)
        case .setIfPresent: try await store.set(key, "new", when: .ifPresent)
        case .setKeeping: try await store.set(key, "new", expiring: .keep)
        case .get: _ = try await store.get(key)
        case .getDecoded: _ = try await store.get(key, as: String.self)
        case .getValue: _ = try await store.getValue(key)
        case .entry: _ = try await store.entry(key)
        case .contains: _ = try await store.contains(key)
        case .remove: try await store.remove(key)
        case .removeAll: try await store.removeAll(prefix: "")
        case .touch: try await store.touch(key, expiring: .after(.seconds(9)))
        case .touchIfRemainingLess:
            try await store.touch(key, expiring: .after(.seconds(9)), when: .remainingLess(than: .seconds(99)))
        case .touchKeeping: try await store.touch(key, expiring: .keep)
        case .persist: try await store.persist(key)
        case .keys: _ = try await store.keys()
        case .entries: _ = try await store.entries()
        case .count: _ = try await store.count()
        case .purgeExpired: try await store.purgeExpired()
        case .statistics: _ = try await store.statistics()
        }
    }

    /// Whether the operation takes the key, or one of its prefixes, for that of a live entry. It is the only one in the
    /// store, holds text and expires after less than 99 seconds. Nil for operations that tell nothing about one entry.
    func findsLive(_ store: StoreUnderTest, _ key: String) async throws -> Bool? {
        switch self {
        case .set, .setText, .setEncodable, .purgeExpired, .statistics: nil
        case .setIfAbsent: try await store.set(key, "new", when: .ifAbsent) == .conditionNotMet
        case .setIfPresent: try await store.set(key, "new", when: .ifPresent) == .stored
        case .setKeeping:
            // Only a live entry has an expiry to keep: the stores of these tests have no default one.
            try await {
                try await store.set(key, "new", expiring: .keep)
                return try await store.entry(key)?.expiresAt != nil
            }()
        case .get: try await store.get(key) != nil
        case .getDecoded: try await store.get(key, as: String.self) != nil
        case .getValue: try await store.getValue(key) != nil
        case .entry: try await store.entry(key) != nil
        case .contains: try await store.contains(key)
        case .remove: try await store.remove(key)
        case .removeAll: try await store.removeAll(prefix: String(key.prefix(1))) == 1
        case .touch: try await store.touch(key, expiring: .never) == .touched
        case .touchIfRemainingLess:
            try await store.touch(key, expiring: .never, when: .remainingLess(than: .seconds(99))) == .touched
        case .touchKeeping: try await store.touch(key, expiring: .keep) == .touched
        case .persist: try await store.persist(key) == .madePermanent
        case .keys: try await store.keys(prefix: String(key.prefix(1))).elements == [key]
        case .entries: try await store.entries(prefix: String(key.prefix(1))).elements.map(\.key) == [key]
        case .count: try await store.count(prefix: String(key.prefix(1))) == 1
        }
    }
}

/// What a key may have been before an operation.
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
