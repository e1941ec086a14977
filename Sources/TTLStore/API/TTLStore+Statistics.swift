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

    /// How the entries are spread over the time to come, and their values over sizes, all as of one moment.
    ///
    /// O(entries): half a second for a million small ones. Expiries are counted in their index. For the sizes each row
    /// is read, and with SQLite before 3.43 each text value, too. SQLite can't begin the log anew meanwhile.
    /// - Throws: the errors of a read.
    public func distribution() throws(TTLStoreError) -> Distribution {
        try engine.distribution()
    }

    /// How the entries are spread over the time to come, and their values over sizes, all as of one moment.
    ///
    /// O(entries): half a second for a million small ones. Expiries are counted in their index. For the sizes each row
    /// is read, and with SQLite before 3.43 each text value, too. SQLite can't begin the log anew meanwhile.
    ///
    /// Suspends the task, whose cancellation is ignored.
    /// - Throws: the errors of a read.
    public func distribution() async throws(TTLStoreError) -> Distribution {
        try engine.checkUsable("distribution")
        return try await engine.onReadWorker("distribution") { [engine] () throws(TTLStoreError) in
            try engine.distribution()
        }
    }
}
