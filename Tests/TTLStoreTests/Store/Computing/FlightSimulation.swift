import TTLTestSupport
import Testing

@testable import TTLStore

/// Calls of `getOrCompute` that join, lead, wait, are cancelled and end in any order, with a clock of the test's own.
/// The invariants are checked after each event.
struct FlightSimulation {
    private enum State {
        case leading(begun: Int?, lease: Timestamp?)
        case waiting(since: Int, deadline: MonotonicTime, isStrict: Bool)
    }

    private var plan = FlightPlan()
    private var generator: SeededGenerator
    private var now = FlightPlan.Moment(wall: 1_800_000_000_000, steady: MonotonicTime(nanoseconds: 0))
    private var states: [FlightPlan.Seat: State] = [:]
    /// The leaders according to the plan's answers.
    private var leaders: [[UInt8]: FlightPlan.Seat] = [:]
    private var events = 0
    private(set) var flaw: String?
    /// How often each ending has come.
    private(set) var tally: [String: Int] = [:]

    private let value = Value.integer(1)
    private let error = TTLStoreError(.busy, "locked", in: "test")

    init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

    mutating func run(steps: Int) {
        for _ in 0..<steps where flaw == nil {
            events += 1
            step()
            checkState()
        }
        finish()
    }

    private mutating func step() {
        switch Int.random(in: 0..<10, using: &generator) {
        case 0...3: join()
        case 4...6: leaderActs()
        case 7: cancel()
        default: passTime()
        }
    }

    // MARK: Events

    private mutating func join() {
        let key = [UInt8.random(in: 0..<4, using: &generator)]
        let patience = Milliseconds.random(in: -1...60, using: &generator)
        let deadline = patience < 0 ? nil : now.steady + patience
        let isStrict = Bool.random(using: &generator)
        let leader = leaders[key]
        switch plan.join(key, until: deadline, isStrict: isStrict, now: now) {
        case .lead(let seat):
            expect(leader.map { hasLapsed($0) } ?? true, "a second leader")
            begin(seat)
        case .wait(let seat):
            expect(leader != nil && deadline != nil, "a wait for nobody")
            states[seat] = .waiting(
                since: events, deadline: deadline ?? now.steady, isStrict: isStrict)
        case .occupied:
            expect(leader != nil && deadline.map { $0 <= now.steady } ?? true, "a call that could have waited")
            count("occupied")
        case .closed: expect(false, "closed while it is open")
        }
    }

    private mutating func leaderActs() {
        let leading = states.keys.filter { if case .leading? = states[$0] { true } else { false } }
        let sorted = leading.sorted { $0.number < $1.number }
        guard let seat = sorted.randomElement(using: &generator), case .leading(let begun, let lease)? = states[seat]
        else { return }
        switch Int.random(in: 0..<6, using: &generator) {
        case 0, 1:
            plan.mark(seat)
            states[seat] = .leading(begun: events, lease: lease)
        case 2:
            let until = now.wall + .random(in: 1...300, using: &generator)
            plan.hold(seat, until: until, now: now)
            states[seat] = .leading(begun: begun, lease: until)
        case 3: end(seat, begun == nil ? .none : .stored(value, writtenAt: nil))
        case 4: end(seat, Bool.random(using: &generator) ? .unstored(value, error) : .failed(error))
        default: end(seat, .none)
        }
    }

    private mutating func end(_ seat: FlightPlan.Seat, _ outcome: FlightPlan.Outcome) {
        guard case .leading(let begun, _)? = states[seat] else { return }
        let isSuperseded = leaders[seat.key] != seat
        states[seat] = nil
        if !isSuperseded { leaders[seat.key] = nil }
        let wakes = plan.end(seat, outcome)
        expect(!isSuperseded || wakes.isEmpty, "a leader that was replaced woke another call")
        take(wakes, begun: begun)
        count("led")
    }

    private mutating func cancel() {
        guard let seat = waiting.sorted(by: { $0.number < $1.number }).randomElement(using: &generator) else { return }
        let wakes = plan.cancel(seat)
        expect(wakes == [.init(seat: seat, ending: .cancelled)], "a cancelled call goes on")
        take(wakes)
        expect(plan.cancel(seat).isEmpty, "a call ended twice")
    }

    private mutating func passTime() {
        let deadlines = states.values.compactMap { state -> MonotonicTime? in
            if case .waiting(_, let deadline, _) = state { deadline } else { nil }
        }
        if let earliest = deadlines.min() {
            expect(plan.nextDue.map { $0 <= earliest } ?? false, "a deadline that nobody looks after")
        }
        let passed = Milliseconds.random(in: 0...20, using: &generator)
        now.steady = now.steady + passed
        now.wall += Int.random(in: 0..<20, using: &generator) == 0 ? .random(in: -500...500, using: &generator) : passed
        take(plan.advance(to: now))
        for (key, seat) in leaders where waiting.contains(where: { $0.key == key }) {
            expect(!hasLapsed(seat), "a lease that has run out and keeps others waiting")
        }
        for case .waiting(_, let deadline, _) in states.values {
            expect(deadline > now.steady, "a wait beyond its deadline")
        }
    }

    private mutating func finish() {
        guard flaw == nil else { return }
        let before = waiting
        if Bool.random(using: &generator) {
            let wakes = plan.close()
            expect(
                Set(wakes.map(\.seat)) == Set(before) && wakes.allSatisfy { $0.ending == .closed },
                "close leaves calls waiting")
            take(wakes)
            expect(plan.join([0], until: nil, isStrict: false, now: now) == .closed, "open after close")
        }
        while flaw == nil, let seat = states.keys.min(by: { $0.number < $1.number }) {
            guard let leader = leaders[seat.key] ?? states.keys.first(where: { leads($0) }) else {
                expect(false, "a call that never ends")
                return
            }
            end(leads(seat) ? seat : leader, .none)
        }
        expect(plan.leaders.isEmpty && plan.waiting.isEmpty, "flights without calls")
    }

    // MARK: What comes of them

    private mutating func take(_ wakes: [FlightPlan.Wake], begun: Int? = nil) {
        for wake in wakes {
            guard case .waiting(let since, let deadline, let isStrict)? = states.removeValue(forKey: wake.seat) else {
                expect(false, "\(wake) of a call that doesn't wait")
                return
            }
            switch wake.ending {
            case .lead:
                expect(leaders[wake.seat.key].map { hasLapsed($0) } ?? true, "a second leader")
                begin(wake.seat)
            case .outcome(.stored):
                expect(begun.map { since < $0 } ?? false, "a value from before the call")
                count("stored")
            case .outcome(.failed):
                expect(isStrict && (begun.map { since < $0 } ?? false), "an error that is not the call's")
                count("failed")
            case .outcome(.unstored): count("unstored")
            case .outcome(.none): expect(false, "woken for nothing")
            case .timedOut:
                expect(deadline <= now.steady, "timed out too early")
                count("timedOut")
            case .cancelled: count("cancelled")
            case .closed: count("closed")
            }
        }
    }

    private mutating func begin(_ seat: FlightPlan.Seat) {
        if leaders[seat.key] != nil { count("takenOver") }
        leaders[seat.key] = seat
        states[seat] = .leading(begun: nil, lease: nil)
    }

    private mutating func checkState() {
        expect(Set(plan.waiting) == Set(waiting), "the plan and the calls differ about who waits")
        expect(plan.leaders == leaders.mapValues(\.number), "the plan and the calls differ about who leads")
        expect(waiting.allSatisfy { leaders[$0.key] != nil }, "a wait for nobody")
    }

    private var waiting: [FlightPlan.Seat] {
        states.keys.filter { if case .waiting? = states[$0] { true } else { false } }
    }

    private func leads(_ seat: FlightPlan.Seat) -> Bool {
        if case .leading? = states[seat] { true } else { false }
    }

    private func hasLapsed(_ seat: FlightPlan.Seat) -> Bool {
        guard case .leading(_, let lease?)? = states[seat] else { return false }
        return now.wall >= lease
    }

    private mutating func count(_ ending: String) { tally[ending, default: 0] += 1 }

    private mutating func expect(_ holds: Bool, _ flaw: @autoclosure () -> String) {
        if !holds, self.flaw == nil { self.flaw = "event \(events): \(flaw())" }
    }
}
