import Foundation
import TTLStore

/// Reads that memory answers, against the same reads of the file, and what the memory costs where it can't help.
enum Memory: Benchmark {
    static let name = "memory"
    static let summary = "reads from memory: hot, decoded, of tasks, from 2 threads, beside writes, and cold"

    static func run(_ workshop: Workshop) throws -> [Row] {
        let count = workshop.options.size(10_000, quick: 1000)
        let hot = try ReadSubject(workshop, count: count, reads: workshop.options.size(200_000, quick: 2000))
        defer { hot.remove() }
        let million = workshop.options.size(1_000_000, quick: 10_000)
        let cold = try ReadSubject(workshop, count: million, reads: workshop.options.size(100_000, quick: 2000))
        defer { cold.remove() }
        let keys = "\(Format.count(count)) keys"
        return try [
            hot.row("get, \(keys), hot", limit: 0.2) { try $0.reads($1) },
            hot.row("the same, decoded from JSON", limit: 0.2, decoding: true) { try $0.decodedReads($1) },
            hot.decodingBesideText("the same, decoded, against a get of text"),
            hot.row("a hit of getOrCompute, decoded from JSON", limit: 0.2, decoding: true) { try $0.computeHits($1) },
            hot.row("get, \(keys), hot, of one task", limit: 0.2) { subject, store in
                try untilDone { try await subject.taskReads(store) }
            },
            hot.scaling("get, \(keys), hot, from 2 threads: time for a read"),
            hot.row("90 % get, 10 % set, \(keys)", limit: 0.2) { try $0.mixed($1) },
            hot.row("set, \(keys) in memory", limit: 1.03) { try $0.sets($1) },
            cold.row("get, \(Format.count(million)) keys, cold", limit: 1.03) { try $0.reads($1) },
        ]
    }
}
