#if Metrics
import Foundation
import MetricsTestKit
import TTLTestSupport
import Testing

@testable import TTLStore

@Suite("A store that reports its statistics", .hangLimit) struct MetricsIntegrationTests {
    private let metrics = TestMetrics()

    private func total(_ name: String) throws -> Int64 { try metrics.expectCounter("ttlstore_\(name)").totalValue }

    private func last(_ name: String) throws -> Double? { try metrics.expectGauge("ttlstore_\(name)").lastValue }

    /// One report, or two: a task that is cancelled before it begins reports once.
    private func reportOnce(_ store: TTLStore) async {
        let task = Task { await store.reportMetrics(to: metrics) }
        task.cancel()
        await task.value
    }

    @Test("metrics count the work of the store, and show the state of the file")
    func report() async throws {
        let store = try Setting.inFile.open()
        try await store.store.set("due", "value", expiring: .after(.seconds(1)))
        try await store.store.set("overdue", "value", expiring: .after(.seconds(3)))
        try await store.store.set("stays", "value")
        _ = try await store.store.get("stays") as String?
        _ = try await store.store.get("missing") as String?
        store.clock.advance(by: .seconds(2))
        #expect(try await store.store.purgeExpired() == 1)
        store.clock.advance(by: .seconds(5))
        await reportOnce(store.store)
        #expect(try total("sets_total") == 3)
        #expect(try total("hits_total") == 1)
        #expect(try total("misses_total") == 1)
        #expect(try total("purged_entries_total") == 1)
        #expect(try total("purge_batches_total") == 1)
        #expect(try total("failed_reports_total") == 0)
        #expect(try last("expired_entries") == 1)
        #expect(try last("oldest_overdue_seconds") == 4)
        let fileSize = try await store.store.statistics().fileSize
        #expect(try last("file_bytes") == Double(fileSize))
        #expect(try last("longest_purge_seconds").map { $0 > 0 } == true)
    }

    @Test("metrics count each hit once, however often they are reported")
    func increments() throws {
        var report = StatisticsMetrics(prefix: "ttlstore", dimensions: [], factory: metrics)
        var statistics = TTLStore.Statistics()
        for hits in [3, 3, 10] {
            statistics.hits = hits
            report.report(statistics)
        }
        #expect(try metrics.expectCounter("ttlstore_hits_total").values == [3, 0, 7])
    }

    @Test("metrics show the lateness of the purges since the last report, and zero without any")
    func lateness() throws {
        var report = StatisticsMetrics(prefix: "ttlstore", dimensions: [], factory: metrics)
        var statistics = TTLStore.Statistics()
        statistics.lateness.add(8000)
        report.report(statistics)
        for _ in 0..<5 { statistics.lateness.add(100) }
        report.report(statistics)
        report.report(statistics)
        #expect(try metrics.expectGauge("ttlstore_lateness_p99_seconds").values == [8.192, 0.128, 0])
    }

    @Test("a store reports metrics until the task is cancelled, and then once more")
    func repeats() async throws {
        let store = try TTLStore.inMemory()
        let task = Task { await store.reportMetrics(every: .zero, to: metrics) }
        try await store.set("key", "value")
        let hasRepeated = await eventuallyWithoutBlocking {
            (try? metrics.expectGauge("ttlstore_threads"))?.values.count ?? 0 > 1
        }
        #expect(hasRepeated)
        try await store.set("key", "value")
        task.cancel()
        await task.value
        #expect(try total("sets_total") == 2)
        await store.close()
    }

    @Test("reporting ends when it finds the store closed")
    func closed() async throws {
        let store = try TTLStore.inMemory()
        await store.close()
        await store.reportMetrics(to: metrics)
        #expect(try metrics.expectGauge("ttlstore_threads").values.isEmpty)
    }

    @Test("a failed report is counted, and reporting goes on")
    func failure() async throws {
        let store = try Setting.inFile.open()
        let path = try store.path
        try FileManager.default.moveItem(atPath: path, toPath: path + ".away")
        expectFailure(.fileReplaced) { try store.store.set("key", "value") }
        await reportOnce(store.store)
        #expect(try total("failed_reports_total") >= 1)
    }

    @Test("metrics have the given prefix and dimensions, and nothing from the file")
    func labels() async throws {
        let store = try TTLStore.inMemory()
        try await store.set("secret", "secret", tag: "secret")
        let task = Task {
            await store.reportMetrics(prefix: "cache", dimensions: [("store", "sessions")], to: metrics)
        }
        task.cancel()
        await task.value
        let labels = metrics.counters.map(\.label) + metrics.recorders.map(\.label)
        #expect(labels.count == Set(labels).count)
        #expect(labels.allSatisfy { $0.hasPrefix("cache_") && !$0.contains("secret") })
        let dimensions = metrics.counters.map(\.dimensions) + metrics.recorders.map(\.dimensions)
        #expect(dimensions.allSatisfy { $0.count == 1 && $0[0] == ("store", "sessions") })
        await store.close()
    }
}
#endif
