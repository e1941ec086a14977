@testable import TTLStore

extension Engine {
    /// The store, for a batch that waits that long for the turn and the lock.
    func batchStore(timeout: Milliseconds = 1000) throws(TTLStoreError) -> RunningStore {
        batchStore(try writingQueue("test"), Patience(busyTimeout: timeout))
    }
}

extension PendingRemovals {
    /// The work after a commit.
    func publish() -> Bool {
        let batch = take()
        if !batch.isEmpty { feed.publish(batch) }
        return !batch.isEmpty
    }
}
