import Synchronization

/// The store's thread: deletes expired entries, copies the log, gives free pages back, and sleeps.
///
/// `ExpirerPlan` decides what to do, this class does it. The lock guards the plan and the state that the thread and its
/// callers share; it is never held while SQLite works.
final class Expirer: @unchecked Sendable {
    // Sendable: the lock guards `plan`, `isReading` and `armedWhileReading`; `purge` and `eviction` belong to the
    // thread.
    /// The thread keeps the engine alive while it runs; afterwards nothing here uses the engine.
    private unowned let engine: Engine
    private let store: RunningStore
    private var activity: ActivityCounters { engine.activity }
    private let lock = Lock()
    private let wake: Condition
    private let settings: ExpirerPlan.Settings
    private var plan: ExpirerPlan
    private var isReading = false
    private var armedWhileReading: Timestamp?
    private var purge: Purge
    private var eviction: Eviction
    private let checkpointer: Checkpointer?

    /// The expiry for which the thread is going to wake up. A writer with a later expiry need not take the lock.
    private let armedFor = Atomic<Int64>(.max)

    /// The thread's name: `ps -T` and debuggers show it.
    static let threadName = "TTLStore.expire"

    init(engine: Engine, queue: CommitQueue, checkpointer: Checkpointer?) {
        self.engine = engine
        store = engine.batchStore(queue, .ownThread)
        var settings = ExpirerPlan.Settings()
        // The thread copies the log well before a writer has to.
        let most = max(1, engine.maximumLogFrames / 2)
        settings.checkpointFrames = min(settings.checkpointFrames, most)
        settings.purgeCheckpointFrames = min(settings.purgeCheckpointFrames, most / 4 * 3)
        self.settings = settings
        self.checkpointer = checkpointer
        wake = Condition(for: lock)
        purge = Purge(clock: engine.clock, claim: WorkClaim(name: WorkClaim.backlog))
        eviction = Eviction(clock: engine.clock)
        plan = ExpirerPlan(settings: settings, openedAt: .init(wall: engine.clock.now, steady: Expirer.steadyNow))
    }

    private static var steadyNow: Milliseconds { MonotonicTime.now.nanoseconds / 1_000_000 }

    private var now: ExpirerPlan.Moment { .init(wall: engine.clock.now, steady: Expirer.steadyNow) }

    // MARK: Called by others

    /// An entry that expires at that time was committed. One atomic load, unless the thread has to wake up earlier.
    func arm(_ expiry: Timestamp) {
        guard expiry < armedFor.load(ordering: .acquiring) else { return }
        lock.withLock {
            armedWhileReading = min(armedWhileReading ?? expiry, expiry)
            plan.armed(expiry)
            // During a read of the file the plan has the old expiry, and an expiry between the old and the new one
            // would be overlooked.
            armedFor.store((isReading ? armedWhileReading : plan.nextExpiry) ?? .max, ordering: .releasing)
            wake.signal()
        }
    }

    /// The log has grown beyond the length at which it should be copied.
    func noteLog(frames: Int) {
        guard frames >= settings.checkpointFrames else { return }
        lock.withLock {
            let isNews = !plan.isLogLong
            plan.logGrew(to: frames)
            // If readers keep the log long, the thread has its own time for the next try.
            if isNews { wake.signal() }
        }
    }

    /// A commit has taken the store beyond its limits.
    func noteSize() {
        lock.withLock {
            guard !plan.isOverLimit else { return }
            plan.outgrew()
            wake.signal()
        }
    }

    /// A write found the disk full. Copying the log makes the log short again, and the file grows by less than that.
    func noteFullDisk() {
        lock.withLock {
            plan.spaceRanOut()
            wake.signal()
        }
    }

    /// Ends a sleep; the thread then sees that the store is closing, or that the clock was changed.
    func wakeUp() { lock.withLock { wake.signal() } }

    // MARK: The thread

    /// Runs until the store closes.
    func run() {
        while !engine.stop.isSet {
            let action = lock.withLock { plan.next(now) }
            if case .sleep = action {
                sleep()
                continue
            }
            do throws(TTLStoreError) {
                try perform(action)
            } catch {
                guard !engine.stop.isSet else { return }
                lock.withLock {
                    plan.failed(action, at: now)
                    if error.code == .diskFull { plan.spaceRanOut() }
                }
                note(error)
            }
        }
    }

    private func sleep() {
        lock.withLock {
            // Decided again under the lock: an expiry that was armed since then has woken no thread.
            guard !engine.stop.isSet, case .sleep(let duration) = plan.next(now) else { return }
            wake.wait(until: .now + duration)
            activity.noteWakeUp()
        }
    }

    private func perform(_ action: ExpirerPlan.Action) throws(TTLStoreError) {
        switch action {
        case .survey: try survey()
        case .purge: try purgeBatch()
        case .foresee: foresee()
        case .evict: try evictBatch()
        case .checkpoint(let truncating): try checkpoint(truncating: truncating)
        case .shrink: try shrink()
        case .sleep: break
        }
    }

    private func survey() throws(TTLStoreError) {
        // A store that writes little finds out here that its file is gone.
        try engine.file.checkIdentity(in: "look")
        beginReading()
        let (nextExpiry, pages) = try store.read("look") { reader in
            (try reader.nextExpiry(), try FilePages(reader.connection))
        }
        engine.sizeGauge?.setPages(pages.used)
        engine.releaseMemory()
        lock.withLock {
            plan.surveyed(
                // The eviction finds out whether there is anything to do: others may have written since.
                nextExpiry: earliest(nextExpiry), pages: pages, isOverLimit: engine.sizeGauge != nil, at: now)
            plan.logGrew(to: engine.logFrames)
            finishReading()
        }
        checkClock()
    }

    /// Without entries that are due nothing else would tell that the clock can't be right. The survey itself has not
    /// failed: the log is copied and pages are given back whatever the clock shows.
    private func checkClock() {
        do throws(TTLStoreError) { _ = try engine.clock.storableNow(in: "look") } catch {
            activity.noteFailure(error)
            report(.failed(error))
        }
    }

    private func purgeBatch() throws(TTLStoreError) {
        beginReading()
        let result = try purge.runBatch(store)
        lock.withLock {
            if let rest = result.leftToAnother {
                plan.purgeLeftToAnother(for: rest, at: now)
            } else {
                plan.purged(
                    nextExpiry: earliest(result.nextExpiry), pages: result.pages, isBacklog: result.isBacklog,
                    isWatched: engine.removals.demand != nil, mayLogGrow: result.mayLogGrow, pause: result.pause,
                    at: now)
            }
            plan.logGrew(to: engine.logFrames)
            finishReading()
        }
        activity.notePurge(of: result.expiries, until: result.endedAt, held: result.held)
        if result.count > 0 { report(.purged(count: result.count)) }
        // Reported once for each time that it is found; the purge goes on with the other rows.
        if result.foundDamage { note(TTLStoreError(.damagedIndex, in: "purge")) }
    }

    private func note(_ error: TTLStoreError) {
        activity.noteFailure(error)
        report(.failed(error))
    }

    private func foresee() {
        // If this fails, the batch itself reads, and reports the error.
        try? purge.foresee(store, engine.removals)
        lock.withLock { plan.foresaw() }
    }

    private func evictBatch() throws(TTLStoreError) {
        let result = try eviction.runBatch(store)
        lock.withLock {
            // Writes since then have reported to a plan that knew of the limits.
            plan.evicted(
                count: result.count, pages: result.pages, isOverLimit: result.isOver || engine.isOverLimit,
                pause: result.pause, at: now)
            plan.logGrew(to: engine.logFrames)
        }
        if result.count > 0 { report(.evicted(count: result.count)) }
    }

    private func checkpoint(truncating: Bool) throws(TTLStoreError) {
        // If a reader has kept the log long, its file is cut off, since it need not stay that long.
        let truncating = truncating || engine.logFrames > engine.maximumLogFrames
        let outcome = try checkpointer?.run(truncating: truncating) ?? .complete
        lock.withLock {
            plan.checkpointed(isComplete: outcome == .complete, truncating: truncating, at: now)
            // Others may have written, or copied the log, in the meantime.
            plan.logGrew(to: engine.logFrames)
        }
        if outcome == .complete { report(.checkpointed) }
    }

    private func shrink() throws(TTLStoreError) {
        let (pages, removed, held) = try engine.shrink(patience: .ownThread)
        lock.withLock {
            plan.shrunk(pages: pages, held: held, at: now)
            plan.logGrew(to: engine.logFrames)
        }
        if removed > 0 { report(.shrunk(pages: removed)) }
    }

    private func report(_ piece: TTLStore.ExpirerActivity) {
        engine.configuration.onExpirerActivity?(piece)
    }

    // MARK: Reading the next expiry from the file

    // The read sees a writer that has committed before it. A writer that commits later finds `armedFor` raised, takes
    // the lock and leaves its expiry in `armedWhileReading`. So no expiry is overlooked.

    private func beginReading() {
        lock.withLock {
            isReading = true
            armedWhileReading = nil
            armedFor.store(.max, ordering: .sequentiallyConsistent)
        }
    }

    /// The lock is held.
    private func earliest(_ fromFile: Timestamp?) -> Timestamp? {
        [fromFile, armedWhileReading].compactMap { $0 }.min()
    }

    /// The lock is held.
    private func finishReading() {
        isReading = false
        armedFor.store(plan.nextExpiry ?? .max, ordering: .releasing)
    }
}
