import Foundation
import TTLTestSupport

@testable import TTLStore

/// Where a store and its model part.
struct Divergence: Error, CustomStringConvertible {
    var description: String
}

/// One run of random operations on a store and its model, all of them drawn from one seed.
struct RandomOperations {
    /// Few, so that operations meet the same entries, and with common prefixes and boundaries among them.
    private static let keys = ["a", "a/", "a/1", "a/2", "a0", "b", "\u{10FFFF}", "a/\u{10FFFF}"]
    private static let prefixes = ["", "a", "a/", "b", "\u{10FFFF}", "c"]

    private var generator: SeededGenerator
    private var model: StoreModel
    private var store: StoreUnderTest
    /// Of each key, all that have been seen: none may come back after another one.
    private var revisions: [String: (current: TTLStore.Revision, past: Set<TTLStore.Revision>)] = [:]
    /// What was done, for a person.
    private var history: [String] = []

    init(seed: UInt64, setting: Setting) throws {
        var generator = SeededGenerator(seed: seed)
        let defaultTimeToLive: Int64? = Bool.random(using: &generator) ? nil : .random(in: 1...50, using: &generator)
        store = try setting.open { $0.defaultTimeToLive = defaultTimeToLive.map { .milliseconds($0) } }
        model = StoreModel(now: store.clock.now, defaultTimeToLive: defaultTimeToLive)
        self.generator = generator
    }

    mutating func run(steps: Int) async throws {
        do {
            for _ in 0..<steps {
                try await step()
                if Int.random(in: 0..<8, using: &generator) == 0 { try await compareAll() }
            }
            try await compareAll()
        } catch {
            throw Divergence(description: "\(error)\n\(history.suffix(12).joined(separator: "\n"))")
        }
        await store.close()
    }

    private mutating func step() async throws {
        switch Int.random(in: 0..<100, using: &generator) {
        case 0..<30: try await set()
        case 30..<45: try await touch()
        case 45..<50: try await persist()
        case 50..<58: try await remove()
        case 58..<60: try await removeAll()
        case 60..<64: try await purge()
        case 64..<72: try await compare(RandomOperations.keys.randomElement(using: &generator) ?? "a")
        case 72..<80: try await list()
        case 80: try await reopen()
        default: advance()
        }
    }

    // MARK: Operations on both

    private mutating func set() async throws {
        let (key, value, expiry) = (randomKey(), randomValue(), randomExpiry())
        let condition = [SetCondition.always, .ifAbsent, .ifPresent].randomElement(using: &generator) ?? .always
        note("set \(key) \(value) \(expiry) \(condition)")
        try expect(
            model.set(key, value, expiry, condition),
            try await store.set(key, value, expiring: expiry.inStore, when: condition))
        try await checkRevision(key, wasWritten: true)
    }

    private mutating func touch() async throws {
        let (key, expiry) = (randomKey(), randomExpiry())
        let limit: Int64? = Bool.random(using: &generator) ? nil : .random(in: 1...60, using: &generator)
        note("touch \(key) \(expiry) if less than \(limit.map(String.init) ?? "anything")")
        try expect(
            model.touch(key, expiry, ifRemainingLessThan: limit),
            try await store.touch(
                key, expiring: expiry.inStore, when: limit.map { .remainingLess(than: .milliseconds($0)) } ?? .always))
        try await checkRevision(key, wasWritten: false)
    }

    private mutating func persist() async throws {
        let key = randomKey()
        note("persist \(key)")
        try expect(model.persist(key), try await store.persist(key))
        try await checkRevision(key, wasWritten: false)
    }

    private mutating func remove() async throws {
        let key = randomKey()
        note("remove \(key)")
        try expect(model.remove(key), try await store.remove(key))
    }

    private mutating func removeAll() async throws {
        let prefix = RandomOperations.prefixes.randomElement(using: &generator) ?? ""
        note("removeAll \(prefix)")
        try expect(model.removeAll(prefix: prefix), try await store.removeAll(prefix: prefix))
    }

    private mutating func purge() async throws {
        note("purge")
        try expect(model.purgeExpired(), try await store.purgeExpired())
    }

    private mutating func reopen() async throws {
        guard store.folder != nil else { return }
        note("reopen")
        store = try store.reopened()
        try await compareAll()
    }

    /// Often to an expiry itself, or right beside it; seldom far ahead, or back.
    private mutating func advance() {
        let expiries = model.rows.values.compactMap(\.expiresAt).sorted()
        var step = Int64.random(in: 0...20, using: &generator)
        switch Int.random(in: 0..<10, using: &generator) {
        case 0..<5:
            if let expiry = expiries.randomElement(using: &generator) {
                step = expiry - model.now + .random(in: -1...1, using: &generator)
            }
        case 5: step = -step
        case 6: step *= 86_400_000
        default: break
        }
        // Far back, once in a while, the clock would be before the epoch.
        step = max(step, 1_700_000_000_000 - model.now)
        note("advance by \(step)")
        store.clock.advance(by: .milliseconds(step))
        model.now += step
    }

    // MARK: Comparing

    private mutating func list() async throws {
        let prefix = RandomOperations.prefixes.randomElement(using: &generator) ?? ""
        let limit = Int.random(in: 1...5, using: &generator)
        note("list \(prefix) by \(limit)")
        var listed: [String] = []
        var cursor: TTLStore.Cursor?
        repeat {
            let page = try await store.keys(prefix: prefix, limit: limit, after: cursor)
            listed += page.elements
            cursor = page.next
        } while cursor != nil && listed.count <= RandomOperations.keys.count
        try expect(model.liveKeys(prefix: prefix), listed)
        try expect(listed.count, try await store.count(prefix: prefix))
    }

    private func compare(_ key: String) async throws {
        let row = model.live(key)
        try expect(row?.value, try await store.getValue(key))
        try expect(row != nil, try await store.contains(key))
        try compare(row, try await store.entry(key))
    }

    private func compare(_ row: StoreModel.Row?, _ entry: TTLStore.Entry?) throws {
        try expect(row?.value, entry?.value)
        try expect(row?.expiresAt, entry?.expiresAt.flatMap { TimeConversion.timestamp($0) })
        try expect(row?.expiresAt.map { .milliseconds($0 - model.now) }, entry?.remaining)
        try expect(row?.createdAt, entry.flatMap { TimeConversion.timestamp($0.createdAt) })
        try expect(row?.updatedAt, entry.flatMap { TimeConversion.timestamp($0.updatedAt) })
    }

    private func compareAll() async throws {
        let contents = try store.contents()
        try expect(model.liveKeys(prefix: ""), contents.live.map(\.key))
        for entry in contents.live { try compare(model.live(entry.key), entry) }
        let statistics = try await store.statistics()
        let expiries = model.rows.values.compactMap(\.expiresAt)
        let overdue = expiries.filter { $0 <= model.now }
        try expect(overdue.count, statistics.expiredEntries)
        try expect(overdue.count, contents.expired.count)
        try expect(overdue.min().map { .milliseconds(model.now - $0) }, statistics.oldestOverdue)
        try expect(
            expiries.filter { $0 > model.now }.min(), statistics.nextExpiry.flatMap { TimeConversion.timestamp($0) })
    }

    /// A write changes the revision to one that the key never had; nothing else changes it.
    private mutating func checkRevision(_ key: String, wasWritten: Bool) async throws {
        guard let entry = try await store.entry(key) else { return }
        let isNew = wasWritten && model.live(key)?.updatedAt == model.now
        guard let known = revisions[key] else {
            revisions[key] = (entry.revision, [entry.revision])
            return
        }
        if entry.revision != known.current {
            guard isNew, !known.past.contains(entry.revision) else {
                throw Divergence(description: "revision \(entry.revision) after \(known.current)")
            }
            revisions[key] = (entry.revision, known.past.union([entry.revision]))
        }
    }

    private func expect<Result: Equatable>(_ model: Result, _ store: Result) throws {
        if model != store { throw Divergence(description: "the model says \(model), the store \(store)") }
    }

    // MARK: Random arguments

    private mutating func note(_ operation: String) { history.append("\(model.now): \(operation)") }

    private mutating func randomKey() -> String { RandomOperations.keys.randomElement(using: &generator) ?? "a" }

    private mutating func randomValue() -> Value {
        switch Int.random(in: 0..<3, using: &generator) {
        case 0: .text(String(UInt32.random(in: .min ... .max, using: &generator), radix: 36))
        case 1: .bytes((0..<Int.random(in: 0..<8, using: &generator)).map { UInt8($0) &* 37 })
        default: .integer(.random(in: .min ... .max, using: &generator))
        }
    }

    private mutating func randomExpiry() -> StoreModel.Term {
        switch Int.random(in: 0..<6, using: &generator) {
        case 0: .byDefault
        case 1: .never
        case 2: .keep
        case 3: .at(model.now + .random(in: -3...30, using: &generator))
        default: .after(.random(in: 1...40, using: &generator))
        }
    }
}

extension StoreModel.Term {
    fileprivate var inStore: Expiry {
        switch self {
        case .byDefault: .default
        case .never: .never
        case .keep: .keep
        case .after(let duration): .after(.milliseconds(duration))
        case .at(let time): .at(Date(timeIntervalSince1970: Double(time) / 1000))
        }
    }
}
