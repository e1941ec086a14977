/// Lets threads and tasks that ask one store for the same value wait for the leader that fetches it; see `FlightPlan`.
///
/// A waiting task blocks no thread; a waiting thread looks at the clock now and then, and not at the file.
final class Flights: TimedWaits, @unchecked Sendable {
    // Sendable: the lock guards the mutable properties. `timekeeper` keeps these flights, and the engine keeps both.
    private let clock: WallClock
    private unowned let timekeeper: Timekeeper
    private let lock = Lock()
    private var plan = FlightPlan()
    private var threads: [Int: Condition] = [:]
    private var tasks: [Int: CheckedContinuation<FlightPlan.Ending, Never>] = [:]
    /// The endings for calls that have not begun to wait, or have not woken up.
    private var endings: [Int: FlightPlan.Ending] = [:]

    /// A task that has to be resumed, outside the lock.
    private typealias Resumption = (task: CheckedContinuation<FlightPlan.Ending, Never>, ending: FlightPlan.Ending)

    init(clock: WallClock, timekeeper: Timekeeper) {
        self.clock = clock
        self.timekeeper = timekeeper
        timekeeper.add(self)
    }

    private var now: FlightPlan.Moment { FlightPlan.Moment(wall: clock.now, steady: .now) }

    // MARK: The calls

    /// - Parameter deadline: nil if the call doesn't wait.
    func join(_ key: [UInt8], until deadline: MonotonicTime?, isStrict: Bool) -> FlightPlan.Joining {
        let now = now
        return lock.withLock { plan.join(key, until: deadline, isStrict: isStrict, now: now) }
    }

    /// Called before the leader looks for the value or stores it.
    func mark(_ seat: FlightPlan.Seat) { lock.withLock { plan.mark(seat) } }

    func hold(_ seat: FlightPlan.Seat, until lease: Timestamp) {
        let now = now
        let check = lock.withLock {
            plan.hold(seat, until: lease, now: now)
            return tasks.isEmpty ? nil : plan.nextDue(seat.key)
        }
        if let check { timekeeper.note(check) }
    }

    func end(_ seat: FlightPlan.Seat, _ outcome: FlightPlan.Outcome) { change { $0.end(seat, outcome) } }

    /// Ends all waits, and allows no more.
    func close() { change { $0.close() } }

    // MARK: Waiting

    /// Blocks the calling thread.
    func wait(_ seat: FlightPlan.Seat, until deadline: MonotonicTime) -> FlightPlan.Ending {
        let condition = Condition(for: lock)
        lock.lock()
        defer { lock.unlock() }
        threads[seat.number] = condition
        defer { threads[seat.number] = nil }
        while true {
            if let ending = endings.removeValue(forKey: seat.number) { return ending }
            let check = min(plan.nextCheck(seat.key) ?? deadline, .now + FlightPlan.longestCheck)
            condition.wait(until: min(deadline, check))
            guard endings[seat.number] == nil else { continue }
            let resumptions = settle(plan.advance(seat.key, to: now))
            guard !resumptions.isEmpty else { continue }
            lock.unlock()
            for (task, ending) in resumptions { task.resume(returning: ending) }
            lock.lock()
        }
    }

    /// Suspends the task. Cancellation of the task ends the wait.
    func wait(_ seat: FlightPlan.Seat, until deadline: MonotonicTime) async -> FlightPlan.Ending {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let (ended, due): (FlightPlan.Ending?, MonotonicTime) = lock.withLock {
                    if let ending = endings.removeValue(forKey: seat.number) { return (ending, deadline) }
                    tasks[seat.number] = continuation
                    return (nil, min(deadline, plan.nextCheck(seat.key) ?? deadline))
                }
                if let ended { continuation.resume(returning: ended) } else { timekeeper.note(due) }
            }
        } onCancel: {
            change { $0.cancel(seat) }
        }
    }

    func endWaits(dueBy now: MonotonicTime) -> MonotonicTime? {
        let wall = clock.now
        change { $0.advance(to: FlightPlan.Moment(wall: wall, steady: now)) }
        // Threads watch their own deadlines.
        return lock.withLock { tasks.isEmpty ? nil : plan.nextDue }
    }

    var isLed: Bool { lock.withLock { !plan.leaders.isEmpty } }

    /// How many calls wait.
    var waitingCount: Int { lock.withLock { plan.waiting.count } }

    // MARK: Waking

    private func change(_ event: (inout FlightPlan) -> [FlightPlan.Wake]) {
        let resumptions = lock.withLock { settle(event(&plan)) }
        for (task, ending) in resumptions { task.resume(returning: ending) }
    }

    /// Wakes the threads, and returns the tasks to resume. The lock is held.
    private func settle(_ wakes: [FlightPlan.Wake]) -> [Resumption] {
        wakes.compactMap { wake in
            if let task = tasks.removeValue(forKey: wake.seat.number) { return (task, wake.ending) }
            endings[wake.seat.number] = wake.ending
            threads[wake.seat.number]?.signal()
            return nil
        }
    }
}
