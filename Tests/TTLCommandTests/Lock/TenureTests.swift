import Testing

@testable import ttl

@Suite("The time for which a lock is held") struct TenureTests {
    typealias Instant = ContinuousClock.Instant
    let start = Instant.now

    @Test("a lease is renewed every three seconds, for as long as the command runs")
    func renewals() {
        var tenure = Tenure(from: start, longest: nil)
        var now = start
        for _ in 0..<1000 {
            guard case .wait(let end?) = tenure.next(now) else { return #expect(Bool(false), "no wait") }
            #expect(end - now <= .seconds(3))
            now = end
            #expect(tenure.next(now) == .renew)
            tenure.note(.renewed, from: now, now: now + .milliseconds(5))
        }
        #expect(tenure.reason == nil)
    }

    @Test("a lease that is refused is lost: SIGTERM at once, SIGKILL five seconds later, and no renewal")
    func refused() {
        var tenure = Tenure(from: start, longest: nil)
        let now = start + .seconds(3)
        #expect(tenure.next(now) == .renew)
        tenure.note(.refused, from: now, now: now)
        #expect(tenure.next(now) == .terminate)
        #expect(tenure.reason == .lost)
        #expect(tenure.next(now) == .wait(until: now + .seconds(5)))
        #expect(tenure.next(now + .seconds(5)) == .kill)
        #expect(tenure.next(now + .seconds(5)) == .wait(until: nil))
        #expect(tenure.next(now + .seconds(500)) == .wait(until: nil))
    }

    @Test("while the store fails, it is tried again until the lease ends, and then the lock is lost")
    func failing() {
        var tenure = Tenure(from: start, longest: nil)
        var now = start
        var tries = 0
        while true {
            switch tenure.next(now) {
            case .wait(let end?): now = end
            case .renew:
                tries += 1
                tenure.note(.failed, from: now, now: now)
            default:
                #expect(now == start + .seconds(10))
                #expect(tenure.reason == .lost)
                #expect(tries == 28)
                return
            }
        }
    }

    @Test("a renewal that succeeds after failures keeps the lock")
    func recovered() {
        var tenure = Tenure(from: start, longest: nil)
        let now = start + .seconds(9)
        #expect(tenure.next(now) == .renew)
        tenure.note(.failed, from: now, now: now)
        #expect(tenure.next(now + .milliseconds(250)) == .renew)
        tenure.note(.renewed, from: now + .milliseconds(250), now: now + .milliseconds(300))
        #expect(tenure.next(start + .seconds(11)) == .wait(until: now + .milliseconds(3250)))
        #expect(tenure.reason == nil)
    }

    @Test("after the longest time the command is ended, and the lock kept until it has ended")
    func overdue() {
        var tenure = Tenure(from: start, longest: .seconds(1))
        #expect(tenure.next(start) == .wait(until: start + .seconds(1)))
        #expect(tenure.next(start + .seconds(1)) == .terminate)
        #expect(tenure.reason == .overdue)
        #expect(tenure.next(start + .seconds(3)) == .renew)
        tenure.note(.renewed, from: start + .seconds(3), now: start + .seconds(3))
        #expect(tenure.next(start + .seconds(3)) == .wait(until: start + .seconds(6)))
        #expect(tenure.next(start + .seconds(6)) == .kill)
        #expect(tenure.reason == .overdue)
    }

    @Test("after a stop of any length the lease is looked at before anything else")
    func stopped() {
        var tenure = Tenure(from: start, longest: nil)
        tenure.renewSoon(start + .seconds(1))
        #expect(tenure.next(start + .seconds(1)) == .renew)
        tenure.note(.renewed, from: start + .seconds(1), now: start + .seconds(1))
        #expect(tenure.next(start + .seconds(100)) == .terminate)
        #expect(tenure.reason == .lost)
    }

    @Test("a time of --for that leads beyond all clocks does no harm")
    func absurd() {
        var tenure = Tenure(from: start, longest: .seconds(Int64.max / 1000))
        #expect(tenure.next(start) == .wait(until: start + .seconds(3)))
    }

    @Test("a waiter looks again after 1 to 25 ms")
    func pauses() {
        for isFirst in [true, false] {
            for quiet in [Duration.zero, .milliseconds(80), .seconds(1), .seconds(1_000_000)] {
                let pause = LockTimes.pause(isFirst: isFirst, quiet: quiet)
                #expect(pause >= .milliseconds(1) && pause <= .milliseconds(25))
            }
        }
        #expect(LockTimes.pause(isFirst: true, quiet: .zero) == .milliseconds(1))
    }
}
