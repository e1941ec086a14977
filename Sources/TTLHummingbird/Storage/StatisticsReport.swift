#if Hummingbird
public import Metrics
import TTLStore

extension TTLStorePersistDriver {
    /// How ``run()`` reports the statistics of the store by swift-metrics: as `TTLStore.reportMetrics`.
    public struct StatisticsReport: Sendable {
        /// The beginning of all labels, before an underscore.
        public var prefix: String
        /// The dimensions of each metric, e.g. to tell two stores apart.
        public var dimensions: [(String, String)]
        /// From one report to the next. Less than 100 ms counts as 100 ms.
        public var interval: Duration
        /// Makes the metrics; nil for the one that `MetricsSystem` has when ``run()`` begins.
        public var factory: (any MetricsFactory)?

        /// - Parameters:
        ///   - prefix: the beginning of all labels, before an underscore.
        ///   - dimensions: the dimensions of each metric, e.g. to tell two stores apart.
        ///   - interval: from one report to the next. Less than 100 ms counts as 100 ms.
        ///   - factory: makes the metrics; nil for the one that `MetricsSystem` has when ``run()`` begins.
        public init(
            prefix: String = "ttlstore", dimensions: [(String, String)] = [], every interval: Duration = .seconds(10),
            to factory: (any MetricsFactory)? = nil
        ) {
            self.prefix = prefix
            self.dimensions = dimensions
            self.interval = interval
            self.factory = factory
        }

        /// Returns when its task is cancelled, or when it finds the store closed.
        func run(_ store: TTLStore) async {
            await store.reportMetrics(
                prefix: prefix, dimensions: dimensions, every: interval, to: factory ?? MetricsSystem.factory)
        }
    }
}
#endif
