#if Logging
public import Logging

extension TTLStore.Configuration {
    /// Logs each piece of the expirer's work: at the level `debug` if it is done, as `warning` if it has failed.
    ///
    /// The logger is called before a closure that was already set as `onExpirerActivity`. A closure that is set
    /// afterwards replaces both. Like that closure the logger runs on the store's thread, so a logger that blocks
    /// delays purges and `close()`. Messages hold neither keys nor values. A backlog makes a message for each
    /// batch, up to a hundred in a second; below the logger's level they cost only a comparison.
    ///
    /// An error that an operation throws goes to its caller, and is not logged.
    public mutating func log(to logger: Logger) {
        let previous = onExpirerActivity
        onExpirerActivity = { activity in
            activity.log(to: logger)
            previous?(activity)
        }
    }
}

extension TTLStore.ExpirerActivity {
    fileprivate func log(to logger: Logger) {
        switch self {
        case .purged(let count): logger.debug("expired entries purged", metadata: ["count": "\(count)"])
        case .evicted(let count): logger.debug("entries evicted", metadata: ["count": "\(count)"])
        case .checkpointed: logger.debug("log copied into the file")
        case .shrunk(let pages): logger.debug("free pages given back", metadata: ["pages": "\(pages)"])
        case .failed(let error):
            logger.warning("the expirer failed and tries again later", metadata: error.metadata)
        }
    }
}

extension TTLStoreError {
    fileprivate var metadata: Logger.Metadata {
        ["error": "\(self)", "code": "\(code)", "operation": "\(operation)"]
    }
}
#endif
