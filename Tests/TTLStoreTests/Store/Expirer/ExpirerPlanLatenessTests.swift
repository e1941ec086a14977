import TTLTestSupport
import Testing

@testable import TTLStore

@Suite("The expirer's plan, between lateness and wake-ups") struct ExpirerPlanLatenessTests {
    private let start = PlanSimulation.start

    @Test("expiries close together are purged together: at most ten batches a second, none later than that")
    func coalescing() {
        var simulation = PlanSimulation()
        for number in 0..<6000 as Range<Int64> {
            simulation.write(expiringAt: simulation.now.wall + 1000 + number * 10)
        }
        simulation.run(for: 1000)
        simulation.forgetActions()
        simulation.run(for: 61_000)
        #expect(simulation.expiries.isEmpty)
        #expect((500...610).contains(simulation.count(.purge)))
        #expect(simulation.longestLateness <= 120)
    }

    @Test(
        "10,000 entries due at random within a minute leave at most 250 ms later, with at most 11 wake-ups a second",
        arguments: 0..<4 as Range<UInt64>)
    func randomExpiries(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var simulation = PlanSimulation()
        simulation.pages.total = 800
        simulation.entriesPerPage = 15
        for _ in 0..<10_000 {
            simulation.write(expiringAt: simulation.now.wall + .random(in: 1000..<61_000, using: &generator))
        }
        simulation.run(for: 1000)
        simulation.forgetActions()
        simulation.run(for: 60_200)
        #expect(simulation.expiries.isEmpty)
        #expect(simulation.lateness.count == 10_000)
        #expect(simulation.longestLateness <= 250)
        #expect(simulation.pages.free <= 64)
        let sleeps = simulation.actions.filter { if case .sleep = $0.action { true } else { false } }.map(\.at)
        for (index, begun) in sleeps.enumerated() {
            #expect(sleeps[index...].prefix { $0 < begun + 1000 }.count <= 11)
        }
    }

    @Test("the expirer sleeps once between two pieces of work, and not for the pause and then for the rest")
    func oneSleep() {
        var pages = FilePages()
        (pages.total, pages.free) = (165, 65)
        var plan = ExpirerPlan(openedAt: start)
        plan.surveyed(nextExpiry: start.wall + 80, pages: pages, at: start)
        #expect(plan.next(start) == .shrink)
        (pages.total, pages.free) = (164, 64)
        plan.shrunk(pages: pages, held: 5, at: start)
        #expect(plan.next(start) == .sleep(80))
        plan.checkpointed(isComplete: true, truncating: true, at: start)
        #expect(plan.next(start) == .sleep(80))
        plan.armed(start.wall + 2)
        #expect(plan.next(start) == .sleep(10))
    }
}
