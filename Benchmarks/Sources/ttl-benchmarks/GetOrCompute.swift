import TTLStore

/// `getOrCompute` of values that are there, against `get` of the same store.
enum GetOrCompute: Benchmark {
    static let name = "get-or-compute"
    static let summary = "getOrCompute on a hit, against get"

    static func run(_ workshop: Workshop) throws -> [Row] {
        let count = workshop.options.size(100_000, quick: 10_000)
        let material = Material(count: count)
        let path = try workshop.makeFile(.live(count))
        defer { Workshop.removeFile(path) }
        var dice = Dice()
        let order = (0..<2 * count).map { _ in Int.random(in: 0..<count, using: &dice) }
        let warmUp = Array(order.prefix(2000))
        let rounds = try Rounds(workshop.options.roundCount, among: Variant.allCases) { variant in
            let store = try TTLStore(path: path)
            defer { store.close() }
            _ = try read(store, material, warmUp, variant)
            var bytes = 0
            let time = try seconds { bytes = try read(store, material, order, variant) }
            try Get.expectAll(bytes, order.count)
            return time / Double(order.count)
        }
        return [
            Row(
                "getOrCompute, a hit", rounds, to: "get", limit: 1.2, figure: { $0 }, format: Format.microseconds)
        ]
    }

    /// Returns the sum of the values' lengths.
    private static func read(
        _ store: TTLStore, _ material: Material, _ order: [Int], _ variant: Variant
    ) throws -> Int {
        let keys = material.keys
        var bytes = 0
        switch variant {
        case .without:
            for number in order { bytes += try store.get(keys[number])?.utf8.count ?? 0 }
        case .with:
            for number in order {
                bytes += try store.getOrCompute(keys[number], as: String.self, expiring: .after(timeToLive)) {
                    throw WrongResult("a value that is there was to be computed")
                }.utf8.count
            }
        }
        return bytes
    }
}
