import Foundation
import TTLStore

/// A file with rows, and an order in which they are read.
struct ReadSubject {
    let path: String
    let keys: [String]
    let order: [UInt32]
    let rounds: Int

    /// - Parameter few: how many of the keys are read; nil for all of them.
    init(_ workshop: Workshop, count: Int, reads: Int, of few: Int? = nil) throws {
        path = try workshop.makeFile(.live(count))
        keys = Material(count: count).keys
        var dice = Dice()
        order = (0..<reads).map { _ in UInt32.random(in: 0..<UInt32(few ?? count), using: &dice) }
        rounds = workshop.options.roundCount
    }

    func remove() { Workshop.removeFile(path) }

    func open(_ variant: Variant) throws -> TTLStore {
        var configuration = TTLStore.Configuration()
        if variant == .without { configuration.memory = 0 }
        let store = try TTLStore(path: path, configuration: configuration)
        // Nothing is remembered before the first commit.
        try store.set("first", "commit")
        return store
    }

    /// Seconds for a call, with the memory and without, in turn. What fits is in memory when the time begins.
    /// - Parameter pause: of another process, which commits a row and pauses for so long, in milliseconds.
    func row(
        _ work: String, limit: Double, decoding: Bool = false, besideCommitsEvery pause: Int32? = nil,
        _ body: @escaping (ReadSubject, TTLStore) throws -> Void
    ) throws -> Row {
        let results = try Rounds(rounds, among: Variant.allCases) { variant in
            let store = try open(variant)
            defer { store.close() }
            try prepare(store, decoding)
            guard let pause else { return try seconds { try body(self, store) } / Double(order.count) }
            let other = try Child(.otherProcess(path: path, checkpoints: true, pause: pause))
            try other.waitForFirstByte()
            let time = try seconds { try body(self, store) }
            _ = try other.finish()
            return time / Double(order.count)
        }
        return Row(work, results, to: "without", limit: limit, figure: { $0 }, format: Format.nanoseconds)
    }

    /// The time for a read on two threads against the time on one; half of it would be perfect.
    func scaling(_ work: String) throws -> Row {
        let results = try Rounds(rounds, among: Variant.allCases) { variant in
            let store = try open(.with)
            defer { store.close() }
            try prepare(store)
            let threads = variant == .with ? 2 : 1
            let time = seconds {
                DispatchQueue.concurrentPerform(iterations: threads) { _ in try? reads(store) }
            }
            return time / Double(threads * order.count)
        }
        return Row(work, results, to: "one thread", limit: 1 / 1.8, figure: { $0 }, format: Format.nanoseconds)
    }

    /// The time for a decoded read against that for a text, all of them from memory.
    func decodingBesideText(_ work: String) throws -> Row {
        let results = try Rounds(rounds, among: Variant.allCases) { variant in
            let store = try open(.with)
            defer { store.close() }
            let isDecoded = variant == .with
            // The turn before has written the other kind.
            if !isDecoded { for key in keys { try store.set(key, Material.value, expiring: .after(timeToLive)) } }
            try prepare(store, isDecoded)
            return try seconds { try isDecoded ? decodedReads(store) : reads(store) } / Double(order.count)
        }
        return Row(work, results, to: "the text", limit: 2, figure: { $0 }, format: Format.nanoseconds)
    }

    func prepare(_ store: TTLStore, _ decoding: Bool = false) throws {
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

    func computeHits(_ store: TTLStore) throws {
        for number in order {
            _ = try store.getOrCompute(keys[Int(number)], as: Content.self) {
                throw WrongResult("a value that is there was to be computed")
            }
        }
    }

    /// As many reads, from several tasks.
    func reads(_ store: TTLStore, from tasks: Int) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for task in 0..<tasks {
                group.addTask {
                    for place in stride(from: task, to: order.count, by: tasks) {
                        _ = try await store.get(keys[Int(order[place])])
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    func taskReads(_ store: TTLStore) async throws {
        for number in order {
            guard try await store.get(keys[Int(number)]) != nil else { throw WrongResult("a key was not found") }
        }
    }

    /// Of `share` calls one is a set.
    func mixed(_ store: TTLStore, share: Int = 10) throws {
        for (place, number) in order.enumerated() {
            let key = keys[Int(number)]
            if place % share == 0 {
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

private struct Content: Codable, Sendable {
    var name = "Ada Lovelace"
    var items = ["book-123456", "pen-000001", "paper-99999999", "lamp-4711"]
    var note = String(repeating: "n", count: 100)
}
