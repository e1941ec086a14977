import TTLStore

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// Finds a stored run or makes one, once for all processes that ask at the same time.
struct Runner {
    let plan: RunPlan
    let location: StoreLocation
    let signals: SignalPipe
    var retry: BusyRetry { BusyRetry(signals: signals) }
    /// Shorter: a file that can't even be opened is locked by a program that may keep it so, and the command has to
    /// run.
    private var opening: BusyRetry { BusyRetry(signals: signals, for: .seconds(2)) }

    /// How the store's failures end: a line on standard error, and the command runs all the same.
    private struct StoreFailure: Error {
        let message: String
    }

    /// What to do once the store is closed.
    private enum Finding {
        case replay(RunQuery.Found)
        /// What fails then is no reason to run it again.
        case ran(Result<Recording.Outcome, any Error>)
    }

    /// Replays the stored run or runs the command.
    /// - Parameters:
    ///   - isForced: runs it in any case.
    ///   - refresh: called when the run is stale.
    /// - Returns: the exit status.
    func run(isForced: Bool, refresh: () throws -> Void) throws -> Int32 {
        try requireNoRecursion()
        do {
            return try finish(try finding(isForced: isForced), refresh)
        } catch let failure as StoreFailure {
            warn("\(failure.message); it runs without being stored")
            return try runAlone()
        }
    }

    /// Runs the command without the store.
    /// - Returns: the exit status.
    func runAlone() throws -> Int32 { try status(record(limit: 0) { _ in }) }

    /// Makes a run that nobody sees, unless another process is making one.
    /// - Parameter isForced: also if the stored run is not stale.
    func runInBackground(isForced: Bool) throws {
        try location.withStore(for: .storing, opening, missing: ()) { store in
            guard let lease = try lease(in: store) else { return }
            if !isForced, let found = try plan.query.find(in: store), !plan.query.isStale(found) {
                return lease.release()
            }
            _ = try make(lease, in: store, isSeen: false)
        }
    }

    private func finish(_ finding: Finding, _ refresh: () throws -> Void) throws -> Int32 {
        switch finding {
        case .replay(let found):
            if plan.query.isStale(found) {
                do { try refresh() } catch let failure as CommandFailure { warn(failure.message) }
            }
            try found.run.replay(signals)
            return found.run.status
        case .ran(let result): return try status(result.get())
        }
    }

    private func finding(isForced: Bool) throws -> Finding {
        let query = plan.query
        let stored = try isForced ? nil : usingStore(for: .reading) { store in try retry { try query.find(in: store) } }
        if let stored { return .replay(stored) }
        return try usingStore(for: .storing) { try findOrMake(in: $0, isForced: isForced) }!
    }

    /// - Returns: nil if there is no file, and none is created.
    private func usingStore<Result>(
        for purpose: StoreLocation.Purpose, _ body: (TTLStore) throws -> Result?
    ) throws -> Result? {
        do {
            return try location.withStore(for: purpose, opening, missing: nil, body)
        } catch let error as TTLStoreError {
            throw StoreFailure(message: error.withoutOperation)
        } catch let error as CommandFailure {
            throw StoreFailure(message: error.message)
        }
    }

    /// Waits as long as another process makes the run, unless the command runs in any case.
    private func findOrMake(in store: TTLStore, isForced: Bool) throws -> Finding {
        if isForced { return made(try lease(in: store), in: store) }
        var wait = RunWait()
        var pause: Int32 = 2
        while true {
            let holder = try RunLease.holder(plan.key, in: store)?.token
            if wait.note(holder), let left = try left(after: wait, in: store) { return use(left, in: store) }
            if holder == nil, let lease = try lease(in: store) {
                // Its last holder may just have ended.
                guard let left = try left(after: wait, in: store) else { return made(lease, in: store) }
                lease.release()
                return use(left, in: store)
            }
            try self.wait(milliseconds: pause)
            pause = min(25, pause * 2)
            if let found = try plan.query.find(in: store) { return .replay(found) }
        }
    }

    private func lease(in store: TTLStore) throws -> RunLease? { try retry { try RunLease(plan.key, in: store) } }

    /// What a run that was waited for has left.
    private enum Left {
        case run(RunQuery.Found)
        /// Another run would be too large as well.
        case nothingToWaitFor
    }

    private func left(after wait: RunWait, in store: TTLStore) throws -> Left? {
        if let found = try plan.query.find(in: store, afterWaiting: wait.duration) { return .run(found) }
        guard let first = wait.first, let unstored = try UnstoredRun.latest(plan.key, in: store),
            unstored.token >= first
        else { return nil }
        if let run = unstored.run { return .run(RunQuery.Found(run: run, age: .zero, left: .zero)) }
        return unstored.limit >= plan.limit ? .nothingToWaitFor : nil
    }

    private func use(_ left: Left, in store: TTLStore) -> Finding {
        switch left {
        case .run(let found): .replay(found)
        case .nothingToWaitFor: made(nil, in: store)
        }
    }

    /// - Parameter lease: nil for a run beside others.
    private func made(_ lease: RunLease?, in store: TTLStore) -> Finding {
        .ran(Result { try make(lease, in: store, isSeen: true) })
    }

    private func wait(milliseconds: Int32) throws {
        var question = pollfd(fd: signals.descriptor, events: Int16(POLLIN), revents: 0)
        guard poll(&question, 1, milliseconds) > 0 else { return }
        if let number = signals.read().first(where: { $0 != SIGCHLD }) { throw Interrupted(signal: number) }
    }
}
