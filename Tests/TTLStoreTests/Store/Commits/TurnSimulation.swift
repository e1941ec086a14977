import TTLTestSupport

@testable import TTLStore

/// Drives a `TurnOrder` as `CommitQueue` does, with simulated threads, tasks, foreign locks and time, and checks the
/// promises of the order after each event. The same seed makes the same run.
///
/// Times are in nanoseconds.
final class TurnSimulation {
    typealias Request = SimulatedRequest
    typealias Group = TurnGroup<SimulatedRequest>

    enum Event {
        case arrival
        case look(Request, Int)
        case taskThreadLooks
        case begun(Beginning)
        case workEnds
        case logIsShort
        case timekeeperLooks(Int)
        case cancellation(Request)
        case close
        case closerLooks
    }

    /// How the transaction of a leader begins.
    enum Beginning { case open, busy, broken }

    /// The holder of the turn.
    struct Holder {
        /// The request whose thread leads; nil for the thread for tasks.
        let leader: Request?
        /// Whether the leader's request got the turn at once, without waiting.
        let hasOwn: Bool
        var members: [Request] = []
        var groups: [Group] = []
    }

    static let millisecond: Int64 = 1_000_000
    /// How late a thread may wake up.
    static let lateness = 3 * millisecond
    /// A thread that is called as it wakes up late looks late once more. It then takes the turn and may find a foreign
    /// lock, for which a leader waits for a time that is rounded up, and begins late.
    static let tolerance = 4 * lateness
    /// The step of SQLite's busy wait and of the queue's own sleep.
    static let retryTime: Int64 = 500_000
    static let busyTimeout: Milliseconds = 100
    static let ownThreadsTimeout: Milliseconds = 1000
    /// No more requests arrive as long as this many wait.
    static let crowd = 400

    var random: SeededGenerator
    let load: Load
    var order = TurnOrder<Request>()
    var now: Int64 = 0
    /// Sorted by time, the next one last.
    private var events: [(time: Int64, event: Event)] = []
    private(set) var eventCount = 0

    var holder: Holder?
    private(set) var requests: [Request] = []
    private var latestFirst: Request?
    /// Index of the first request that still waits.
    private var oldest = 0
    var sleepers: [ObjectIdentifier: [Request]] = [:]
    var taskThreadComes = false
    var foreignLockEnd: Int64 = 0
    var nextTimekeeping = Int64.max
    var timekeeping = 0
    private var arrivalsLeft: Int
    private(set) var isKept = false

    /// The first fault. Nothing happens afterwards.
    private(set) var fault: String?
    var served = 0
    var gaveUp = 0
    var closed = 0
    var largestGroup = 0
    /// How often a later request was served before earlier ones.
    var overtook = 0

    init(seed: UInt64, arrivals: Int) {
        random = SeededGenerator(seed: seed)
        load = Load(&random)
        arrivalsLeft = arrivals
    }

    var time: MonotonicTime { MonotonicTime(nanoseconds: now) }

    func chance(_ probability: Double) -> Bool { Double.random(in: 0..<1, using: &random) < probability }

    /// Mostly microseconds, now and then milliseconds.
    func delay() -> Int64 {
        chance(0.03)
            ? .random(in: 0...TurnSimulation.lateness, using: &random) : .random(in: 1000...60_000, using: &random)
    }

    func schedule(_ event: Event, after delay: Int64) {
        let time = now + max(0, delay)
        var (low, high) = (0, events.count)
        while low < high {
            let middle = (low + high) / 2
            if events[middle].time > time { low = middle + 1 } else { high = middle }
        }
        events.insert((time, event), at: low)
    }

    func fail(_ fault: String) {
        if self.fault == nil { self.fault = "\(fault), after \(eventCount) events, at \(now) ns" }
    }

    // MARK: The run

    /// - Returns: what went wrong.
    func run() -> String? {
        schedule(.arrival, after: 0)
        if load.closesEarly {
            schedule(.close, after: .random(in: 0...Int64(arrivalsLeft) * load.gap, using: &random))
        }
        drain()
        if fault == nil, !order.isClosed {
            checkEnds()
            schedule(.close, after: 0)
            drain()
        }
        if !isKept { fail("the closer has not got the turn") }
        checkEnds()
        return fault
    }

    private func drain() {
        while fault == nil, let (time, event) = events.popLast() {
            now = time
            eventCount += 1
            handle(event)
            check()
        }
    }

    private func handle(_ event: Event) {
        switch event {
        case .arrival: arrive()
        case .look(let request, let look): if look == request.look { self.look(request) }
        case .taskThreadLooks: lookForTasks()
        case .begun(let beginning): begin(beginning)
        case .workEnds: endWork()
        case .logIsShort: pass()
        case .timekeeperLooks(let number): if number == timekeeping { endWaits() }
        case .cancellation(let request): cancel(request)
        case .close: close()
        case .closerLooks: keep()
        }
    }

    private func arrive() {
        arrivalsLeft -= 1
        if arrivalsLeft > 0 { schedule(.arrival, after: .random(in: 0...2 * load.gap, using: &random)) }
        if chance(load.foreignLocks) {
            foreignLockEnd = now + .random(in: 0...3 * TurnSimulation.busyTimeout, using: &random) * 1_000_000
        }
        let burst = chance(0.02) ? Int.random(in: 1...300, using: &random) : 1
        for _ in 0..<burst where order.count < TurnSimulation.crowd { enter() }
    }

    private func enter() {
        let hasThread = !chance(load.tasks)
        let isOwnTurn = hasThread && chance(load.ownTurns)
        let mayShareCommit = !isOwnTurn && !chance(load.closures)
        let timeout = isOwnTurn ? TurnSimulation.ownThreadsTimeout : TurnSimulation.busyTimeout
        let request = Request(
            requests.count, mayShareCommit: mayShareCommit, hasThread: hasThread, isOwnTurn: isOwnTurn,
            deadline: time + timeout)
        request.goesFirst = isOwnTurn && waitingFirst == nil && chance(0.3)
        requests.append(request)
        if request.goesFirst { latestFirst = request }
        let entrance = order.enter(request)
        switch entrance {
        case .closed:
            if !order.isClosed { fail("an open order refuses request \(request.number)") }
            request.thread = .hasReturned
            end(request, counting: &closed)
        case .turn:
            if oldest < request.number { fail("request \(request.number) overtakes \(oldest)") }
            take(request, hasOwn: true)
        case .waiting(let group, let call):
            request.group = group
            if chance(load.cancellations) {
                let time = Int64.random(in: 0...100, using: &random) * TurnSimulation.millisecond
                schedule(.cancellation(request), after: time)
            }
            if hasThread {
                look(request)
            } else {
                note(request.deadline)
                answer(call)
            }
        }
    }

    // MARK: Closing

    private func close() {
        for group in order.close() {
            for request in group.requests { end(request, counting: &closed) }
            broadcast(group)
        }
        callTaskThread(after: delay())
        schedule(.closerLooks, after: 0)
    }

    private func keep() {
        guard !isKept else { return }
        isKept = order.keepForClosing()
        if !isKept {
            if holder == nil { fail("the closer doesn't get the free turn") }
            schedule(.closerLooks, after: 2 * TurnSimulation.millisecond)
        }
    }

    // MARK: Checks

    /// The request gets its only answer.
    func end(_ request: Request, counting count: inout Int) {
        if request.isDone { fail("request \(request.number) ends twice") }
        if !request.isServed { checkDeadline(request) }
        request.isDone = true
        count += 1
    }

    func checkDeadline(_ request: Request) {
        guard now > request.deadline.nanoseconds + TurnSimulation.tolerance else { return }
        fail(
            "request \(request.number) of a \(request.hasThread ? "thread that \(request.thread)" : "task")"
                + ", led by \(holder?.leader?.number ?? -1), has waited beyond \(request.deadline.nanoseconds)")
    }

    /// The number of the request that has waited for the longest time, or that of the next one to come.
    func oldestWaiting() -> Int {
        while oldest < requests.count, requests[oldest].hasLeft { oldest += 1 }
        return oldest
    }

    /// As `oldestWaiting()`, among the requests that go in the order of arrival.
    func oldestInOrder() -> Int {
        (oldestWaiting()..<requests.count).first { !requests[$0].hasLeft && !requests[$0].goesFirst } ?? requests.count
    }

    /// The waiting request that goes first; there is one at most, as a store has one checkpoint.
    var waitingFirst: Request? {
        guard let first = latestFirst, !first.hasLeft else { return nil }
        return first
    }

    private func check() {
        if order.isTaken != (holder != nil || isKept) { fail("the turn has a holder that doesn't know") }
        if order.count != order.groups.reduce(0, { $0 + $1.requests.count }) { fail("the count is wrong") }
        if order.isClosed, order.count > 0 { fail("a closed order keeps requests") }
        let oldest = oldestWaiting()
        guard oldest < requests.count else { return }
        checkDeadline(requests[oldest])
        guard let first = order.groups.first, !order.isTaken else { return }
        let threadComes = first.requests.contains { $0.hasThread && $0.thread == .comes }
        let isForThread = first.requests.contains { !$0.mayShareCommit && $0.hasThread }
        if !threadComes, isForThread || !taskThreadComes {
            fail("the turn is free, request \(oldest) waits, and nobody comes")
        }
    }

    /// Nothing happens any more.
    private func checkEnds() {
        for request in requests {
            if !request.isDone { fail("request \(request.number) never ends") }
            if request.hasThread, request.thread != .hasReturned { fail("thread \(request.number) never returns") }
        }
    }
}
