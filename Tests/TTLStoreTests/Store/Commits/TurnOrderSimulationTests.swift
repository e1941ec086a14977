import Foundation
import TTLTestSupport
import Testing

@testable import TTLStore

/// `TTL_TURN_SEED=n` repeats the run of a failure; `TTL_TURN_RUNS=n` makes n runs of each part.
@Suite("The order of turns, whatever happens") struct TurnOrderSimulationTests {
    private func number(_ variable: String) -> UInt64? {
        ProcessInfo.processInfo.environment[variable].flatMap(UInt64.init)
    }

    @Test(
        "each request ends once and in time, in the order of arrival, and a free turn with work is always taken",
        arguments: 0..<4 as Range<UInt64>)
    func anyRun(part: UInt64) {
        let runs = number("TTL_TURN_RUNS") ?? 24
        var seeds = Array(part * runs..<(part + 1) * runs)
        if let seed = number("TTL_TURN_SEED") { seeds = [seed] }
        var (served, gaveUp, closed, largestGroup, overtook, events) = (0, 0, 0, 0, 0, 0)
        for seed in seeds {
            let simulation = TurnSimulation(seed: seed, arrivals: 1000)
            if let fault = simulation.run() {
                Issue.record("\(fault): repeat it with TTL_TURN_SEED=\(seed)")
                return
            }
            served += simulation.served
            gaveUp += simulation.gaveUp
            closed += simulation.closed
            largestGroup = max(largestGroup, simulation.largestGroup)
            overtook += simulation.overtook
            events += simulation.eventCount
        }
        // The runs reach the cases that they are for.
        guard seeds.count > 20 else { return }
        #expect(events > 1000 * seeds.count)
        #expect(served > 0 && gaveUp > 0 && closed > 0 && overtook > 0)
        #expect(largestGroup == TurnGroup<SimulatedRequest>.capacity)
    }
}
