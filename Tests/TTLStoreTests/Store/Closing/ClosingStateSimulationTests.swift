import Foundation
import TTLTestSupport
import Testing

@testable import TTLStore

/// `TTL_CLOSING_SEED=n` repeats the run of a failure; `TTL_CLOSING_RUNS=n` makes n runs.
@Suite("The state of closing, whatever happens") struct ClosingStateSimulationTests {
    private func number(_ variable: String) -> UInt64? {
        ProcessInfo.processInfo.environment[variable].flatMap(UInt64.init)
    }

    @Test("one thread closes a store, none waits for itself, and it is closed once all threads inside have left")
    func anyRun() {
        var seeds = Array(0..<(number("TTL_CLOSING_RUNS") ?? 3000))
        if let seed = number("TTL_CLOSING_SEED") { seeds = [seed] }
        var (closers, waits, eventCount) = (Set<ClosingSimulation.Closer>(), 0, 0)
        for seed in seeds {
            var simulation = ClosingSimulation(seed: seed)
            if let fault = simulation.run() {
                Issue.record("\(fault): repeat it with TTL_CLOSING_SEED=\(seed)")
                return
            }
            if let closer = simulation.closer { closers.insert(closer) }
            waits += simulation.waits
            eventCount += simulation.eventCount
        }
        // The runs reach the cases that they are for.
        guard seeds.count > 100 else { return }
        #expect(closers == Set(ClosingSimulation.Closer.allCases))
        #expect(waits > 0 && eventCount > 20 * seeds.count)
    }

    @Test("a thread outside closes the store at once, and the next one waits")
    func outside() {
        var state = ClosingState()
        #expect(state.close(1) == .close)
        #expect(state.close(2) == .wait)
        state.closed()
        #expect(state.close(3) == .nothing)
    }

    @Test("a thread inside closes the store when it leaves the outermost code")
    func nested() {
        var state = ClosingState()
        state.enter(1)
        state.enter(1)
        #expect(state.close(1) == .nothing)
        #expect(state.phase == .asked && state.hasAsked(1))
        #expect(state.leave(1) == .nothing)
        #expect(state.leave(1) == .close)
    }

    @Test("a thread inside that has not asked for closing leaves without a wait")
    func bystander() {
        var state = ClosingState()
        state.enter(1)
        state.enter(2)
        #expect(state.close(1) == .nothing)
        #expect(state.leave(2) == .nothing)
        #expect(state.leave(1) == .close)
    }

    @Test("an ending thread of the store's own closes for the thread that has asked, which waits on leaving")
    func ownThread() {
        var state = ClosingState()
        state.enter(1)
        state.enter(2)
        #expect(state.close(1) == .nothing)
        #expect(state.leave(2, isOwn: true) == .close)
        #expect(state.leave(1) == .wait)
    }

    @Test("a thread of the store's own never waits for the closing thread, which waits for it")
    func noCircle() {
        var state = ClosingState()
        state.enter(1)
        #expect(state.close(1) == .nothing)
        #expect(state.close(2) == .close)
        #expect(state.close(1) == .nothing)
        #expect(state.leave(1, isOwn: true) == .nothing)
    }
}
