import Testing

@testable import TTLStore

@Suite("The expirer's plan beside a reader") struct ExpirerPlanReaderTests {
    private let start = PlanSimulation.start

    @Test("checkpoints beside a reader that keeps the log long get rarer, and the first one after it is complete")
    func longReader() {
        var simulation = PlanSimulation()
        simulation.checkpointOutcome = .incomplete
        simulation.write(expiringAt: nil, frames: 5000)
        simulation.run(for: 60_000)
        // 50, 100, 200, …, 3200 ms, and every 5 s from then on.
        #expect(simulation.checkpoints <= 20)
        simulation.checkpointOutcome = .complete
        simulation.run(for: 5100)
        #expect(simulation.logFrames == 0)
        simulation.forgetActions()
        simulation.write(expiringAt: nil, frames: 5000)
        simulation.run(for: 100)
        #expect(simulation.checkpoints == 1)
    }

    @Test("a purge waits no more than seconds for a log that a reader keeps long")
    func purgeBesideReader() {
        var simulation = PlanSimulation()
        simulation.checkpointOutcome = .incomplete
        simulation.write(expiringAt: nil, frames: 5000)
        simulation.write(expiringAt: simulation.now.wall + 10)
        simulation.run(for: 5000)
        #expect(simulation.count(.purge) > 0)
    }

    @Test("the next batch of a backlog with a consumer is read ahead, once, and without the lock")
    func foresight() {
        var plan = ExpirerPlan(openedAt: start)
        plan.surveyed(nextExpiry: start.wall, pages: FilePages(), at: start)
        #expect(plan.next(start) == .purge)
        func purged(isBacklog: Bool, isWatched: Bool) {
            plan.purged(
                nextExpiry: isBacklog ? start.wall : nil, pages: FilePages(), isBacklog: isBacklog,
                isWatched: isWatched, pause: 11, at: start)
        }
        purged(isBacklog: true, isWatched: true)
        #expect(plan.next(start) == .foresee)
        plan.foresaw()
        #expect(plan.next(start) == .sleep(11))
        purged(isBacklog: true, isWatched: true)
        plan.failed(.foresee, at: start)
        #expect(plan.next(start) == .sleep(11))
        purged(isBacklog: true, isWatched: false)
        #expect(plan.next(start) == .sleep(11))
        purged(isBacklog: false, isWatched: true)
        #expect(plan.next(start) != .foresee)
    }
}
