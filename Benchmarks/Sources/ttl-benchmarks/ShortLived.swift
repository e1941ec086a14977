import CTTLBenchmarkLoops
import Foundation
import GRDB
import Synchronization
import TTLStore

/// New keys with a time to live of one second, as fast as they can be set: the file should stay as large as what is
/// live.
enum ShortLived: Benchmark {
    static let name = "short-lived"
    static let summary = "30 s of sets with a time to live of 1 s, 1 and 8 threads: rate, expired rows, file, log"

    static func run(_ workshop: Workshop) throws -> [Row] {
        let time = workshop.options.size(30, quick: 1)
        return try [1, 8].flatMap { threads in
            let path = workshop.newPath()
            defer { Workshop.removeFile(path) }
            return try measure(path, threads: threads, seconds: time).rows(
                "\(time) s of sets with a time to live of 1 s, \(threads) thread\(threads > 1 ? "s" : "")")
        }
    }

    private static func measure(_ path: String, threads: Int, seconds: Int) throws -> Outcome {
        let store = try TTLStore(path: path)
        defer { store.close() }
        let (log, isOver, counts) = (Watch.log(of: path), Flag(), Counts())
        let (all, failures) = (DispatchGroup(), Failures())
        let begun = ContinuousClock.now
        for thread in 0..<threads {
            all.enter()
            Thread {
                do { counts.add(try set(store, thread, isOver)) } catch { failures.add(error) }
                all.leave()
            }.start()
        }
        usleep(UInt32(seconds) * 500_000)
        let half = Result { try Look(path) }
        usleep(UInt32(seconds) * 500_000)
        let end = Result { try Look(path) }
        isOver.raise()
        all.wait()
        let time = (ContinuousClock.now - begun).inSeconds
        if let first = failures.first { throw first }
        return Outcome(
            rate: Double(counts.sum) / time, half: try half.get(), end: try end.get(),
            log: log.stop())
    }

    /// Returns how many it has set.
    private static func set(_ store: TTLStore, _ thread: Int, _ isOver: Flag) throws -> Int {
        var count = 0
        while !isOver.isRaised {
            try store.set("\(thread):\(count)", Material.value, expiring: .after(.seconds(1)))
            count += 1
        }
        return count
    }

    /// Of several threads.
    private final class Counts: Sendable {
        private let total = Atomic<Int>(0)

        func add(_ count: Int) { total.add(count, ordering: .relaxed) }

        var sum: Int { total.load(ordering: .relaxed) }
    }

    private struct Outcome {
        /// Sets in a second.
        var rate: Double
        var half: Look
        var end: Look
        /// The longest, in bytes.
        var log: Int

        func rows(_ work: String) -> [Row] {
            let size = { (look: Look) in Format.mebibytes(Double(look.size)) }
            return [
                Row(work: work, store: Format.perSecond(rate)),
                Row(
                    work: "… expired rows beside live ones, at half time and at the end",
                    store: "\(half.expired) beside \(half.live), \(end.expired) beside \(end.live)",
                    target: "≤ live + 15,000", isMet: end.expired <= end.live + 15_000),
                Row(
                    work: "… the file at half time and at the end", store: "\(size(half)), \(size(end))",
                    target: "≤ 1.1 × half time", isMet: Double(end.size) <= 1.1 * Double(half.size)),
                Row(
                    work: "… longest log", store: Format.mebibytes(Double(log)), target: "≤ 40 MiB",
                    isMet: log <= 40 * 1_048_576),
            ]
        }
    }

    /// What another connection finds in the file at one moment.
    private struct Look {
        var live: Int
        var expired: Int
        /// In bytes.
        var size: Int

        init(_ path: String) throws {
            var configuration = Configuration()
            configuration.readonly = true
            configuration.busyMode = .timeout(5)
            let file = try DatabaseQueue(path: path, configuration: configuration)
            self = try file.read { db in
                let pages = try Int.fetchOne(db, sql: "PRAGMA page_count") ?? 0
                let now = ttl_bench_wall()
                let count = { (sql: String) in try Int.fetchOne(db, sql: sql, arguments: [now]) ?? 0 }
                return Look(
                    live: try count("SELECT count(*) FROM entries WHERE expires_at > ?1"),
                    expired: try count("SELECT count(*) FROM entries WHERE expires_at <= ?1"),
                    size: pages * (try Int.fetchOne(db, sql: "PRAGMA page_size") ?? 0))
            }
        }

        private init(live: Int, expired: Int, size: Int) {
            (self.live, self.expired, self.size) = (live, expired, size)
        }
    }
}

/// Raised once, looked at by many threads.
final class Flag: Sendable {
    private let raised = Atomic<Bool>(false)

    func raise() { raised.store(true, ordering: .releasing) }

    var isRaised: Bool { raised.load(ordering: .acquiring) }
}
