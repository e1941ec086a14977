/// How a store ends: see `TTLStore.close()` for the contract.
extension Engine {
    /// Ends the threads, every wait for a lock, and all connections.
    func close() {
        guard turnAway() else { return }
        follow(gate.close())
        if gate.isAsked(keeping: self) { beginClosing() }
    }

    func follow(_ answer: ClosingState.Answer) {
        switch answer {
        case .close: closeNow()
        case .wait: gate.wait()
        case .nothing: break
        }
    }

    /// For a task, which must not block: closes on one thread for this alone, however many tasks ask.
    func closeSuspending() async {
        guard turnAway() else { return }
        switch gate.closeForTask() {
        case .close: _ = try? await LoneThread.run("TTLStore.close") { [self] () throws(TTLStoreError) in closeNow() }
        case .wait: await gate.waitSuspended()
        case .nothing: break
        }
    }

    /// Called before anything else: from then on every operation finds the store closed.
    /// - Returns: false in a forked child. There is no thread to join, and closing SQLite's handles could delete the
    ///   parent's log: they stay open, and the engine with them, until the child ends.
    private func turnAway() -> Bool {
        guard ForkGuard.current == forkGeneration else {
            _ = Unmanaged.passRetained(self)
            return false
        }
        stop.set()
        flights.close()
        return true
    }

    /// Runs code of the program for which closing waits.
    func inside<Success>(_ body: () throws -> Success) rethrows -> Success {
        gate.enter()
        defer { follow(gate.leave()) }
        return try body()
    }

    /// Ends every wait and turns away new operations, without waiting itself.
    private func beginClosing() {
        expirer?.wakeUp()
        readers.beginClosing()
        maintenance.beginClosing()
        readWorkers.close()
        maintenanceWorkers.close()
        timekeeper.close()
        writing?.checkpointer?.interrupt()
        writing?.queue.beginClosing()
    }

    private func closeNow() {
        beginClosing()
        // Closed before the threads are joined: one of them may be waiting for its turn behind a long statement.
        writing?.queue.close()
        if writing == nil { file.watch?.leave() }
        memory?.close()
        readers.close()
        maintenance.close()
        threads.join()
        if let writing {
            writing.queue.writer.connection.limitingTime(to: Engine.lastEffortLimit) {
                releaseComputations(ClosingStore(writeTransaction: writing.queue.writeTransaction))
                lastEffort(ClosingStore(writeTransaction: writing.queue.writeTransaction))
            }
            writing.checkpointer?.close()
            file.close(last: writing.queue.writer.connection)
        }
        file.folder?.close()
        removals.finish()
        if expirer != nil { LiveCounts.threads.countDown() }
        LiveCounts.stores.countDown()
        gate.closed()
    }

    /// The longest time for one piece of the last effort. A statement that takes longer, on a damaged file, is given
    /// up.
    private static let lastEffortLimit: Milliseconds = 50

    /// Purges for a moment: a process that lives for milliseconds never wakes its thread, and its file must not grow
    /// for ever. Nothing here waits for a lock.
    private func lastEffort(_ store: ClosingStore) {
        guard configuration.purging == .automatic else { return }
        var pages: FilePages?
        var purge = Purge(clock: clock, isLast: true)
        if let result = try? purge.runBatch(store), result.count > 0 { pages = result.pages }
        if store.writeTransaction.writer.limits != nil {
            var eviction = Eviction(clock: clock, pace: BatchPace(fixed: TimedBatch.lastBudget))
            let result = try? eviction.runBatch(store, counting: .whenQuick)
            if let result, result.count > 0 { pages = result.pages }
        }
        if let pages, pages.free > pages.spareLimit {
            _ = try? store.withTransaction("close") { writer in
                try FilePages.shrink(writer.connection, for: TimedBatch.lastBudget / 2)
            }
        }
    }
}
