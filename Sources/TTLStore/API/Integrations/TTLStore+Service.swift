#if ServiceLifecycle
public import ServiceLifecycle

extension TTLStore: Service {
    /// Waits until the service group shuts down gracefully or the task is cancelled, closes the store, and returns.
    ///
    /// A group ends its services in the reverse order: put the store before the services that use it, and it is
    /// closed after them. Closing takes as long as ``close()-536z5``, also in a task that is cancelled. Outside of
    /// a group only the cancellation ends the wait. A store that is closed elsewhere does not end it.
    public func run() async {
        // It throws for a cancelled task. Either way the wait is over.
        try? await gracefulShutdown()
        await close()
    }
}
#endif
