#if Metrics
public import Metrics

extension TTLStore {
    /// Reports the store's statistics at once, again after each interval, and a last time before it returns: when
    /// its task is cancelled, or at the first report that finds the store closed or the process forked.
    ///
    /// <doc:Integrations> lists the metrics. A report that fails for another reason, such as a lock, is left out
    /// and counted by `failed_reports_total`; the next one makes up for it. Each report costs a call of
    /// `statistics()`, O(expired entries), on a thread of the store's own. The call keeps the store from being
    /// dropped. Two calls for one store count everything twice.
    /// - Parameters:
    ///   - prefix: the beginning of all labels, before an underscore.
    ///   - dimensions: the dimensions of each metric, e.g. to tell two stores apart.
    ///   - interval: from one report to the next. Less than 100 ms counts as 100 ms.
    ///   - factory: makes the metrics.
    public func reportMetrics(
        prefix: String = "ttlstore", dimensions: [(String, String)] = [], every interval: Duration = .seconds(10),
        to factory: any MetricsFactory = MetricsSystem.factory
    ) async {
        var metrics = StatisticsMetrics(prefix: prefix, dimensions: dimensions, factory: factory)
        while true {
            let isLast = Task.isCancelled
            do throws(TTLStoreError) {
                metrics.report(try await statistics())
            } catch {
                guard error.code != .closed, error.code != .forked else { return }
                metrics.reportFailed()
            }
            if isLast { return }
            // It throws for a cancelled task, which then reports for the last time.
            try? await Task.sleep(for: max(interval, .milliseconds(100)))
        }
    }
}
#endif
