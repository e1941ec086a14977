import Foundation
import TTLStore

/// Reads that memory answers, against the same reads of the file, and what the memory costs where it can't help.
enum Memory: Benchmark {
    static let name = "memory"
    static let summary = "reads from memory: hot, decoded, of tasks, from 2 threads, beside writes, and cold"

    private struct Content: Codable, Sendable {
        var name = "Ada Lovelace"
        var items = ["book-123456", "pen-000001", "paper-99999999", "lamp-4711"]
        var note = String(repeating: "n", count: 100)
    }

    static func run(_ workshop: Workshop) throws -> [Row] {
        let count = workshop.options.size(10_000, quick: 1000)
        let hot = try Subject(workshop, count: count, reads: workshop.options.size(200_000, quick: 2000))
        defer { hot.remove() }
        let million = workshop.options.size(1_000_000, quick: 10_000)
        let cold = try Subject(workshop, count: million, reads: workshop.options.size(100_000, quick: 2000))
        defer { cold.remove() }
        let keys = "\(Format.count(count)) keys"
        return try [
            hot.row("get, \(keys), hot", limit: 0.2) { try $0.reads($1) },
            hot.row("the same, decoded from JSON", limit: 0.2, decoding: true) { try $0.decodedReads($1) },
            hot.row("the same, of one task", limit: 0.2) { subject, store in
                try untilDone { try await subject.taskReads(store) }
            },
            hot.scaling("get, \(keys), hot, from 2 threads: time for a read"),
            hot.row("90 % get, 10 % set, \(keys)", limit: 0.2) { try $0.mixed($1) },
            hot.row("set, \(keys) in memory", limit: 1.03) { try $0.sets($1) },
            cold.row("get, \(Format.count(million)) keys, cold", limit: 1.03) { try $0.reads($1) },
        ]
    }

    /// A file with rows, and an order in which they are read.
    private struct Subject {
        let path: String
        let keys: [String]
        let order: [UInt32]
        let rounds: Int

        init(_ workshop: Workshop, count: Int, reads: Int) throws {
            path = try workshop.makeFile(.live(count))
            keys = Material(count: count).keys
            var dice = Dice()
            order = (0..<reads).map { _ in UInt32.random(in: 0..<UInt32(count), using: &dice) }
            rounds = workshop.options.roundCount
        }

        func remove() { Workshop.removeFile(path) }

        private func open(_ variant: Variant) throws -> TTLStore {
            var configuration = TTLStore.Configuration()
            if variant == .without { configuration.memory = 0 }
            let store = try TTLStore(path: path, configuration: configuration)
            // Nothing is remembered before the first commit.
            try store.set("first", "commit")
            return store
        }

        /// Seconds for a call, with the memory and without, in turn. What fits is in memory when the time begins.
        func row(
            _ work: String, limit: Double, decoding: Bool = false,
            _ body: @escaping (Subject, TTLStore) throws -> Void
        ) throws -> Row {
            let results = try Rounds(rounds, among: Variant.allCases) { variant in
                let store = try open(variant)
                defer { store.close() }
                try prepare(store, decoding)
                return try seconds { try body(self, store) } / Double(order.count)
            }
            return Row(work, results, to: "without", limit: limit, figure: { $0 }, format: Format.nanoseconds)
        }

        /// The time for a read on two threads against the time on one; half of it would be perfect.
        func scaling(_ work: String) throws -> Row {
            let results = try Rounds(rounds, among: Variant.allCases) { variant in
                let store = try open(.with)
                defer { store.close() }
                try prepare(store, false)
                let threads = variant == .with ? 2 : 1
                let time = seconds {
                    DispatchQueue.concurrentPerform(iterations: threads) { _ in try? reads(store) }
                }
                return time / Double(threads * order.count)
            }
            return Row(work, results, to: "one thread", limit: 1 / 1.8, figure: { $0 }, format: Format.nanoseconds)
        }

        private func prepare(_ store: TTLStore, _ decoding: Bool) throws {
            if decoding { for key in keys { try store.set(key, Content(), expiring: .after(timeToLive)) } }
            for key in keys.prefix(50_000) {
                if decoding { _ = try decoded(store, key) } else { _ = try store.get(key) }
            }
        }

        private func decoded(_ store: TTLStore, _ key: String) throws -> Content? {
            try store.get(key, as: Content.self)
        }

        func reads(_ store: TTLStore) throws {
            var found = 0
            for number in order where try store.get(keys[Int(number)]) != nil { found += 1 }
            guard found == order.count else { throw WrongResult("\(found) of \(order.count) were found") }
        }

        func decodedReads(_ store: TTLStore) throws {
            for number in order {
                guard try decoded(store, keys[Int(number)]) != nil else { throw WrongResult("a key was not found") }
            }
        }

        func taskReads(_ store: TTLStore) async throws {
            for number in order {
                guard try await store.get(keys[Int(number)]) != nil else { throw WrongResult("a key was not found") }
            }
        }

        func mixed(_ store: TTLStore) throws {
            for (place, number) in order.enumerated() {
                let key = keys[Int(number)]
                if place % 10 == 0 {
                    try store.set(key, Material.value, expiring: .after(timeToLive))
                } else {
                    _ = try store.get(key)
                }
            }
        }

        func sets(_ store: TTLStore) throws {
            for number in order.prefix(order.count / 4) {
                try store.set(keys[Int(number)], Material.value, expiring: .after(timeToLive))
            }
        }
    }
}
