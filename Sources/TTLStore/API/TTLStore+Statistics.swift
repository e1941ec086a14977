extension TTLStore {
    /// The state of the file, and what this store has done since it was opened.
    ///
    /// O(expired entries), since they are counted; the other figures cost a few index steps.
    /// - Throws: the errors of a read.
    public func statistics() throws(TTLStoreError) -> Statistics {
        try engine.statistics()
    }

    /// The state of the file, and what this store has done since it was opened.
    ///
    /// O(expired entries), since they are counted; the other figures cost a few index steps.
    ///
    /// Suspends the task, whose cancellation is ignored.
    /// - Throws: the errors of a read.
    public func statistics() async throws(TTLStoreError) -> Statistics {
        try engine.checkUsable("statistics")
        return try await engine.onReadWorker("statistics") { [engine] () throws(TTLStoreError) in
            try engine.statistics()
        }
    }
}
