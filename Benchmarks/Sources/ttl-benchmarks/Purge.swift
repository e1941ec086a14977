import CTTLBenchmarkLoops
import Foundation
import TTLStore

/// Deleting a backlog of expired rows while another process writes.
///
/// The store's own thread does it (`purging = .automatic`). So that opening the store purges nothing yet, its clock is
/// slow; the measurement begins when that clock is put right.
enum Purge: Benchmark {
    static let name = "purge"
    static let summary = "delete 300,000 expired rows while another process writes every 2 ms"

    static func run(_ workshop: Workshop) throws -> [Row] {
        try kinds(workshop).flatMap { kind, rows in try measure(workshop, kind, rows) }
    }

    /// The backlogs: rows that expire in the order of their ids, and rows that don't.
    static func kinds(_ workshop: Workshop) -> [(String, ttl_bench_rows)] {
        let count = Int64(workshop.options.size(300_000, quick: 20_000))
        let begin = ttl_bench_wall() - 3_700_000
        return [
            (
                "one time to live",
                ttl_bench_rows(
                    first: 0, count: count, expiry: begin, step: 3_600_000 / count, range: 0, integers: false)
            ),
            (
                "random times",
                ttl_bench_rows(first: 0, count: count, expiry: begin, step: 0, range: 3_600_000, integers: false)
            ),
        ]
    }

    private static func measure(_ workshop: Workshop, _ kind: String, _ rows: ttl_bench_rows) throws -> [Row] {
        let template = try workshop.makeFile(rows)
        defer { Workshop.removeFile(template) }
        let count = Int(rows.count)
        let rounds = try Rounds(workshop.options.roundCount) { contestant in
            try workshop.withCopy(of: template) { path in
                try purge(contestant, Site(path: path, count: count, workshop.options))
            }
        }
        return Report(
            kind: kind, count: count, rounds: rounds, rate: 80_000, percentile: 0.025, longest: 0.050
        ).rows
    }

    // MARK: One turn

    struct Outcome {
        /// Rows deleted in a second.
        var rate: Double
        /// Of the other process, in seconds: what each write took during the purge, and the longest up to the end.
        var waits: [Double]
        var longestWait: Double
        /// In bytes.
        var longestLog: Double
    }

    /// The file of a turn, and what happens around it.
    struct Site {
        let path: String
        let count: Int
        /// Whether the other process copies the log into the file within its commits, as SQLite does by itself.
        let othersCheckpoint: Bool
        /// For how long the other process goes on after the purge, in microseconds.
        let aftermath: UInt32

        init(path: String, count: Int, othersCheckpoint: Bool = true, _ options: Options) {
            self.path = path
            self.count = count
            self.othersCheckpoint = othersCheckpoint
            aftermath = UInt32(options.size(1_000_000, quick: 200_000))
        }
    }

    static func purge(_ contestant: Contestant, _ site: Site) throws -> Outcome {
        let (path, count) = (site.path, site.count)
        switch contestant {
        case .c:
            let store = try CStore(path)
            return try besideAnotherProcess(site) { try store.purge() }
        case .grdb:
            let store = try GRDBStore(path)
            return try besideAnotherProcess(site) {
                var total = 0
                while total < count {
                    let deleted = try store.purgeBatch(limit: 1000)
                    if deleted == 0 { break }
                    total += deleted
                    usleep(5000)
                }
                return total
            }
        case .store:
            let backlog = Backlog(count: count)
            let store = try backlog.open(path)
            defer { store.close() }
            return try besideAnotherProcess(site) { try backlog.becomeDue(in: store) }
        }
    }

    /// Runs `work`, which returns how many rows it deleted, while the other process writes, and for a moment more.
    private static func besideAnotherProcess(_ site: Site, _ work: () throws -> Int) throws -> Outcome {
        let other = try Child(.otherProcess(path: site.path, checkpoints: site.othersCheckpoint))
        try other.waitForFirstByte()
        // The store has had its first look by then, and the other process its first writes.
        usleep(300_000)
        let log = LogWatch(site.path)
        let begun = ttl_bench_steady()
        let deleted = try work()
        let ended = ttl_bench_steady()
        usleep(site.aftermath)
        let longestLog = log.stop()
        let data = try other.finish()
        guard deleted >= site.count else { throw WrongResult("\(deleted) of \(site.count) rows were purged") }
        let writes = data.withUnsafeBytes { bytes in
            (0..<bytes.count / MemoryLayout<ttl_bench_write>.size).map {
                bytes.loadUnaligned(fromByteOffset: $0 * MemoryLayout<ttl_bench_write>.size, as: ttl_bench_write.self)
            }
        }.filter { $0.begun + $0.took >= begun }
        guard !writes.isEmpty else { throw WrongResult("the other process wrote nothing") }
        let during = writes.filter { $0.begun < ended }.map { Double($0.took) / 1e9 }
        return Outcome(
            rate: Double(deleted) / (Double(ended - begun) / 1e9), waits: during,
            longestWait: writes.map { Double($0.took) / 1e9 }.max() ?? 0, longestLog: longestLog)
    }
}
