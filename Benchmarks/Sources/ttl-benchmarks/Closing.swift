import CTTLBenchmarkLoops
import Foundation
import TTLStore

/// Closing a store that wants the write lock, which another process holds.
enum Closing: Benchmark {
    static let name = "close"
    static let summary = "close a store while another process holds the write lock: the longest of 50"

    static func run(_ workshop: Workshop) throws -> [Row] {
        let count = workshop.options.size(50, quick: 10)
        // Expired rows, so that the store's thread wants the lock as well.
        let path = try workshop.makeFile(
            ttl_bench_rows(
                first: 0, count: 1000, expiry: ttl_bench_wall() - 60_000, step: 1, range: 0, integers: false))
        defer { Workshop.removeFile(path) }
        let holder = try Child(.lockHolder(path: path))
        try holder.waitForFirstByte()
        var dice = Dice()
        // The thread has its first look after 100 ms, and waits for the lock from then on.
        let times = try (0..<count).map { _ in
            try close(path, after: UInt32.random(in: 0..<200_000, using: &dice))
        }
        _ = try holder.finish()
        let longest = times.max() ?? .nan
        return [
            Row(
                work: "close while another process holds the lock, longest of \(count)",
                store: "\(Format.milliseconds(longest)) (median \(Format.milliseconds(times.median)))",
                target: "< " + Format.milliseconds(0.1), isMet: longest < 0.1)
        ]
    }

    /// How long it takes, in seconds, with a writer that waits for the lock.
    private static func close(_ path: String, after microseconds: UInt32) throws -> Double {
        let store = try TTLStore(path: path)
        let failures = Failures()
        let hasEnded = DispatchSemaphore(value: 0)
        Thread {
            do { try store.set("key", Material.value, expiring: .after(timeToLive)) } catch { failures.add(error) }
            hasEnded.signal()
        }.start()
        usleep(microseconds)
        let time = seconds { store.close() }
        hasEnded.wait()
        guard let error = failures.first as? TTLStoreError, error.code == .closed else {
            throw WrongResult("a writer waited for a lock, and was not told that the store has closed")
        }
        return time
    }
}
