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
    static let keys = ["a", "a/", "a/1", "a/2", "a0", "b", "\u{10FFFF}", "a/\u{10FFFF}"]
    static let tags = ["t", "u", "a/"]
    private static let prefixes = ["", "a", "a/", "b", "\u{10FFFF}", "c"]

    var generator: SeededGenerator
    var model: StoreModel
    private var store: StoreUnderTest
    /// Of each key, all that have been seen: none may come back after another one.
    var revisions: [String: (current: TTLStore.Revision, past: Set<TTLStore.Revision>)] = [:]
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
        case 0..<34: try await perform([randomStep()], inTransaction: false)
        case 34..<41: try await transaction()
        case 41..<45: try await perform([randomStep()], inTransaction: true)
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

    private mutating func perform(_ steps: [ModelStep], inTransaction: Bool) async throws {
        note("\(inTransaction ? "in a transaction" : "") \(steps)")
        let expected = steps.map { $0.answer(&model) }
        let answers =
            inTransaction
            ? try await store.transaction { transaction in try steps.map { try $0.answer(transaction) } }
            : [try await steps[0].answer(store)]
        try expect(expected, answers)
        let written = Set(steps.filter(\.writesValues).flatMap(\.keys))
        for key in Set(steps.flatMap(\.keys)) { try await checkRevision(key, wasWritten: written.contains(key)) }
    }

    /// Several steps, which are kept together, or thrown away together.
    private mutating func transaction() async throws {
        let steps = (0..<Int.random(in: 2...5, using: &generator)).map { _ in randomStep(inTransaction: true) }
        guard Int.random(in: 0..<3, using: &generator) == 0 else {
            return try await perform(steps, inTransaction: true)
        }
        note("thrown away: \(steps)")
        var copy = model
        let expected = steps.map { $0.answer(&copy) }
        do {
            try await store.transaction { transaction in
                throw ThrownAway(answers: try steps.map { try $0.answer(transaction) })
            }
        } catch let error as ThrownAway {
            try expect(expected, error.answers)
        }
        try await compareAll()
    }

    private struct ThrownAway: Error {
        let answers: [String]
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
        try expect(model.removeAll(model.liveKeys(prefix: prefix)), try await store.removeAll(prefix: prefix))
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
        let tag = RandomOperations.tags.randomElement(using: &generator) ?? "t"
        try expect(model.liveKeys(tag: tag), try await store.keys(tag: tag).elements)
        try expect(model.liveKeys(tag: tag).count, try await store.count(tag: tag))
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
        try expect(row?.tag, entry?.tag)
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

    private mutating func note(_ operation: String) { history.append("\(model.now): \(operation)") }

}
