extension TTLStore {
    /// Deletes all entries that have expired, in batches that hold the write lock for about 10 ms, with pauses of the
    /// same length in which others write, and gives free pages back in the same way.
    ///
    /// There is no need to call it for correctness, and with automatic purging none at all.
    /// - Parameter progress: called after each batch with the number of entries deleted so far, on the calling thread,
    ///   outside every lock.
    /// - Returns: how many entries were deleted: those that were due when the file was last read.
    /// - Throws: the errors of a write. The batches before it stay deleted.
    @discardableResult
    public func purgeExpired(progress: ((Int) -> Void)? = nil) throws(TTLStoreError) -> Int {
        _ = try engine.writingQueue("purgeExpired")
        var purge = Purge(clock: configuration.clock)
        var total = 0
        while true {
            let result = try purge.runBatch(engine, timeout: configuration.busyTimeoutMilliseconds)
            engine.activity.note(result)
            total += result.count
            if result.count > 0 { progress?(total) }
            engine.settleLog()
            guard result.isBacklog else { break }
            let pauseEnd = MonotonicTime.now + result.held
            // Without it the batch itself reads, and reports what fails.
            try? purge.foresee(engine, timeout: max(1, result.held))
            sleepThread(microseconds: UInt32(clamping: max(0, pauseEnd.milliseconds(since: .now) * 1000)))
        }
        while total > 0 {
            let (_, removed, held) = try engine.shrink(timeout: configuration.busyTimeoutMilliseconds)
            engine.settleLog()
            guard removed > 0 else { break }
            sleepThread(microseconds: UInt32(clamping: held * 1000))
        }
        return total
    }

    /// As the synchronous form; it runs on one of Dispatch's threads, and so does `progress`. The cancellation of the
    /// task is ignored.
    @discardableResult
    public func purgeExpired(progress: (@Sendable (Int) -> Void)? = nil) async throws(TTLStoreError) -> Int {
        _ = try engine.writingQueue("purgeExpired")
        // Not among the reads, which would wait for it.
        return try await AsyncReads(limit: 1).run { [self] () throws(TTLStoreError) in
            try purgeExpired(progress: progress)
        }
    }
}
