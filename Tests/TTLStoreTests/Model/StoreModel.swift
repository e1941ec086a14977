import Foundation

@testable import TTLStore

/// What a store is to do, as a dictionary: the entries of the file, expired ones included, and one rule.
struct StoreModel {
    struct Row: Equatable {
        var value: Value
        var tag: String?
        var expiresAt: Int64?
        var createdAt: Int64
        var updatedAt: Int64
    }

    var now: Int64
    let defaultTimeToLive: Int64?
    private(set) var rows: [String: Row] = [:]

    init(now: Int64, defaultTimeToLive: Int64?) {
        self.now = now
        self.defaultTimeToLive = defaultTimeToLive
    }

    /// An expiry in milliseconds: for `after` from now, for `at` since 1970.
    enum Term: Equatable {
        case byDefault, never, keep
        case after(Int64)
        case at(Int64)
    }

    func isLive(_ row: Row) -> Bool {
        guard let expiresAt = row.expiresAt else { return true }
        return now < expiresAt
    }

    func live(_ key: String) -> Row? { rows[key].flatMap { isLive($0) ? $0 : nil } }

    func liveKeys(prefix: String) -> [String] {
        rows.filter { $0.key.utf8.starts(with: prefix.utf8) && isLive($0.value) }.keys
            .sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    func liveKeys(tag: String) -> [String] { liveKeys(prefix: "").filter { rows[$0]?.tag == tag } }

    var expired: [Row] { rows.values.filter { !isLive($0) } }

    /// - Parameter isUnchanged: whether the revision of `.ifUnchanged(since:)` is that of the live row.
    mutating func set(
        _ key: String, _ value: Value, _ expiry: Term, tag: String? = nil, _ condition: SetCondition,
        isUnchanged: Bool = false
    ) -> SetOutcome {
        let old = live(key)
        switch condition {
        case .always: break
        case .ifAbsent: if old != nil { return .conditionNotMet }
        case .ifPresent: if old == nil { return .conditionNotMet }
        case .ifUnchanged: if !isUnchanged { return .conditionNotMet }
        }
        if case .at(let time) = expiry, time <= now {
            if old != nil { rows[key] = nil }
            return .alreadyExpired
        }
        rows[key] = Row(
            value: value, tag: tag, expiresAt: resolve(expiry, keeping: old), createdAt: old?.createdAt ?? now,
            updatedAt: now)
        return .stored
    }

    mutating func touch(_ key: String, _ expiry: Term, _ condition: TouchCondition) -> TouchOutcome {
        guard let old = live(key) else { return .absent }
        guard holds(condition, from: old, to: expiry) else { return .conditionNotMet }
        if case .at(let time) = expiry, time <= now {
            rows[key] = nil
            return .alreadyExpired
        }
        let expiresAt = resolve(expiry, keeping: old)
        rows[key]?.expiresAt = expiresAt
        return .touched
    }

    private func holds(_ condition: TouchCondition, from old: Row, to expiry: Term) -> Bool {
        // Never is infinitely late.
        let (current, new) = (old.expiresAt ?? .max, resolve(expiry, keeping: old) ?? .max)
        return switch condition {
        case .always: true
        case .ifPermanent: old.expiresAt == nil
        case .ifExpiring: old.expiresAt != nil
        case .ifLater: new > current
        case .ifEarlier: new < current
        case .ifRemainingLess(let limit): old.expiresAt.map { .milliseconds($0 - now) < limit } ?? false
        }
    }

    mutating func persist(_ key: String) -> PersistOutcome {
        guard let old = live(key) else { return .absent }
        guard old.expiresAt != nil else { return .wasPermanent }
        rows[key]?.expiresAt = nil
        return .madePermanent
    }

    mutating func remove(_ key: String) -> Bool {
        guard live(key) != nil else { return false }
        rows[key] = nil
        return true
    }

    mutating func removeAll(_ keys: [String]) -> Int { keys.count { remove($0) } }

    mutating func take(_ key: String) -> Value? {
        defer { _ = remove(key) }
        return live(key)?.value
    }

    /// Nil for what is no number, or overflows.
    mutating func increment(_ key: String, by amount: Int64, _ expiry: Term, tag: String?) -> Int64? {
        guard let old = live(key) else {
            _ = set(key, .integer(amount), expiry, tag: tag, .always)
            return amount
        }
        guard case .integer(let number) = old.value else { return nil }
        let (sum, overflow) = number.addingReportingOverflow(amount)
        if overflow { return nil }
        replace(key, .integer(sum))
        return sum
    }

    /// The value alone; expiry and tag stay.
    mutating func replace(_ key: String, _ value: Value) {
        rows[key]?.value = value
        rows[key]?.updatedAt = now
    }

    mutating func purgeExpired() -> Int {
        let count = expired.count
        rows = rows.filter { isLive($0.value) }
        return count
    }

    private func resolve(_ expiry: Term, keeping old: Row?) -> Int64? {
        switch expiry {
        case .never: nil
        case .byDefault: defaultTimeToLive.map { now + $0 }
        case .after(let duration): now + duration
        case .at(let time): time
        case .keep: if let old { old.expiresAt } else { defaultTimeToLive.map { now + $0 } }
        }
    }
}
