/// What keeps the file and its log small.
extension Engine {
    /// The length of the log after this store's latest commit.
    var logFrames: Int { writing?.gauge.frames ?? 0 }

    var maximumLogFrames: Int { writing?.maximumLogFrames ?? .max }

    func committed(_ earliestExpiry: Timestamp?) {
        guard let expirer else { return }
        if let earliestExpiry { expirer.arm(earliestExpiry) }
        expirer.noteLog(frames: logFrames)
        if isOverLimit { expirer.noteSize() }
    }

    /// Known from the start on, and nil in a store of any size.
    var sizeGauge: SizeGauge? { writing?.queue.writer.limits?.gauge }

    /// True where the thread can't keep up with the log, or there is no thread.
    var isLogOverlong: Bool { logFrames > maximumLogFrames }

    func checkpointAsWriter() { writing?.checkpointer?.runForWriter(limit: maximumLogFrames) }

    /// Not among the asynchronous reads, which never wait for writers.
    func checkpointAsWriter() async {
        try? await AsyncReads(limit: 1).run { [self] () throws(TTLStoreError) in checkpointAsWriter() }
    }

    /// After work in a transaction of its own, which no `write` looks after.
    func settleLog() {
        expirer?.noteLog(frames: logFrames)
        if isLogOverlong { checkpointAsWriter() }
    }

    /// Gives free pages back for a few milliseconds.
    /// - Returns: the file's pages afterwards, how many were removed, and for how long the write lock was held.
    func shrink(timeout: Milliseconds) throws(TTLStoreError) -> (pages: FilePages, removed: Int, held: Milliseconds) {
        var begun = MonotonicTime.now
        let (before, after) = try transaction("shrink", timeout: timeout) { writer in
            begun = .now
            return try FilePages.shrink(writer.connection, for: Purge.budget / 2)
        }
        return (after, before.total - after.total, MonotonicTime.now.milliseconds(since: begun))
    }

    func releaseMemory() { readers.releaseMemory() }

    /// For tests: the expirer reads the clock again.
    func wakeExpirer() { expirer?.wakeUp() }
}
