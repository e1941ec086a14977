import Synchronization

/// Threads for the blocking work of tasks, which keeps it out of the cooperative pool. There are at most `limit`; each
/// starts when work finds none idle, and ends when the store closes.
final class Workers: @unchecked Sendable {
    // Sendable: the lock guards the mutable properties.
    private let name: String
    private let limit: Int
    private let threads: OwnedThreads
    private let timekeeper: Timekeeper
    private let lock = Lock()
    private let wake: Condition
    /// Jobs in the order in which they came; the ones before `head` are taken.
    private var jobs: [Job?] = []
    private var head = 0
    private var started = 0
    /// Threads that sleep, and that do a job.
    private var (idle, busy) = (0, 0)
    /// Whether a thread without a job stays awake for a moment. One at most.
    private var isAlert = false
    /// What the alert thread looks at; written under the lock.
    private let waiting = Atomic<Int>(0)
    /// Of threads for a job, and of tasks for a result.
    private var (alertWaits, resultWaits) = (BriefWaits(), BriefWaits())
    private var isClosed = false

    private final class Job: @unchecked Sendable {
        // Sendable: handed on under the lock; its body is called once.
        let deadline: MonotonicTime
        /// With an error it does no work, and hands the error to its caller.
        let body: (TTLStoreError?) -> Void
        let operation: String

        init(_ operation: String, deadline: MonotonicTime, _ body: @escaping (TTLStoreError?) -> Void) {
            self.operation = operation
            self.deadline = deadline
            self.body = body
        }
    }

    init(name: String, limit: Int, threads: OwnedThreads, timekeeper: Timekeeper) {
        self.name = name
        self.limit = limit
        self.threads = threads
        self.timekeeper = timekeeper
        wake = Condition(for: lock)
        timekeeper.add(self)
    }

    /// Suspends until `body` has run on one of the threads.
    /// - Parameter patience: how long to wait for a thread.
    /// - Throws: `busy` where no thread was free for that long; `closed`; what `body` throws.
    func run<Success: Sendable>(
        _ operation: String, patience: Milliseconds, _ body: @escaping @Sendable () throws(TTLStoreError) -> Success
    ) async throws(TTLStoreError) -> Success {
        let outcome = GivenResult<Result<Success, TTLStoreError>>()
        let isSoonDone = submit(
            Job(operation, deadline: .now + patience) { error in
                if let error { return outcome.give(.failure(error)) }
                outcome.give(Result { () throws(TTLStoreError) in try body() })
            })
        if isSoonDone {
            let isDone = BriefWaits.wait { outcome.isGiven }
            lock.withLock { resultWaits.note(hasSucceeded: isDone) }
        }
        return try await outcome.value.get()
    }

    /// As `run`, for work that calls closures of the program: `body` runs as a part of the task.
    func runWithinTask<Success: Sendable>(
        _ operation: String, patience: Milliseconds, _ body: @escaping @Sendable () throws(TTLStoreError) -> Success
    ) async throws(TTLStoreError) -> Success {
        let piece = TaskPiece()
        let outcome = PieceOutcome(Result<Success, TTLStoreError>.failure(.closed(operation)))
        let job = Job(operation, deadline: .now + patience) { error in
            if let error {
                outcome.result = .failure(error)
                return piece.skip()
            }
            piece.perform {
                do throws(TTLStoreError) { outcome.result = .success(try body()) } catch {
                    outcome.result = .failure(error)
                }
            }
        }
        await piece.run { [self] in _ = submit(job) }
        return try outcome.result.get()
    }

    /// - Returns: whether the job is likely to be done at once, so that its task may wait for it without suspending.
    private func submit(_ job: Job) -> Bool {
        lock.lock()
        if isClosed {
            lock.unlock()
            job.body(.closed(job.operation))
            return false
        }
        jobs.append(job)
        waiting.add(1, ordering: .relaxed)
        let count = jobs.count - head
        let awake = isAlert ? 1 : 0
        if count > idle + awake, started < limit, threads.start(name, { [self] in work() }) { started += 1 }
        // Where the system gives no thread at all, the caller's thread does the work.
        let hasNoThread = started == 0
        let mustWait = count > idle + awake
        let needsWaking = count > awake && idle > 0
        let isSoonDone = isAlert && count == 1 && busy == 0 && resultWaits.mayTry()
        lock.unlock()
        // A thread that is woken needs the lock.
        if needsWaking { wake.signal() }
        if hasNoThread { drain() } else if mustWait { timekeeper.note(job.deadline) }
        return isSoonDone
    }

    private func work() {
        lock.lock()
        // Once after each job.
        var mayStayAwake = true
        while !isClosed {
            if let job = takeFirst() {
                busy += 1
                lock.unlock()
                job.body(nil)
                lock.lock()
                busy -= 1
                mayStayAwake = true
            } else if mayStayAwake, !isAlert, alertWaits.mayTry() {
                stayAwake()
                mayStayAwake = false
            } else {
                idle += 1
                wake.wait()
                idle -= 1
            }
        }
        lock.unlock()
    }

    /// Waits for a job, which then wakes nobody. Called and returns with the lock held.
    private func stayAwake() {
        isAlert = true
        lock.unlock()
        let hasCome = BriefWaits.wait { waiting.load(ordering: .relaxed) > 0 }
        lock.lock()
        isAlert = false
        alertWaits.note(hasSucceeded: hasCome)
    }

    private func drain() {
        while let job = lock.withLock({ takeFirst() }) { job.body(nil) }
    }

    /// The lock is held.
    private func takeFirst() -> Job? {
        while head < jobs.count {
            let job = jobs[head]
            jobs[head] = nil
            head += 1
            if head == jobs.count || head >= 256 && head * 2 >= jobs.count {
                jobs.removeFirst(head)
                head = 0
            }
            if let job {
                waiting.subtract(1, ordering: .relaxed)
                return job
            }
        }
        return nil
    }

    /// Fails all waiting and later jobs, and lets the threads end after their present work.
    func close() {
        let turnedAway = lock.withLock {
            isClosed = true
            wake.broadcast()
            defer {
                jobs = []
                head = 0
                waiting.store(0, ordering: .relaxed)
            }
            return jobs.compactMap(\.self)
        }
        for job in turnedAway { job.body(.closed(job.operation)) }
    }
}

extension Workers: TimedWaits {
    func endWaits(dueBy now: MonotonicTime) -> MonotonicTime? {
        var next: MonotonicTime?
        let expired = lock.withLock {
            var expired: [Job] = []
            for index in jobs.indices {
                guard let job = jobs[index] else { continue }
                if job.deadline <= now {
                    expired.append(job)
                    jobs[index] = nil
                    waiting.subtract(1, ordering: .relaxed)
                } else {
                    next = min(next ?? job.deadline, job.deadline)
                }
            }
            return expired
        }
        for job in expired { job.body(.allBusy(job.operation)) }
        return next
    }
}
