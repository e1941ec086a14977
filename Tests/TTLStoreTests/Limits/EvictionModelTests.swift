import TTLTestSupport
import Testing

@testable import TTLStore

/// What is in a file with a limit, by the stated order alone.
private struct LimitedModel {
    struct Row {
        var id: Int
        var expiresAt: Int64?
        var updatedAt: Int64
    }

    let limit: Int
    private(set) var rows: [String: Row] = [:]
    private(set) var evictions = 0

    mutating func set(_ key: String, expiresAt: Int64?, now: Int64) {
        let id = rows[key]?.id ?? (rows.values.map(\.id).max() ?? 0) + 1
        rows[key] = Row(id: id, expiresAt: expiresAt, updatedAt: now)
        let excess = min(4, rows.count - limit)
        guard excess > 0 else { return }
        for victim in order(sparing: key).prefix(excess) {
            if rows[victim]?.expiresAt.map({ $0 <= now }) != true { evictions += 1 }
            rows[victim] = nil
        }
    }

    private func order(sparing key: String) -> [String] {
        let others = rows.filter { $0.key != key }
        let expiring = others.filter { $0.value.expiresAt != nil }
        let permanent = others.filter { $0.value.expiresAt == nil }
        return expiring.sorted { ($0.value.expiresAt ?? 0, $0.value.id) < ($1.value.expiresAt ?? 0, $1.value.id) }
            .map(\.key)
            + permanent.sorted { ($0.value.updatedAt, $0.value.id) < ($1.value.updatedAt, $1.value.id) }
            .map(\.key)
    }

    mutating func remove(_ key: String, now: Int64) {
        if isLive(key, now) { rows[key] = nil }
    }

    mutating func touch(_ key: String, expiresAt: Int64?, now: Int64) {
        if isLive(key, now) { rows[key]?.expiresAt = expiresAt }
    }

    mutating func purge(now: Int64) { rows = rows.filter { $0.value.expiresAt.map { $0 > now } ?? true } }

    private func isLive(_ key: String, _ now: Int64) -> Bool {
        rows[key].map { $0.expiresAt.map { $0 > now } ?? true } ?? false
    }
}

@Suite("A store with a limit and its model") struct EvictionModelTests {
    @Test("agree after any operations", arguments: 0..<20 as Range<UInt64>)
    func anyOperations(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let limit = Int.random(in: 1...20, using: &generator)
        let opened = try Setting.inMemory.open { $0.maximumEntries = limit }
        let (store, clock) = (opened.store, opened.clock)
        var model = LimitedModel(limit: limit)
        for step in 0..<400 {
            let key = "\(Int.random(in: 0..<limit * 2, using: &generator))"
            let seconds = Int64.random(in: -10...30, using: &generator)
            let expiresAt = seconds > 0 ? clock.now + seconds * 1000 : nil
            let expiry = seconds > 0 ? Expiry.after(.seconds(seconds)) : .never
            switch Int.random(in: 0..<10, using: &generator) {
            case 0:
                try store.remove(key)
                model.remove(key, now: clock.now)
            case 1:
                try store.touch(key, expiring: expiry)
                model.touch(key, expiresAt: expiresAt, now: clock.now)
            case 2 where step % 5 == 0:
                try store.purgeExpired()
                model.purge(now: clock.now)
            case 3, 4: clock.advance(by: .milliseconds(Int64.random(in: 0...3000, using: &generator)))
            default:
                try store.set(key, "v", expiring: expiry)
                model.set(key, expiresAt: expiresAt, now: clock.now)
            }
            let contents = try opened.contents()
            let keys = Set((contents.live + contents.expired).map(\.key))
            guard keys == Set(model.rows.keys) else {
                Issue.record("seed \(seed), step \(step): \(keys.symmetricDifference(model.rows.keys))")
                return
            }
            #expect(store.engine.sizeGauge?.size.entries == keys.count)
        }
        #expect(try store.statistics().evictedEntries == model.evictions)
        store.close()
    }
}
