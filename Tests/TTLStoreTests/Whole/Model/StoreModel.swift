@testable import TTLStore

/// The model of a store, as a dictionary: the entries of the file, expired ones included, and one rule.
struct StoreModel {
    /// The row of the file, and how often it was written since: both determine the revision. A row that was removed and
    /// made anew is another one.
    struct State: Hashable, Comparable {
        var row: Int
        var writes = 0

        static func < (left: State, right: State) -> Bool { (left.row, left.writes) < (right.row, right.writes) }
    }

    struct Row: Equatable {
        var value: Value
        var tag: String?
        var expiresAt: Int64?
        var createdAt: Int64
        var updatedAt: Int64
        var state: State
    }

    var now: Int64
    let defaultTimeToLive: Int64?
    let maximumEntries: Int?
    var rows: [String: Row] = [:]
    private var rowsMade = 0
    /// Includes leases that have run out until they are deleted.
    var leases: [String: Holding] = [:]
    var leasesAcquired = 0
    /// Since the store was opened.
    var evictions = 0
    private var removals: [TTLStore.Removal] = []

    init(now: Int64, defaultTimeToLive: Int64?, maximumEntries: Int?) {
        self.now = now
        self.defaultTimeToLive = defaultTimeToLive
        self.maximumEntries = maximumEntries
    }

    // MARK: What is there

    func isLive(_ row: Row) -> Bool { row.expiresAt.map { now < $0 } ?? true }

    func live(_ key: String) -> Row? { rows[key].flatMap { isLive($0) ? $0 : nil } }

    func liveKeys(_ scope: ModelScope = .prefix("")) -> [String] {
        rows.filter { isLive($0.value) && scope.contains($0.key, tag: $0.value.tag) }.keys.sortedByBytes()
    }

    var expiredKeys: [String] { rows.filter { !isLive($0.value) }.keys.sortedByBytes() }

    /// The entries that have left since the last call.
    mutating func takeRemovals() -> [TTLStore.Removal] {
        defer { removals = [] }
        return removals
    }

    // MARK: Setting

    mutating func set(
        _ key: String, _ value: Value, _ expiry: Term, tag: String? = nil, _ condition: Condition = .always
    ) throws -> SetOutcome {
        let old = live(key)
        let expiresAt = try resolve(expiry, keeping: old)
        switch condition {
        case .always: break
        case .ifAbsent: if old != nil { return .conditionNotMet }
        case .ifPresent: if old == nil { return .conditionNotMet }
        case .ifUnchanged(let state): if !isUnchanged(key, since: state) { return .conditionNotMet }
        }
        if expiry.hasPassed(now) {
            _ = remove(key)
            return .alreadyExpired
        }
        let state = rows[key].map { State(row: $0.state.row, writes: $0.state.writes + 1) } ?? newRow()
        leave(key, .overwritten)
        rows[key] = Row(
            value: value, tag: tag, expiresAt: expiresAt, createdAt: old?.createdAt ?? now, updatedAt: now,
            state: state)
        makeRoom(sparing: key)
        return .stored
    }

    func isUnchanged(_ key: String, since state: EarlierState) -> Bool {
        guard let row = live(key) else { return false }
        switch state {
        case .now: return true
        case .remembered(let state, _): return state == row.state
        }
    }

    private mutating func newRow() -> State {
        rowsMade += 1
        return State(row: rowsMade)
    }

    mutating func exchange(
        _ key: String, _ value: Value, _ expiry: Term, tag: String?, _ condition: Condition
    ) throws -> ExchangeOutcome {
        let previous = live(key)?.value
        return ExchangeOutcome(outcome: try set(key, value, expiry, tag: tag, condition), previous: previous)
    }

    mutating func setAll(
        _ keys: [String], _ value: Value, _ expiry: Term, tag: String?, _ condition: BatchCondition
    ) throws -> Bool {
        if condition == .ifAllAbsent, !keys.isEmpty {
            _ = try resolve(expiry, keeping: nil)
            if keys.contains(where: { live($0) != nil }) { return false }
        }
        // Of equal keys the last one counts.
        for (index, key) in keys.enumerated() where !keys[(index + 1)...].contains(key) {
            _ = try set(key, value, expiry, tag: tag)
        }
        return true
    }

    mutating func increment(_ key: String, by amount: Int64, _ expiry: Term, tag: String?) throws -> Int64 {
        guard let old = live(key) else {
            _ = try set(key, TTLStore.Value.integer(amount), expiry, tag: tag)
            return amount
        }
        guard case .integer(let number) = old.value else { throw refusal(.wrongKind) }
        let (sum, overflow) = number.addingReportingOverflow(amount)
        if overflow { throw refusal(.numberOverflow) }
        _ = try resolve(expiry, keeping: old)
        replace(key, .integer(sum))
        return sum
    }

    /// To another number; nil removes the entry.
    /// - Returns: the number before.
    mutating func update(_ key: String, to new: Int64?, _ expiry: Term) throws -> Int64? {
        let old = try live(key).map { try number($0.value) }
        guard let new else {
            _ = remove(key)
            return old
        }
        if old == nil {
            _ = try set(key, TTLStore.Value.integer(new), expiry)
        } else if try touch(key, expiry, .always) == .touched {
            replace(key, .integer(new))
        }
        return old
    }

    /// The value alone; expiry and tag stay.
    private mutating func replace(_ key: String, _ value: Value) {
        leave(key, .overwritten)
        rows[key]?.value = value
        rows[key]?.updatedAt = now
        rows[key]?.state.writes += 1
        makeRoom(sparing: key)
    }

    /// The number as which `update` and `getOrCompute` read the value.
    func number(_ value: Value) throws -> Int64 {
        switch value {
        case .integer(let number): return number
        case .bytes: throw refusal(.wrongKind)
        // As JSON, which the texts of the tests are not.
        case .text: throw refusal(.decodingFailed)
        }
    }

    // MARK: Removing

    mutating func remove(_ key: String) -> Bool {
        guard live(key) != nil else { return false }
        leave(key, .removed)
        rows[key] = nil
        return true
    }

    mutating func removeAll(_ keys: [String]) -> Int { keys.count { remove($0) } }

    mutating func rename(_ key: String, to newKey: String, _ condition: RenameCondition) -> RenameOutcome {
        guard var row = live(key) else { return .absent }
        if condition == .ifAbsent, live(newKey) != nil { return .conditionNotMet }
        if key == newKey { return .renamed }
        leave(newKey, .overwritten)
        leave(key, .removed)
        row.state.writes += 1
        rows[key] = nil
        rows[newKey] = row
        return .renamed
    }

    mutating func take(_ key: String) -> Value? {
        defer { _ = remove(key) }
        return live(key)?.value
    }

    mutating func purgeExpired() -> Int {
        let keys = expiredKeys
        for key in keys {
            leave(key, .expired)
            rows[key] = nil
        }
        return keys.count
    }

    mutating func leave(_ key: String, _ cause: TTLStore.Removal.Cause) {
        guard let row = rows[key] else { return }
        removals.append(
            TTLStore.Removal(key: key, tag: row.tag, value: row.value, cause: isLive(row) ? cause : .expired))
    }

    // MARK: Expiry

    mutating func touch(_ key: String, _ expiry: Term, _ condition: TouchCondition) throws -> TouchOutcome {
        if case .ifRemainingLess(let limit) = condition, limit <= .zero { throw refusal(.invalidArgument) }
        let old = live(key)
        let expiresAt = try resolve(expiry, keeping: old)
        guard let old else { return .absent }
        guard holds(condition, from: old, to: expiresAt) else { return .conditionNotMet }
        if expiry.hasPassed(now) {
            _ = remove(key)
            return .alreadyExpired
        }
        rows[key]?.expiresAt = expiresAt
        return .touched
    }

    mutating func touchAll(_ scope: ModelScope, _ expiry: Term) throws -> Int {
        let expiresAt = try resolve(expiry, keeping: nil)
        let keys = liveKeys(scope)
        if expiry.hasPassed(now) { return removeAll(keys) }
        for key in keys where expiry != .keep { rows[key]?.expiresAt = expiresAt }
        return keys.count
    }

    private func holds(_ condition: TouchCondition, from old: Row, to expiresAt: Int64?) -> Bool {
        // Never is infinitely late.
        let (current, new) = (old.expiresAt ?? .max, expiresAt ?? .max)
        return switch condition {
        case .always: true
        case .ifPermanent: old.expiresAt == nil
        case .ifExpiring: old.expiresAt != nil
        case .ifLater: new > current
        case .ifEarlier: new < current
        case .ifRemainingLess(let limit): old.expiresAt.map { .milliseconds($0 - now) < limit } ?? false
        }
    }

    mutating func getTouching(_ key: String, _ expiry: Term, _ condition: TouchCondition) throws -> Value? {
        let value = live(key)?.value
        _ = try touch(key, expiry, condition)
        return value
    }

    mutating func persist(_ key: String) -> PersistOutcome {
        guard let old = live(key) else { return .absent }
        guard old.expiresAt != nil else { return .wasPermanent }
        rows[key]?.expiresAt = nil
        return .madePermanent
    }

    /// - Throws: the errors of a store for an invalid expiry.
    func resolve(_ expiry: Term, keeping old: Row?) throws -> Int64? {
        switch expiry {
        case .never: return nil
        case .byDefault: return defaultTimeToLive.map { now + $0 }
        case .keep: return if let old { old.expiresAt } else { defaultTimeToLive.map { now + $0 } }
        case .after(let duration): return try end(duration)
        case .at(let time):
            guard time <= TimeConversion.latest else { throw refusal(.invalidExpiry) }
            return time
        }
    }

    /// A duration from now.
    func end(_ duration: Int64) throws -> Int64 {
        let (end, overflow) = now.addingReportingOverflow(duration)
        guard duration > 0, !overflow, end <= TimeConversion.latest else { throw refusal(.invalidExpiry) }
        return end
    }
}

/// Only the code counts.
func refusal(_ code: TTLStoreError.Code) -> TTLStoreError { TTLStoreError(code, "as the model says", in: "model") }

extension Collection<String> {
    /// In the order of a listing.
    func sortedByBytes() -> [String] { sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) } }
}
