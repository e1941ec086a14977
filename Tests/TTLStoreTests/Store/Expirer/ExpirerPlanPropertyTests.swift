import TTLTestSupport
import Testing

@testable import TTLStore

@Suite("The expirer's plan, whatever happens") struct ExpirerPlanPropertyTests {
    @Test("a clock that jumps ten days ahead makes the expirer purge due entries and go back to sleep")
    func jumpAhead() {
        var simulation = PlanSimulation()
        for day in 1...20 as ClosedRange<Int64> { simulation.write(expiringAt: simulation.now.wall + day * 86_400_000) }
        simulation.run(for: 61_000)
        simulation.forgetActions()
        simulation.setWallClock(by: 10 * 86_400_000)
        simulation.run(for: 3_600_000)
        #expect(simulation.expiries.count == 10)
        #expect(simulation.count(.purge) == 1)
        #expect(simulation.actions.count <= 130)
    }

    @Test("a clock that jumps ten days back makes the expirer wait for at most a minute at a time")
    func jumpBack() {
        var simulation = PlanSimulation()
        simulation.write(expiringAt: simulation.now.wall + 500)
        simulation.run(for: 400)
        simulation.forgetActions()
        simulation.setWallClock(by: -10 * 86_400_000)
        simulation.run(for: 3_600_000)
        #expect(simulation.expiries.count == 1)
        #expect(simulation.count(.purge) == 0)
        #expect(simulation.actions.count <= 130)
        simulation.setWallClock(by: 10 * 86_400_000)
        simulation.run(for: 60_000)
        #expect(simulation.expiries.isEmpty)
    }

    @Test("a clock that jumps to and fro all the time does not make the expirer spin")
    func restlessClock() {
        var simulation = PlanSimulation()
        for second in 1...100 as ClosedRange<Int64> {
            simulation.write(expiringAt: simulation.now.wall + second * 1000)
        }
        for _ in 0..<500 {
            simulation.setWallClock(by: 10 * 86_400_000)
            simulation.run(for: 10)
            simulation.setWallClock(by: -10 * 86_400_000)
            simulation.run(for: 10)
        }
        #expect(simulation.actions.count <= 1200)
    }

    /// Everything that may happen to a plan, in any order, with any figures.
    @Test(
        "after any events the expirer sleeps for at most a minute, within a few actions",
        arguments: 0..<8)
    func anyEvents(part: UInt64) {
        for seed in part * 250..<(part + 1) * 250 {
            var generator = SeededGenerator(seed: seed)
            var now = PlanSimulation.start
            var plan = ExpirerPlan(openedAt: now)
            for _ in 0..<200 {
                happen(&plan, &now, &generator)
                let settled = settle(&plan, now, &generator)
                if let problem = settled {
                    Issue.record("seed \(seed): \(problem)")
                    return
                }
            }
        }
    }

    /// An event from outside.
    private func happen(
        _ plan: inout ExpirerPlan, _ now: inout ExpirerPlan.Moment, _ generator: inout SeededGenerator
    ) {
        switch Int.random(in: 0..<7, using: &generator) {
        case 6: plan.outgrew()
        case 0: plan.armed(expiry(now, &generator) ?? now.wall)
        case 1: plan.logGrew(to: .random(in: 0...5000, using: &generator))
        case 2:
            // Whatever a clock may show.
            let extremes: [Timestamp] = [.min, .min + 1, -1, 0, TimeConversion.latest + 1, .max - 1, .max]
            now.wall =
                extremes.randomElement(using: &generator).flatMap { Bool.random(using: &generator) ? $0 : nil }
                ?? .random(in: TimeConversion.earliest...TimeConversion.latest, using: &generator)
        default:
            let elapsed = Int64.random(in: 0...(Bool.random(using: &generator) ? 20 : 100_000), using: &generator)
            now.wall = TimeConversion.sum(now.wall, elapsed)
            now.steady += elapsed
        }
    }

    /// Does what the plan wants, with any result, at one and the same moment.
    private func settle(
        _ plan: inout ExpirerPlan, _ now: ExpirerPlan.Moment, _ generator: inout SeededGenerator
    ) -> String? {
        var taken: [ExpirerPlan.Action] = []
        while taken.count <= 6 {
            let action = plan.next(now)
            if case .sleep(let duration) = action {
                return (1...plan.settings.housekeeping).contains(duration) ? nil : "a sleep of \(duration)"
            }
            taken.append(action)
            perform(action, &plan, now, &generator)
        }
        return "a storm of \(taken)"
    }

    private func perform(
        _ action: ExpirerPlan.Action, _ plan: inout ExpirerPlan, _ now: ExpirerPlan.Moment,
        _ generator: inout SeededGenerator
    ) {
        if Int.random(in: 0..<6, using: &generator) == 0 {
            plan.failed(action, at: now)
            return
        }
        var pages = FilePages()
        pages.total = .random(in: 0...100_000, using: &generator)
        pages.free = .random(in: 0...pages.total, using: &generator)
        let held = Int64.random(in: 0...100, using: &generator)
        let isOdd = Bool.random(using: &generator)
        switch action {
        case .survey: plan.surveyed(nextExpiry: expiry(now, &generator), pages: pages, at: now)
        case .purge where isOdd: plan.purgeLeftToAnother(for: held, at: now)
        case .purge:
            plan.purged(
                nextExpiry: expiry(now, &generator), pages: pages, isBacklog: held % 3 == 0, isWatched: held % 2 == 0,
                pause: BusyTimeout.pause(after: held), at: now)
        case .foresee: plan.foresaw()
        case .checkpoint(let truncating): plan.checkpointed(isComplete: isOdd, truncating: truncating, at: now)
        case .shrink: plan.shrunk(pages: pages, held: held, at: now)
        case .evict: plan.evicted(count: Int(held) % 2, pages: pages, isOverLimit: isOdd, pause: held, at: now)
        case .sleep: break
        }
    }

    private func expiry(_ now: ExpirerPlan.Moment, _ generator: inout SeededGenerator) -> Timestamp? {
        switch Int.random(in: 0..<4, using: &generator) {
        case 0: nil
        case 1: .random(in: TimeConversion.earliest...TimeConversion.latest, using: &generator)
        default: TimeConversion.sum(now.wall, .random(in: -1000...1000, using: &generator))
        }
    }
}
