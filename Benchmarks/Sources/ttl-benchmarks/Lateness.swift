import CTTLBenchmarkLoops
import Foundation
import TTLStore

/// When rows leave the file after they are due, and how often the store's thread wakes up for them.
enum Lateness: Benchmark {
    static let name = "lateness"
    static let summary = "10,000 rows due within 60 s: how late they leave the file, and wake-ups"

    static func run(_ workshop: Workshop) throws -> [Row] {
        let count = workshop.options.size(10_000, quick: 1000)
        let time = workshop.options.size(60, quick: 15)
        // Time enough to fill the file, to open it, and for the first look of the store's thread.
        let begin = ttl_bench_wall() + 1500
        let path = try workshop.makeFile(
            ttl_bench_rows(
                first: 0, count: Int64(count), expiry: begin, step: 0, range: Int64(time) * 1000, integers: false))
        defer { Workshop.removeFile(path) }
        let store = try TTLStore(path: path)
        defer { store.close() }
        let (lateness, wakeUps) = try watch(store, path, from: begin, for: time)
        let percentile = lateness.percentile(99)
        let rate = Double(wakeUps.reduce(0, +)) / Double(wakeUps.count)
        return [
            Row(
                work: "\(Format.count(count)) rows due within \(time) s: late by, 99th percentile",
                store: Format.milliseconds(percentile), target: "≤ " + Format.milliseconds(0.25),
                isMet: percentile <= 0.25),
            Row(work: "… the latest", store: Format.milliseconds(lateness.max() ?? .nan)),
            Row(
                work: "… as the store counts it, 99th percentile",
                store: try store.statistics().lateness.percentile(99).map { "≤ " + Format.milliseconds($0.inSeconds) }
                    ?? "–"),
            Row(
                work: "… wake-ups in a second", store: String(format: "%.1f, at most %d", rate, wakeUps.max() ?? 0),
                target: "≤ 11", isMet: wakeUps.allSatisfy { $0 <= 11 }),
        ]
    }

    /// Looks at the file every 10 ms.
    /// - Returns: how late each row was gone, in seconds, and the wake-ups of each second.
    private static func watch(
        _ store: TTLStore, _ path: String, from begin: Int64, for time: Int
    ) throws -> (lateness: [Double], wakeUps: [Int]) {
        let watch = try RowWatch(path)
        let end = begin + Int64(time) * 1000
        var wakeUps: [Int] = []
        var second = (begin: begin, wakeUps: 0)
        while watch.areSomeLeft {
            let now = try watch.look()
            guard now < end + 10_000 else { throw WrongResult("rows are in the file 10 s after they were due") }
            if now < begin { second = (begin, try store.statistics().wakeUps) }
            if now >= second.begin + 1000, now < end + 1000 {
                let count = try store.statistics().wakeUps
                wakeUps.append(count - second.wakeUps)
                second = (now, count)
            }
            usleep(10_000)
        }
        return (watch.lateness, wakeUps)
    }
}
