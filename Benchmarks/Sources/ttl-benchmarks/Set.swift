import Foundation
import TTLStore

/// Writing one row at a time, each with its own commit: half of them overwrite, half are new.
enum SetFromOneThread: Benchmark {
    static let name = "set"
    static let summary = "write a row, one commit each, one thread: mean and 99.9th percentile"

    static func run(_ workshop: Workshop) throws -> [Row] {
        let work = try SetWork(workshop)
        defer { work.remove() }
        let rounds = try Rounds(workshop.options.roundCount) { contestant in
            try work.withStore(contestant) { set in try CallTimes { try set(work.order) } }
        }
        let ratio = rounds.ratio(to: .c) { $0.mean }
        let tailRatio = rounds.ratio(to: .c) { $0.tail }
        return [
            Row(
                "set, one commit each", rounds, target: "≤ 1.1 × C", isMet: ratio <= 1.1,
                figure: { $0.mean }, format: Format.microseconds),
            Row("… median of a call", rounds, target: "–", figure: { $0.median }, format: Format.microseconds),
            Row(
                "… 99.9th percentile", rounds, target: "< C", isMet: tailRatio < 1,
                figure: { $0.tail }, format: Format.microseconds),
        ]
    }
}

/// The same from eight threads, against the one thread of C.
enum SetFromThreads: Benchmark {
    static let name = "set-threads"
    static let summary = "write a row, one commit each, 8 threads, against C with one"
    static let threads = 8

    static func run(_ workshop: Workshop) throws -> [Row] {
        let work = try SetWork(workshop)
        defer { work.remove() }
        let rounds = try Rounds(workshop.options.roundCount) { contestant in
            try work.withStore(contestant) { set in
                let time = try seconds {
                    if contestant == .c { _ = try set(work.order) } else { try inThreads(work.order, set) }
                }
                return Double(work.order.count) / time
            }
        }
        let ratio = rounds.ratio(to: .c) { $0 }
        return [
            Row(
                "set from \(threads) threads (C: one)", rounds, target: "≥ 3 × C", isMet: ratio >= 3,
                figure: { $0 }, format: Format.perSecond)
        ]
    }

    static func inThreads(_ order: [UInt32], _ set: @escaping SetWork.Loop) throws {
        let share = order.count / threads
        let failures = Failures()
        let all = DispatchGroup()
        for number in 0..<threads {
            all.enter()
            let part = Array(order[number * share..<(number + 1) * share])
            Thread {
                do { _ = try set(part) } catch { failures.add(error) }
                all.leave()
            }.start()
        }
        all.wait()
        if let first = failures.first { throw first }
    }
}

/// Collects what threads throw.
final class Failures: @unchecked Sendable {
    // Sendable: the lock guards `errors`.
    private let lock = NSLock()
    private var errors: [any Error] = []

    func add(_ error: any Error) { lock.withLock { errors.append(error) } }

    var first: (any Error)? { lock.withLock { errors.first } }
}

/// What both benchmarks of `set` write, and into which file.
struct SetWork {
    /// Writes the keys with these numbers, and returns the nanoseconds that each call took.
    typealias Loop = @Sendable ([UInt32]) throws -> [Int64]

    /// Numbers of keys: every second one is not in the file yet.
    let order: [UInt32]
    let material: Material
    private let template: String
    private let workshop: Workshop

    init(_ workshop: Workshop) throws {
        self.workshop = workshop
        let rows = workshop.options.size(100_000, quick: 10_000)
        let writes = workshop.options.size(40_000, quick: 4000)
        material = Material(count: rows + writes / 2)
        template = try workshop.makeFile(.live(rows))
        var dice = Dice()
        let existing = (0..<UInt32(rows)).shuffled(using: &dice).prefix(writes / 2)
        order = (existing + (UInt32(rows)..<UInt32(rows + writes / 2))).shuffled(using: &dice)
    }

    func remove() { Workshop.removeFile(template) }

    /// Hands a fresh copy of the file to `body`.
    func withCopy<Result>(_ body: (String) throws -> Result) throws -> Result {
        try workshop.withCopy(of: template, body)
    }

    /// Opens a fresh copy of the file. Opening and closing are not measured.
    func withStore<Result>(_ contestant: Contestant, _ body: (@escaping Loop) throws -> Result) throws -> Result {
        try withCopy { path in
            let (keys, value) = (material.keys, Material.value)
            switch contestant {
            case .c:
                // One thread at a time, as `SetFromThreads` does.
                nonisolated(unsafe) let store = try CStore(path)
                return try body { [material] order in try store.set(material, order) }
            case .grdb:
                let store = try GRDBStore(path)
                return try body { order in
                    try timed(order.count) { try store.set(keys[Int(order[$0])], value) }
                }
            case .store:
                let store = try TTLStore(path: path)
                defer { store.close() }
                return try body { order in
                    try timed(order.count) {
                        try store.set(keys[Int(order[$0])], value, expiring: .after(timeToLive))
                    }
                }
            }
        }
    }
}
