import Testing

@testable import TTLStore

/// A plan in a world of its own: two clocks, entries that expire, a log and free pages.
struct PlanSimulation {
    static let start = ExpirerPlan.Moment(wall: 1_800_000_000_000, steady: 5_000_000)

    private(set) var plan: ExpirerPlan
    private(set) var now = PlanSimulation.start
    /// When the entries in the file expire, the earliest first.
    private(set) var expiries: ArraySlice<Timestamp> = []
    var pages = FilePages()
    var logFrames = 0
    /// The most rows that a batch deletes, and how long that takes.
    var batch = (rows: 1000, held: Milliseconds(10))
    /// The outcome of checkpoints.
    var checkpointOutcome = Checkpointer.Outcome.complete
    /// Whether every piece of work fails.
    var fails = false

    /// The plan's actions, with the time on the steady clock.
    private(set) var actions: [(at: Milliseconds, action: ExpirerPlan.Action)] = []
    /// How late the purged entries were.
    private(set) var lateness = TTLStore.Histogram()
    /// How late the latest of them was.
    private(set) var longestLateness: Milliseconds = 0
    /// How many purged entries free a page.
    var entriesPerPage = Int.max
    private var purged = 0

    init() { plan = ExpirerPlan(openedAt: now) }

    var sleeps: [Milliseconds] {
        actions.compactMap { if case .sleep(let duration) = $0.action { duration } else { nil } }
    }

    func count(_ action: ExpirerPlan.Action) -> Int { actions.count { $0.action == action } }

    var checkpoints: Int { actions.count { if case .checkpoint = $0.action { true } else { false } } }

    mutating func forgetActions() { actions = [] }

    mutating func write(expiringAt expiry: Timestamp?, frames: Int = 1) {
        logFrames += frames
        if let expiry {
            insert(expiry)
            plan.armed(expiry)
        }
        plan.logGrew(to: logFrames)
    }

    /// Another process writes: the plan does not hear of it.
    mutating func writeElsewhere(expiringAt expiry: Timestamp, count: Int = 1) {
        for _ in 0..<count { insert(expiry) }
    }

    private mutating func insert(_ expiry: Timestamp) {
        let index = expiries.lastIndex { $0 <= expiry }.map { $0 + 1 } ?? expiries.startIndex
        expiries.insert(expiry, at: index)
    }

    mutating func setWallClock(by milliseconds: Milliseconds) { now.wall += milliseconds }

    private mutating func pass(_ milliseconds: Milliseconds) {
        now.steady += milliseconds
        now.wall += milliseconds
    }

    /// Carries out the plan's actions for that long. A sleep ends at the end at the latest, as if an event had ended
    /// it.
    mutating func run(for duration: Milliseconds, sourceLocation: SourceLocation = #_sourceLocation) {
        let end = now.steady + duration
        while now.steady < end {
            let action = plan.next(now)
            actions.append((now.steady, action))
            if case .sleep(let duration) = action {
                #expect(duration > 0, sourceLocation: sourceLocation)
                #expect(duration <= plan.settings.housekeeping, sourceLocation: sourceLocation)
                guard duration > 0 else { return }
                pass(min(duration, end - now.steady))
            } else if fails {
                plan.failed(action, at: now)
            } else {
                perform(action)
            }
            if actions.count > 1_000_000 {
                Issue.record("a storm of actions", sourceLocation: sourceLocation)
                return
            }
        }
    }

    /// Does the piece of work and tells the plan.
    private mutating func perform(_ action: ExpirerPlan.Action) {
        switch action {
        case .survey: plan.surveyed(nextExpiry: expiries.first, pages: pages, at: now)
        case .purge:
            let due = expiries.prefix(batch.rows).prefix { $0 <= now.wall }
            expiries = expiries.dropFirst(due.count)
            let isBacklog = expiries.first.map { $0 <= now.wall } ?? false
            pass(batch.held)
            for expiry in due { lateness.add(now.wall - expiry) }
            longestLateness = max(longestLateness, due.first.map { now.wall - $0 } ?? 0)
            pages.free += (purged + due.count) / entriesPerPage - purged / entriesPerPage
            purged += due.count
            logFrames += due.count / 10
            plan.purged(
                nextExpiry: expiries.first, pages: pages, isBacklog: isBacklog,
                pause: BusyTimeout.pause(after: batch.held), at: now)
        case .checkpoint(let truncating):
            if checkpointOutcome == .complete { logFrames = 0 }
            plan.checkpointed(isComplete: checkpointOutcome == .complete, truncating: truncating, at: now)
        case .shrink:
            let removed = min(32, max(0, pages.free - pages.spareLimit))
            pages.free -= removed
            pages.total -= removed
            plan.shrunk(pages: pages, held: 5, at: now)
        case .foresee: plan.foresaw()
        case .evict, .sleep: break
        }
        plan.logGrew(to: logFrames)
    }
}
