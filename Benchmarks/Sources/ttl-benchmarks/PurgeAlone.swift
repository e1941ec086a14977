import CTTLBenchmarkLoops
import Foundation
import TTLStore

/// Deleting a backlog of expired rows while nobody else writes.
enum PurgeAlone: Benchmark {
    static let name = "purge-alone"
    static let summary = "delete 300,000 expired rows while nobody else writes"

    static func run(_ workshop: Workshop) throws -> [Row] {
        try Purge.kinds(workshop).flatMap { kind, rows in
            let template = try workshop.makeFile(rows)
            defer { Workshop.removeFile(template) }
            let rounds = try Rounds(workshop.options.roundCount, among: [Contestant.c, .store]) { contestant in
                try workshop.withCopy(of: template) { path in try purge(contestant, path, Int(rows.count)) }
            }
            let ratio = rounds.ratio(to: .c) { $0.rate }
            let log = rounds[.store].map(\.longestLog).max() ?? 0
            return [
                Row(
                    "purge of \(Format.count(Int(rows.count))) alone, \(kind)", rounds, target: "≥ 0.6 × C",
                    isMet: ratio >= 0.6, figure: { $0.rate }, format: Format.perSecond),
                Row(
                    "… longest log", rounds, target: "≤ 32 MiB", isMet: log <= 32 * 1_048_576,
                    figure: { $0.longestLog }, format: Format.mebibytes),
            ]
        }
    }

    private struct Outcome {
        /// Rows deleted in a second.
        var rate: Double
        /// In bytes.
        var longestLog: Double
    }

    private static func purge(_ contestant: Contestant, _ path: String, _ count: Int) throws -> Outcome {
        switch contestant {
        case .c, .grdb:
            let store = try CStore(path)
            return try measure(path, count) { try store.purge() }
        case .store:
            let backlog = Backlog(count: count)
            let store = try backlog.open(path)
            defer { store.close() }
            // After the store's first look.
            usleep(300_000)
            return try measure(path, count) { try backlog.becomeDue(in: store) }
        }
    }

    private static func measure(_ path: String, _ count: Int, _ work: () throws -> Int) throws -> Outcome {
        let log = LogWatch(path)
        var deleted = 0
        let time = try seconds { deleted = try work() }
        let longestLog = log.stop()
        guard deleted >= count else { throw WrongResult("\(deleted) of \(count) rows were purged") }
        return Outcome(rate: Double(deleted) / time, longestLog: longestLog)
    }
}
