import TTLTestSupport

@testable import TTLStore

/// A difference between a store and its model.
struct Divergence: Error, CustomStringConvertible {
    var description: String
}

/// One run of random operations on a store and its model, all of them drawn from one seed.
struct RandomOperations {
    /// Few, so that operations meet the same entries, and with common prefixes and boundaries among them.
    static let keys = ["a", "a/", "a/1", "a/2", "a0", "b", "\u{10FFFF}", "a/\u{10FFFF}"]
    static let tags = ["t", "u", "a/"]
    static let prefixes = ["", "a", "a/", "b", "\u{10FFFF}", "c"]
    /// One of them is a key as well.
    static let leases = ["a", "job"]

    var generator: SeededGenerator
    var model: StoreModel
    private(set) var store: StoreUnderTest
    /// The consumer of removals; nil in every second run, in which a store reads no entry before it leaves.
    private var removals: TTLStore.Removals?
    var seen = SeenStates()
    /// The steps so far, for people to read.
    private var history: [String] = []

    init(seed: UInt64, setting: Setting, isLimited: Bool = false) throws {
        var generator = SeededGenerator(seed: seed)
        let defaultTimeToLive: Int64? = Bool.random(using: &generator) ? nil : .random(in: 1...50, using: &generator)
        let maximumEntries = isLimited ? Int.random(in: 1..<RandomOperations.keys.count, using: &generator) : nil
        store = try setting.open {
            $0.defaultTimeToLive = defaultTimeToLive.map { .milliseconds($0) }
            $0.maximumEntries = maximumEntries
            // With the memory of reads and without; a store in memory has none.
            if seed % 3 == 0 { $0.memory = 0 }
        }
        model = StoreModel(
            now: store.clock.now, defaultTimeToLive: defaultTimeToLive, maximumEntries: maximumEntries)
        if Bool.random(using: &generator) { removals = try store.store.removals(includingValues: true) }
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
        switch Int.random(in: 0..<200, using: &generator) {
        case 0..<130: try await perform([randomStep()], inTransaction: false)
        case 130..<138: try await perform([randomStepForTransaction()], inTransaction: true)
        case 138..<150: try await transaction()
        case 150..<158: try await purge()
        case 158..<160: try await reopen()
        case 160: try await vacuum()
        case 161: try await backUp()
        default: advance()
        }
    }

    // MARK: Operations on both

    private mutating func perform(_ steps: [ModelStep], inTransaction: Bool) async throws {
        note("\(inTransaction ? "in a transaction: " : "")\(steps)")
        let expected = try steps.map { try $0.answer(&model) }
        let answers =
            inTransaction
            ? try await store.transaction { transaction in try steps.map { try $0.answer(transaction) } }
            : [try await steps[0].answer(store)]
        try expect(expected, answers)
        try expectRemovals()
        for key in Set(steps.flatMap(\.keys)) { try await noteRevision(key) }
        try await compareLeases()
    }

    /// Several steps, which are kept together, or thrown away together.
    private mutating func transaction() async throws {
        let steps = (0..<Int.random(in: 2...5, using: &generator)).map { _ in randomStepForTransaction() }
        guard Int.random(in: 0..<3, using: &generator) == 0 else {
            return try await perform(steps, inTransaction: true)
        }
        note("thrown away: \(steps)")
        var copy = model
        let expected = try steps.map { try $0.answer(&copy) }
        do {
            try await store.transaction { transaction in
                throw ThrownAway(answers: try steps.map { try $0.answer(transaction) })
            }
        } catch let error as ThrownAway {
            try expect(expected, error.answers)
        }
        try expectRemovals()
        try await compareAll()
    }

    private struct ThrownAway: Error {
        let answers: [String]
    }

    private mutating func purge() async throws {
        note("purge")
        try expect(model.purgeExpired(), try await store.purgeExpired())
        try expectRemovals()
    }

    private mutating func reopen() async throws {
        guard store.folder != nil else { return }
        note("reopen")
        store = try store.reopened()
        model.evictions = 0
        if removals != nil { removals = try store.store.removals(includingValues: true) }
        try await compareAll()
    }

    private mutating func vacuum() async throws {
        note("vacuum")
        let store = store.store
        try await self.store.call({ _ = try store.vacuum() }, { _ = try await store.vacuum() })
        try expectRemovals()
        try await compareAll()
    }

    /// The copy is a store with the same contents.
    private mutating func backUp() async throws {
        note("back up")
        let (store, folder) = (store.store, try TemporaryFolder())
        let path = folder("copy.db")
        try await self.store.call({ try store.backup(to: path) }, { try await store.backup(to: path) })
        try await compareAll()
        try expectCopy(of: store, in: path)
    }

    private func expectCopy(of store: TTLStore, in path: String) throws {
        let copy = try TTLStore(path: path, configuration: store.configuration)
        defer { copy.close() }
        try expect(try store.entries().elements, try copy.entries().elements)
        try expect(try store.expiredEntries().elements, try copy.expiredEntries().elements)
        for name in RandomOperations.leases {
            try expect(try store.lease(named: name), try copy.lease(named: name))
        }
    }

    /// Often to an expiry itself, or right beside it; seldom far ahead, or back.
    private mutating func advance() {
        let expiries = (model.rows.values.compactMap(\.expiresAt) + model.leases.values.map(\.expiresAt)).sorted()
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

    /// Each entry that has left is reported with its commit. The order within one commit is not promised.
    private mutating func expectRemovals() throws {
        let expected = model.takeRemovals()
        guard let removals else { return }
        try expect(expected.map { "\($0)" }.sorted(), removals.takeBuffered().map { "\($0)" }.sorted())
    }

    private mutating func compareAll() async throws {
        let contents = try store.contents()
        try expect(model.liveKeys().map { model.shown($0) }, contents.live.map { ShownEntry($0) })
        try expect(model.expiredKeys, contents.expired.map(\.key))
        for entry in contents.live { try noteRevision(entry) }
        try await compareLeases()
        // A store that was opened anew counts with its first write.
        if let known = store.store.engine.sizeGauge?.size.entries { try expect(model.rows.count, known) }
        let statistics = try await store.statistics()
        try expect(model.evictions, statistics.evictedEntries)
        let expiries = model.rows.values.compactMap(\.expiresAt)
        let overdue = expiries.filter { $0 <= model.now }
        try expect(overdue.count, statistics.expiredEntries)
        try expect(overdue.min().map { .milliseconds(model.now - $0) }, statistics.oldestOverdue)
        try expect(
            expiries.filter { $0 > model.now }.min(), statistics.nextExpiry.flatMap { TimeConversion.timestamp($0) })
    }

    private mutating func noteRevision(_ key: String) async throws {
        guard model.live(key) != nil, let entry = try await store.entry(key) else { return }
        try noteRevision(entry)
    }

    private mutating func noteRevision(_ entry: TTLStore.Entry) throws {
        guard let row = model.live(entry.key) else { return }
        try seen.note(entry.revision, of: entry.key, row.state)
    }

    private mutating func compareLeases() async throws {
        let held = RandomOperations.leases.compactMap { name in model.held(name).map { (name, $0.number) } }
        // The oldest first.
        for (name, number) in held.sorted(by: { $0.1 < $1.1 }) {
            let lease = try await store.lease(named: name)
            try expect(model.shownLease(name), lease.map { ShownLease($0) })
            if let lease { try seen.note(lease, number: number) }
        }
        for name in RandomOperations.leases where model.held(name) == nil {
            try expect(nil, try await store.lease(named: name))
        }
    }

    private func expect<Result: Equatable>(_ model: Result, _ store: Result) throws {
        if model != store { throw Divergence(description: "the model says \(model), the store \(store)") }
    }

    private mutating func note(_ operation: String) { history.append("\(model.now): \(operation)") }
}
