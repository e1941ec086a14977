import TTLStore

/// Reading live text by key, in random order, from one thread.
enum Get: Benchmark {
    static let name = "get"
    static let summary = "read a 200-byte text, random keys, one thread"

    static func run(_ workshop: Workshop) throws -> [Row] {
        let count = workshop.options.size(100_000, quick: 10_000)
        let material = Material(count: count)
        let path = try workshop.makeFile(.live(count))
        defer { Workshop.removeFile(path) }
        var dice = Dice()
        let order = (0..<2 * count).map { _ in UInt32.random(in: 0..<UInt32(count), using: &dice) }
        let warmUp = Array(order.prefix(2000))
        let rounds = try Rounds(workshop.options.roundCount) { contestant in
            let read = try reader(contestant, path, material)
            try expectAll(try read(warmUp), warmUp.count)
            var bytes = 0
            let time = try seconds { bytes = try read(order) }
            try expectAll(bytes, order.count)
            return time / Double(order.count)
        }
        let ratio = rounds.ratio(to: .c) { $0 }
        return [
            Row(
                "get, \(Format.count(count)) keys", rounds, target: "≤ 1.3 × C", isMet: ratio <= 1.3,
                figure: { $0 }, format: Format.microseconds)
        ]
    }

    /// Reads the keys in the order given, and returns the sum of the values' lengths.
    private static func reader(
        _ contestant: Contestant, _ path: String, _ material: Material
    ) throws -> ([UInt32]) throws -> Int {
        let keys = material.keys
        switch contestant {
        case .c:
            let store = try CStore(path)
            return { order in try store.get(material, order) }
        case .grdb:
            let store = try GRDBStore(path)
            return { order in
                var bytes = 0
                for number in order { bytes += try store.get(keys[Int(number)])?.utf8.count ?? 0 }
                return bytes
            }
        case .store:
            // The file is measured; `Memory` measures reads without it.
            var configuration = TTLStore.Configuration()
            configuration.memory = 0
            let store = try TTLStore(path: path, configuration: configuration)
            return { order in
                var bytes = 0
                for number in order { bytes += try store.get(keys[Int(number)])?.utf8.count ?? 0 }
                return bytes
            }
        }
    }

    static func expectAll(_ bytes: Int, _ count: Int) throws {
        guard bytes == count * Material.value.utf8.count else { throw WrongResult("get returned \(bytes) bytes") }
    }
}

/// A contestant did not do its work.
struct WrongResult: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
