/// A purge by hand: batches and pauses on the caller's thread, until no due entry is left. Then free pages are given
/// back in the same way.
struct ManualPurge {
    let engine: Engine
    let store: RunningStore
    private var purge: Purge

    init(_ engine: Engine, _ store: RunningStore) {
        self.engine = engine
        self.store = store
        purge = Purge(clock: engine.clock)
    }

    mutating func run(_ progress: ((Int) -> Void)?) throws(TTLStoreError) -> Int {
        var total = 0
        var isDamaged = false
        while true {
            let result = try engine.noting { () throws(TTLStoreError) in try purge.runBatch(store) }
            engine.activity.notePurge(of: result.expiries, until: result.endedAt, held: result.held)
            total += result.count
            if result.foundDamage { isDamaged = true }
            if result.count > 0 { progress?(total) }
            engine.settleLog(early: result.isAlone)
            guard result.isBacklog else { break }
            let pauseEnd = MonotonicTime.now + result.pause
            // If this fails, the batch itself reads, and reports the error.
            try? purge.foresee(store, engine.removals)
            pause(until: pauseEnd)
        }
        while total > 0 {
            let (_, removed, held) = try engine.shrink(patience: store.patience)
            engine.settleLog()
            guard removed > 0 else { break }
            pause(until: .now + BusyTimeout.pause(after: held))
        }
        // All due entries that could be deleted are deleted.
        if isDamaged { throw TTLStoreError(.damagedIndex, in: "purgeExpired") }
        return total
    }

    /// Leaves the write lock to others; a closing store skips the pause.
    private func pause(until end: MonotonicTime) {
        guard !engine.stop.isSet else { return }
        sleepThread(microseconds: UInt32(clamping: max(0, end.milliseconds(since: .now) * 1000)))
    }
}

extension Engine {
    func purgeByHand(_ progress: ((Int) -> Void)?) throws(TTLStoreError) -> Int {
        let queue = try writingQueue("purgeExpired")
        let patience = Patience(busyTimeout: configuration.busyTimeoutMilliseconds)
        var purge = ManualPurge(self, batchStore(queue, patience))
        gate.enter()
        defer { follow(gate.leave()) }
        return try purge.run(progress)
    }

    func purgeByHand(_ progress: (@Sendable (Int) -> Void)?) async throws(TTLStoreError) -> Int {
        _ = try writingQueue("purgeExpired")
        let (result, hasClosed) = try await onMaintenanceWorker("purgeExpired") { [self] () throws(TTLStoreError) in
            let result: Result<Int, TTLStoreError>
            do throws(TTLStoreError) { result = .success(try purgeByHand(progress)) } catch { result = .failure(error) }
            return (result, gate.hasAsked)
        }
        if hasClosed { await closeSuspending() }
        return try result.get()
    }
}
