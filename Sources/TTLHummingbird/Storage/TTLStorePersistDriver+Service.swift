#if Hummingbird
import ServiceLifecycle
import Synchronization
import TTLStore

extension TTLStorePersistDriver {
    /// Reports the statistics of the store, until the service group shuts down gracefully or the task is cancelled;
    /// then reports a last time, and shuts the driver down.
    ///
    /// Statistics are reported only while it runs. Whatever happens to the driver meanwhile, only the shutdown of the
    /// group or the cancellation of the task ends it: a service that returned earlier would end the whole group. So it
    /// may run after ``shutdown()``, and twice at the same time: one of the runs reports, and the last one that ends
    /// shuts the driver down. A run that begins after another one has ended counts again from the opening of the store.
    ///
    /// A group ends its services in the reverse order, and an `Application` ends its server before its services: they
    /// can use the driver until they have ended. Suspends the task. Closing takes as long as `TTLStore.close()`, also
    /// in a task that is cancelled.
    public func run() async {
        let isFirst = runs.add(1, ordering: .sequentiallyConsistent).oldValue == 0
        await withTaskGroup(of: Void.self) { group in
            if let statistics, isFirst {
                group.addTask { [store] in await statistics.run(store) }
            }
            // It throws for a cancelled task. Either way the wait is over.
            try? await gracefulShutdown()
            group.cancelAll()
        }
        let isLast = runs.subtract(1, ordering: .sequentiallyConsistent).newValue == 0
        if isLast { await shutdown() }
    }

    /// Closes the store, if the driver has opened it. A store that the program shares with the driver stays open, and
    /// the driver usable.
    ///
    /// When it returns, the thread of the store has ended and every acknowledged write is in the file or its log. From
    /// the call on, each function of the driver throws a `TTLStoreError` with the code `closed`. May be called more
    /// than once, and from several tasks at once. Suspends the task, whose cancellation is ignored, and takes as long
    /// as `TTLStore.close()`.
    public func shutdown() async {
        if ownsStore { await store.close() }
    }
}
#endif
