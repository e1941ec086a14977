import Testing

@testable import TTLStore

@Suite("The flight of a key") struct FlightPlanTests {
    private let value = Value.integer(1)
    private let error = TTLStoreError(.busy, "locked", in: "test")
    private let key: [UInt8] = [1]

    private func moment(_ milliseconds: Milliseconds) -> FlightPlan.Moment {
        FlightPlan.Moment(wall: 1_000_000 + milliseconds, steady: MonotonicTime(nanoseconds: 0) + milliseconds)
    }

    /// Joins at the moment 0, to wait until the moment 1000.
    private func join(_ plan: inout FlightPlan, isStrict: Bool = false, at now: Milliseconds = 0) -> FlightPlan.Joining
    {
        plan.join(key, until: moment(1000).steady, isStrict: isStrict, now: moment(now))
    }

    private func seat(_ number: Int) -> FlightPlan.Seat { .init(key: key, number: number) }

    private func wake(_ number: Int, _ ending: FlightPlan.Ending) -> FlightPlan.Wake {
        .init(seat: seat(number), ending: ending)
    }

    @Test("the first call leads, the others wait, and all get the value that it has stored")
    func sharing() {
        var plan = FlightPlan()
        #expect(join(&plan) == .lead(seat(0)))
        #expect(join(&plan) == .wait(seat(1)))
        #expect(join(&plan) == .wait(seat(2)))
        #expect(plan.join([2], until: nil, isStrict: false, now: moment(0)) == .lead(.init(key: [2], number: 3)))
        plan.mark(seat(0))
        let outcome = FlightPlan.Outcome.stored(value, writtenAt: nil)
        #expect(plan.end(seat(0), outcome) == [wake(1, .outcome(outcome)), wake(2, .outcome(outcome))])
        #expect(plan.leaders == [[2]: 3])
    }

    @Test("a call that came after the leader's look does not get its value, and leads next")
    func latecomers() {
        var plan = FlightPlan()
        _ = join(&plan)
        _ = join(&plan)
        plan.mark(seat(0))
        _ = join(&plan)
        _ = join(&plan)
        let outcome = FlightPlan.Outcome.stored(value, writtenAt: 7)
        #expect(plan.end(seat(0), outcome) == [wake(1, .outcome(outcome)), wake(2, .lead)])
        #expect(plan.waiting == [seat(3)])
        // A value that the next leader has found without a new look goes to no other call.
        #expect(plan.end(seat(2), outcome) == [wake(3, .lead)])
    }

    @Test("a value that could not be stored goes to all calls, and its error to the strict ones only")
    func unstored() {
        var plan = FlightPlan()
        _ = join(&plan)
        _ = join(&plan, isStrict: true)
        _ = join(&plan)
        plan.mark(seat(0))
        let outcome = FlightPlan.Outcome.unstored(value, error)
        #expect(plan.end(seat(0), outcome) == [wake(1, .outcome(outcome)), wake(2, .outcome(outcome))])
        _ = join(&plan, isStrict: true)
        _ = join(&plan)
        _ = join(&plan, isStrict: true)
        plan.mark(seat(3))
        #expect(plan.end(seat(3), .failed(error)) == [wake(5, .outcome(.failed(error))), wake(4, .lead)])
    }

    @Test("a call that doesn't wait learns that another one leads")
    func occupied() {
        var plan = FlightPlan()
        _ = join(&plan)
        #expect(plan.join(key, until: nil, isStrict: false, now: moment(0)) == .occupied)
        #expect(join(&plan, at: 1000) == .occupied)
        #expect(join(&plan, at: 999) == .wait(seat(1)))
    }

    @Test("a waiting call ends at its deadline, and not earlier")
    func deadlines() {
        var plan = FlightPlan()
        _ = join(&plan)
        _ = join(&plan)
        #expect(plan.nextDue == moment(1000).steady)
        #expect(plan.advance(to: moment(999)).isEmpty)
        #expect(plan.advance(to: moment(1000)) == [wake(1, .timedOut)])
        #expect(plan.nextDue == nil)
    }

    @Test("when the leader's lease runs out, the next call leads, and the former leader ends alone")
    func lapsedLease() {
        var plan = FlightPlan()
        _ = join(&plan)
        _ = join(&plan)
        plan.hold(seat(0), until: 1_000_500, now: moment(0))
        #expect(plan.nextDue == moment(100).steady)
        #expect(plan.advance(to: moment(450)).isEmpty)
        #expect(plan.nextDue == moment(500).steady)
        #expect(plan.advance(to: moment(500)) == [wake(1, .lead)])
        plan.mark(seat(0))
        #expect(plan.end(seat(0), .stored(value, writtenAt: nil)).isEmpty)
        #expect(plan.leaders == [key: 1])
        plan.hold(seat(1), until: 1_000_600, now: moment(500))
        #expect(join(&plan, at: 600) == .lead(seat(2)))
    }

    @Test("closing ends all waits of a flight, and allows no more")
    func closing() {
        var plan = FlightPlan()
        _ = join(&plan)
        _ = join(&plan)
        #expect(plan.close() == [wake(1, .closed)])
        #expect(join(&plan) == .closed)
        #expect(plan.end(seat(0), .none).isEmpty)
    }

    @Test(
        "whatever happens, each call ends once and in time, and one leads for each key",
        arguments: 0..<12)
    func anyEvents(seed: UInt64) {
        var simulation = FlightSimulation(seed: seed)
        simulation.run(steps: 20_000)
        #expect(simulation.flaw == nil, "seed \(seed)")
        for ending in ["led", "stored", "unstored", "failed", "timedOut", "cancelled", "occupied", "takenOver"] {
            #expect(simulation.tally[ending] ?? 0 > 10, "\(ending) hardly happens")
        }
    }
}
