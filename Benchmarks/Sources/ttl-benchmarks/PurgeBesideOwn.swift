import CTTLBenchmarkLoops
import Foundation
import TTLStore

/// Deleting a backlog of expired rows while threads of the same program write to the same store.
enum PurgeBesideOwn: Benchmark {
    static let name = "purge-own"
    static let summary = "delete 300,000 expired rows while 4 threads of the store's own program write every 2 ms"
    private static let writers = 4

    static func run(_ workshop: Workshop) throws -> [Row] {
        let count = workshop.options.size(300_000, quick: 20_000)
        let template = try workshop.makeFile(
            ttl_bench_rows(
                first: 0, count: Int64(count), expiry: ttl_bench_wall() - 3_700_000, step: 0, range: 3_600_000,
                integers: false))
        defer { Workshop.removeFile(template) }
        let rounds = try Rounds(workshop.options.roundCount, among: [Contestant.store]) { _ in
            try workshop.withCopy(of: template) { path in try purge(path, count) }
        }
        let longest = rounds.median(.store) { $0.waits.max() ?? 0 } ?? 0
        let rare = rounds.median(.store) { $0.waits.percentile(99.9) } ?? 0
        return [
            Row(
                "purge of \(Format.count(count)) beside \(writers) threads that write", rounds, target: "–",
                figure: { $0.rate }, format: Format.perSecond),
            Row(
                "… their writes, 99th percentile", rounds, target: "–", figure: { $0.waits.percentile(99) },
                format: Format.milliseconds),
            Row(
                "… their writes, 99.9th percentile", rounds, target: "≤ 5 ms", isMet: rare <= 0.005,
                figure: { $0.waits.percentile(99.9) }, format: Format.milliseconds),
            Row(
                "… their longest wait", rounds, target: "≤ 50 ms", isMet: longest <= 0.05,
                figure: { $0.waits.max() ?? 0 }, format: Format.milliseconds),
        ]
    }

    private struct Outcome {
        /// Rows deleted in a second.
        var rate: Double
        /// What each write took, in seconds.
        var waits: [Double]
    }

    private static func purge(_ path: String, _ count: Int) throws -> Outcome {
        let backlog = Backlog(count: count)
        let store = try backlog.open(path)
        defer { store.close() }
        // After the store's first look.
        usleep(300_000)
        let (isOver, all, failures, waits) = (Flag(), DispatchGroup(), Failures(), Waits())
        for writer in 0..<writers {
            all.enter()
            Thread {
                do { waits.add(try write(store, writer, until: isOver)) } catch { failures.add(error) }
                all.leave()
            }.start()
        }
        var deleted = 0
        let time = try seconds { deleted = try backlog.becomeDue(in: store) }
        isOver.raise()
        all.wait()
        if let first = failures.first { throw first }
        guard deleted >= count else { throw WrongResult("\(deleted) of \(count) rows were purged") }
        return Outcome(rate: Double(deleted) / time, waits: waits.all)
    }

    /// Returns what each write took, in seconds.
    private static func write(_ store: TTLStore, _ writer: Int, until isOver: Flag) throws -> [Double] {
        var times: [Double] = []
        while !isOver.isRaised {
            let begun = ttl_bench_steady()
            try store.set("own:\(writer):\(times.count % 100)", Material.value)
            times.append(Double(ttl_bench_steady() - begun) / 1e9)
            usleep(2000)
        }
        return times
    }

    private final class Waits: @unchecked Sendable {
        // Sendable: the lock guards the times.
        private let lock = NSLock()
        private var times: [Double] = []

        func add(_ more: [Double]) { lock.withLock { times += more } }

        var all: [Double] { lock.withLock { times } }
    }
}
