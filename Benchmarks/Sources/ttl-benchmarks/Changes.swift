import CTTLBenchmarkLoops
import TTLStore

/// Operations that depend on what is there, each with its own commit.
enum Changes: Benchmark {
    static let name = "changes"
    static let summary = "take, increment, compare and set, touch: one commit each, one thread"

    static func run(_ workshop: Workshop) throws -> [Row] {
        let work = ChangeWork(workshop)
        return try Change.allCases.flatMap { change in
            let template = try workshop.makeFile(.live(work.rows, integers: change == .increment))
            defer { Workshop.removeFile(template) }
            let rounds = try Rounds(workshop.options.roundCount, among: [.c, .store]) { contestant in
                try workshop.withCopy(of: template) { path in try work.run(change, contestant, path) }
            }
            let ratio = rounds.ratio(to: .c) { $0.mean }
            return [
                Row(
                    "\(change.title), one commit each", rounds, target: "≤ 1.2 × C", isMet: ratio <= 1.2,
                    figure: { $0.mean }, format: Format.microseconds),
                Row("… median of a call", rounds, target: "–", figure: { $0.median }, format: Format.microseconds),
            ]
        }
    }
}

/// Which entries are changed, in which order.
private struct ChangeWork {
    /// Entries in the file.
    let rows: Int
    private let material: Material
    /// Numbers of keys: any of them, some several times.
    private let anyOrder: [UInt32]
    /// The same, each once: what was taken is gone.
    private let distinctOrder: [UInt32]

    init(_ workshop: Workshop) {
        rows = workshop.options.size(100_000, quick: 10_000)
        let calls = workshop.options.size(40_000, quick: 2000)
        material = Material(count: rows)
        var dice = Dice()
        distinctOrder = Array((0..<UInt32(rows)).shuffled(using: &dice).prefix(calls))
        let range = 0..<UInt32(rows)
        anyOrder = (0..<calls).map { _ in UInt32.random(in: range, using: &dice) }
    }

    func run(_ change: Change, _ contestant: Contestant, _ path: String) throws -> CallTimes {
        let order = change == .take ? distinctOrder : anyOrder
        if contestant == .c {
            let store = try CStore(path)
            try store.prepare(change)
            let revisions = try chain(change, order) { try store.integers(material, [$0])[0] }
            return try CallTimes { try store.run(change, material, order, revisions) }
        }
        let store = try TTLStore(path: path)
        defer { store.close() }
        let keys = material.keys
        let revisions = try chain(change, order) { number in
            Int64(try store.entry(keys[Int(number)])?.revision.description ?? "") ?? 0
        }.map { TTLStore.Revision(number: $0) }
        return try CallTimes {
            try timed(order.count) { place in try change.run(store, keys[Int(order[place])], revisions[place]) }
        }
    }

    /// The revision that each call will find: the one that is read from the file before, and one more for each earlier
    /// call with the same key. Zeros for operations that don't compare.
    private func chain(_ change: Change, _ order: [UInt32], _ read: (UInt32) throws -> Int64) rethrows -> [Int64] {
        guard change == .compareAndSet else { return order.map { _ in 0 } }
        var next: [UInt32: Int64] = [:]
        return try order.map { number in
            let revision = try next[number] ?? read(number)
            next[number] = revision + 1
            return revision
        }
    }
}

extension TTLStore.Revision {
    fileprivate init(number: Int64) {
        // Every number in decimal is a revision's description.
        self.init(String(number))!
    }
}
