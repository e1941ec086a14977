import Testing

@testable import TTLStore

@Suite("The expirer's plan for a store with limits") struct ExpirerPlanEvictionTests {
    private let start = PlanSimulation.start

    private func moment(after milliseconds: Milliseconds) -> ExpirerPlan.Moment {
        .init(wall: start.wall + milliseconds, steady: start.steady + milliseconds)
    }

    /// A plan that has surveyed the file.
    private func idlePlan(nextExpiry: Timestamp? = nil) -> ExpirerPlan {
        var plan = ExpirerPlan(openedAt: start)
        plan.surveyed(nextExpiry: nextExpiry, pages: FilePages(), at: start)
        return plan
    }

    @Test("a store that has outgrown its limits is made smaller at once")
    func outgrown() {
        var plan = idlePlan()
        #expect(plan.next(start) == .sleep(60_000))
        plan.outgrew()
        #expect(plan.next(start) == .evict)
        plan = idlePlan()
        plan.surveyed(nextExpiry: nil, pages: FilePages(), isOverLimit: true, at: start)
        #expect(plan.next(start) == .evict)
    }

    @Test("between two batches of evictions, all that wait for the lock try again")
    func pauses() {
        var plan = idlePlan()
        plan.outgrew()
        plan.evicted(count: 50, pages: FilePages(), isOverLimit: true, pause: 11, at: start)
        #expect(plan.next(start) == .sleep(11))
        #expect(plan.next(moment(after: 11)) == .evict)
        plan.evicted(count: 50, pages: FilePages(), isOverLimit: false, pause: 11, at: moment(after: 11))
        #expect(plan.next(moment(after: 11)) == .sleep(59_989))
        plan.outgrew()
        #expect(plan.next(moment(after: 11)) == .sleep(100))
        #expect(plan.next(moment(after: 111)) == .evict)
    }

    @Test("the expirer purges expired entries before it evicts")
    func expiredFirst() {
        var plan = idlePlan(nextExpiry: start.wall)
        plan.outgrew()
        #expect(plan.next(start) == .purge)
        plan.purged(nextExpiry: nil, pages: FilePages(), isBacklog: false, pause: 2, at: start)
        #expect(plan.next(start) == .evict)
    }

    @Test("an eviction that fails or finds nothing is tried again more and more rarely, and purges go on")
    func futile() {
        for fails in [false, true] {
            var plan = idlePlan()
            plan.outgrew()
            var now = start
            var waits: [Milliseconds] = []
            for _ in 0..<12 {
                #expect(plan.next(now) == .evict)
                if fails {
                    plan.failed(.evict, at: now)
                } else {
                    plan.evicted(count: 0, pages: FilePages(), isOverLimit: true, pause: 2, at: now)
                }
                guard case .sleep(let wait) = plan.next(now) else {
                    Issue.record("no sleep")
                    return
                }
                waits.append(wait)
                now = .init(wall: now.wall + wait, steady: now.steady + wait)
                plan.surveyed(nextExpiry: nil, pages: FilePages(), isOverLimit: true, at: now)
            }
            #expect(waits.prefix(4) == [100, 200, 400, 800])
            #expect(waits.suffix(2) == [60_000, 60_000])
            plan.armed(now.wall)
            plan.failed(.evict, at: now)
            #expect(plan.next(now) == .purge)
        }
    }

    @Test("a store within its limits evicts nothing")
    func withoutLimit() {
        var simulation = PlanSimulation()
        for second in 1...60 as ClosedRange<Int64> {
            simulation.write(expiringAt: simulation.now.wall + second * 1000)
        }
        simulation.run(for: 3_600_000)
        #expect(simulation.count(.evict) == 0)
    }
}
