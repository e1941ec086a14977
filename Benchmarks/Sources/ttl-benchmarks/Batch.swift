import CTTLBenchmarkLoops
import TTLStore

/// Many rows in one commit: half of them overwrite, half are new.
enum Batch: Benchmark {
    static let name = "batch"
    static let summary = "write 1,000 rows in one transaction"
    private static let size = 1000

    static func run(_ workshop: Workshop) throws -> [Row] {
        let work = try SetWork(workshop)
        defer { work.remove() }
        let batches = stride(from: 0, to: work.order.count, by: size).map { begin in
            Array(work.order[begin..<min(begin + size, work.order.count)])
        }
        let rounds = try Rounds(workshop.options.roundCount, among: [.c, .store]) { contestant in
            try work.withCopy { path in try write(batches, contestant, path, work.material) }
        }
        let ratio = rounds.ratio(to: .c) { $0.mean }
        return [
            Row(
                "setAll of \(Format.count(size)) entries", rounds, target: "≤ 1.3 × C", isMet: ratio <= 1.3,
                figure: { $0.mean }, format: Format.microseconds),
            Row("… median of a call", rounds, target: "–", figure: { $0.median }, format: Format.microseconds),
        ]
    }

    /// The store's entries are made within the measurement, as their author has to make them.
    private static func write(
        _ batches: [[UInt32]], _ contestant: Contestant, _ path: String, _ material: Material
    ) throws -> CallTimes {
        if contestant == .c {
            let store = try CStore(path)
            try store.prepare()
            return try CallTimes {
                try timed(batches.count) { try store.setBatch(material, batches[$0]) }
            }
        }
        let store = try TTLStore(path: path)
        defer { store.close() }
        let (keys, value) = (material.keys, Material.value)
        return try CallTimes {
            try timed(batches.count) { place in
                try store.setAll(
                    batches[place].lazy.map { number in
                        TTLStore.BatchEntry(keys[Int(number)], .text(value), expiring: .after(timeToLive))
                    })
            }
        }
    }
}
