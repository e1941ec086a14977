import CTTLBenchmarkLoops
import Foundation
import Synchronization
import TTLStore

/// The cost of a consumer of removals for a purge.
enum Events: Benchmark {
    static let name = "events"
    static let summary = "delete 300,000 expired rows, with a reader of what leaves, against none"

    static func run(_ workshop: Workshop) throws -> [Row] {
        let count = workshop.options.size(300_000, quick: 20_000)
        let begin = ttl_bench_wall() - 3_700_000
        return try [
            ("one time to live", Int64(3_600_000 / count), Int64(0)), ("random times", Int64(0), Int64(3_600_000)),
        ].map { kind, step, range in
            let template = try workshop.makeFile(
                ttl_bench_rows(
                    first: 0, count: Int64(count), expiry: begin, step: step, range: range, integers: false))
            defer { Workshop.removeFile(template) }
            let rounds = try Rounds(workshop.options.roundCount, among: Variant.allCases) { variant in
                try workshop.withCopy(of: template) { path in
                    try purge(path, count, isWatched: variant == .with)
                }
            }
            return Row(
                "purge of \(Format.count(count)) with a reader of events, \(kind)", rounds, to: "without", limit: 1.05,
                figure: { $0 }, format: Format.milliseconds)
        }
    }

    /// In seconds, until all rows are deleted. No other process uses the file.
    private static func purge(_ path: String, _ count: Int, isWatched: Bool) throws -> Double {
        let backlog = Backlog(count: count)
        let store = try backlog.open(path)
        let reader = isWatched ? try read(store) : nil
        // The store has had its first look by then.
        usleep(300_000)
        let time = try seconds {
            let deleted = try backlog.becomeDue(in: store)
            guard deleted >= count else { throw WrongResult("\(deleted) of \(count) rows were purged") }
        }
        store.close()
        if let reader, reader.total() < count { throw WrongResult("\(reader.total()) of \(count) were reported") }
        return time
    }

    /// Counts what leaves, with a buffer that holds all of it.
    private static func read(_ store: TTLStore) throws -> Reader {
        let reader = Reader()
        let removals = try store.removals(buffering: 1_000_000)
        Task {
            for await _ in removals { reader.count() }
            reader.finish()
        }
        return reader
    }
}

/// How many removals were read, known when the sequence has ended.
private final class Reader: Sendable {
    private let read = Atomic<Int>(0)
    private let isDone = DispatchSemaphore(value: 0)

    func count() { read.add(1, ordering: .relaxed) }

    func finish() { isDone.signal() }

    func total() -> Int {
        isDone.wait()
        isDone.signal()
        return read.load(ordering: .relaxed)
    }
}
