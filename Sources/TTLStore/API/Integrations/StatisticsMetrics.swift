#if Metrics
import Metrics

/// The metrics of one store, and the last reported statistics: counters add the difference.
struct StatisticsMetrics {
    private let counters: [(metric: Counter, value: KeyPath<TTLStore.Statistics, Int>)]
    private let gauges: [(metric: Gauge, value: (TTLStore.Statistics) -> Double)]
    private let lateness: Gauge
    private let failedReports: Counter
    private var previous = TTLStore.Statistics()

    init(prefix: String, dimensions: [(String, String)], factory: any MetricsFactory) {
        func counter(_ name: String) -> Counter {
            Counter(label: "\(prefix)_\(name)_total", dimensions: dimensions, factory: factory)
        }
        func gauge(_ name: String) -> Gauge {
            Gauge(label: "\(prefix)_\(name)", dimensions: dimensions, factory: factory)
        }
        counters = [
            (counter("hits"), \.hits), (counter("misses"), \.misses), (counter("sets"), \.sets),
            (counter("removals"), \.removals), (counter("dropped_removals"), \.droppedRemovals),
            (counter("evicted_entries"), \.evictedEntries), (counter("purged_entries"), \.purgedEntries),
            (counter("purge_batches"), \.purgeBatches), (counter("checkpoints"), \.checkpoints),
            (counter("reader_pauses"), \.readerPauses), (counter("wake_ups"), \.wakeUps),
            (counter("failures"), \.failures), (counter("uncached_computations"), \.uncachedComputations),
            (counter("undecodable_values"), \.undecodableValues),
        ]
        gauges = [
            (gauge("expired_entries"), { Double($0.expiredEntries) }),
            (gauge("oldest_overdue_seconds"), { ($0.oldestOverdue ?? .zero).seconds }),
            (gauge("file_bytes"), { Double($0.fileSize) }), (gauge("free_bytes"), { Double($0.freeSize) }),
            (gauge("log_bytes"), { Double($0.logSize) }), (gauge("threads"), { Double($0.threads) }),
            (gauge("longest_purge_seconds"), { $0.longestPurge.seconds }),
            (gauge("longest_hold_seconds"), { $0.longestHold.seconds }),
            (gauge("longest_reader_pause_seconds"), { $0.longestReaderPause.seconds }),
        ]
        lateness = gauge("lateness_p99_seconds")
        failedReports = counter("failed_reports")
    }

    mutating func report(_ statistics: TTLStore.Statistics) {
        for (metric, value) in counters {
            metric.increment(by: statistics[keyPath: value] - previous[keyPath: value])
        }
        for (metric, value) in gauges { metric.record(value(statistics)) }
        lateness.record((statistics.lateness.since(previous.lateness).percentile(99) ?? .zero).seconds)
        previous = statistics
    }

    func reportFailed() { failedReports.increment() }
}

extension Duration {
    fileprivate var seconds: Double { self / .seconds(1) }
}
#endif
