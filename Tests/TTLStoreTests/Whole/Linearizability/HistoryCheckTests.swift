import TTLTestSupport
import Testing

@Suite("The check of a history") struct HistoryCheckTests {
    /// Calls that one client makes one after the other, or several at overlapping times.
    private func event(
        _ call: HistoryEvent.Call, _ answer: HistoryEvent.Answer?, _ times: ClosedRange<Int64>, now: Int64 = 0
    ) -> HistoryEvent {
        HistoryEvent(
            client: 0, key: "k", call: call, answer: answer, now: now, begin: times.lowerBound,
            end: answer == nil ? nil : times.upperBound)
    }

    private let set1 = HistoryEvent.Call.set(1, .always, timeToLive: nil)
    private let set2 = HistoryEvent.Call.set(2, .always, timeToLive: nil)

    @Test("the check of a history accepts calls that some order explains")
    func legal() {
        #expect(HistoryCheck.flaw([]) == nil)
        #expect(HistoryCheck.flaw([event(.get, .value(nil), 0...1)]) == nil)
        // A read at the same time as a write may come before it or after it.
        for value in [nil, 1] as [Int64?] {
            #expect(HistoryCheck.flaw([event(set1, .done(true), 0...9), event(.get, .value(value), 1...2)]) == nil)
        }
        // Two writes at the same time, in the order that the later read shows.
        for value in [1, 2] as [Int64?] {
            #expect(
                HistoryCheck.flaw([
                    event(set1, .done(true), 0...9), event(set2, .done(true), 1...8),
                    event(.get, .value(value), 10...11),
                ]) == nil)
        }
        let claim = { (value: Int64) in HistoryEvent.Call.set(value, .ifAbsent, timeToLive: nil) }
        #expect(
            HistoryCheck.flaw([
                event(claim(1), .done(false), 0...9), event(claim(2), .done(true), 5...8),
                event(.get, .value(2), 10...11),
            ]) == nil)
    }

    @Test("the check of a history rejects a stale read")
    func staleRead() {
        #expect(HistoryCheck.flaw([event(set1, .done(true), 0...1), event(.get, .value(nil), 2...3)]) != nil)
        let writes = [event(set1, .done(true), 0...1), event(set2, .done(true), 2...3)]
        #expect(HistoryCheck.flaw(writes + [event(.get, .value(1), 4...5)]) != nil)
        // Once one client has read the new value, none may read the old one.
        let overlapping = [event(set1, .done(true), 0...1), event(set2, .done(true), 2...99)]
        #expect(
            HistoryCheck.flaw(overlapping + [event(.get, .value(2), 3...4), event(.get, .value(1), 5...6)]) != nil)
        #expect(
            HistoryCheck.flaw(overlapping + [event(.get, .value(1), 3...4), event(.get, .value(2), 5...6)]) == nil)
    }

    @Test("the check of a history rejects a lost update")
    func lostUpdate() {
        let add = HistoryEvent.Call.increment(by: 1, timeToLive: nil)
        #expect(HistoryCheck.flaw([event(add, .value(1), 0...9), event(add, .value(2), 1...8)]) == nil)
        #expect(HistoryCheck.flaw([event(add, .value(1), 0...9), event(add, .value(1), 1...8)]) != nil)
        let seen = event(.entry, .entry(value: 1, revision: 5), 2...3)
        let change = { (value: Int64) in HistoryEvent.Call.set(value, .ifUnchanged(since: 5), timeToLive: nil) }
        let both = [event(set1, .done(true), 0...1), seen, event(change(2), .done(true), 4...9)]
        #expect(HistoryCheck.flaw(both + [event(change(3), .done(false), 4...9)]) == nil)
        #expect(HistoryCheck.flaw(both + [event(change(3), .done(true), 4...9)]) != nil)
    }

    @Test("the check of a history rejects a revision that comes again with another value")
    func revision() {
        let first = [event(set1, .done(true), 0...1), event(.entry, .entry(value: 1, revision: 5), 2...3)]
        let anew = [event(.remove, .done(true), 4...5), event(set1, .done(true), 6...7)]
        let change = HistoryEvent.Call.set(2, .ifUnchanged(since: 5), timeToLive: nil)
        #expect(HistoryCheck.flaw(first + anew + [event(change, .done(false), 8...9)]) == nil)
        #expect(HistoryCheck.flaw(first + anew + [event(change, .done(true), 8...9)]) != nil)
        #expect(HistoryCheck.flaw(first + [event(.entry, .entry(value: 1, revision: 6), 8...9)]) != nil)
    }

    @Test("the check of a history rejects that two calls take or exchange the same value")
    func doubleTake() {
        let stored = event(set1, .done(true), 0...1)
        #expect(HistoryCheck.flaw([stored, event(.take, .value(1), 2...9), event(.take, .value(nil), 2...9)]) == nil)
        #expect(HistoryCheck.flaw([stored, event(.take, .value(1), 2...9), event(.take, .value(1), 2...9)]) != nil)
        let exchange = { (value: Int64) in HistoryEvent.Call.exchange(value, .always, timeToLive: nil) }
        let one = event(exchange(2), .exchanged(true, previous: 1), 2...9)
        #expect(HistoryCheck.flaw([stored, one, event(exchange(3), .exchanged(true, previous: 2), 2...9)]) == nil)
        #expect(HistoryCheck.flaw([stored, one, event(exchange(3), .exchanged(true, previous: 1), 2...9)]) != nil)
    }

    @Test("the check of a history rejects a value after its expiry, and one that is gone before")
    func expiry() {
        let stored = event(.set(1, .always, timeToLive: 10), .done(true), 0...1, now: 100)
        #expect(HistoryCheck.flaw([stored, event(.get, .value(1), 2...3, now: 109)]) == nil)
        #expect(HistoryCheck.flaw([stored, event(.get, .value(nil), 2...3, now: 109)]) != nil)
        #expect(HistoryCheck.flaw([stored, event(.get, .value(nil), 2...3, now: 110)]) == nil)
        #expect(HistoryCheck.flaw([stored, event(.get, .value(1), 2...3, now: 110)]) != nil)
        let touched = event(.touch(timeToLive: 10), .done(true), 2...3, now: 105)
        #expect(HistoryCheck.flaw([stored, touched, event(.get, .value(1), 4...5, now: 114)]) == nil)
        #expect(HistoryCheck.flaw([stored, touched, event(.get, .value(1), 4...5, now: 115)]) != nil)
        #expect(HistoryCheck.flaw([stored, event(.touch(timeToLive: 10), .done(true), 2...3, now: 110)]) != nil)
    }

    @Test("the check of a history lets a call with an unknown outcome happen at any later time, once, or never")
    func pending() {
        let pending = event(set2, nil, 2...2)
        let stored = event(set1, .done(true), 0...1)
        #expect(HistoryCheck.flaw([stored, pending, event(.get, .value(1), 4...5)]) == nil)
        #expect(HistoryCheck.flaw([stored, pending, event(.get, .value(2), 4...5)]) == nil)
        let late = [event(.get, .value(1), 4...5), event(.get, .value(2), 6...7)]
        #expect(HistoryCheck.flaw([stored, pending] + late) == nil)
        #expect(HistoryCheck.flaw([stored, pending] + late + [event(.get, .value(1), 8...9)]) != nil)
        // Not before it was called.
        #expect(HistoryCheck.flaw([event(.get, .value(2), 0...1), pending]) != nil)
        // An error that says that nothing has changed is believed.
        let failed = event(set2, .failed("busy"), 2...3)
        #expect(HistoryCheck.flaw([stored, failed, event(.get, .value(2), 4...5)]) != nil)
        #expect(HistoryCheck.flaw([stored, failed, event(.get, .value(1), 4...5)]) == nil)
    }

    @Test("the check of a history lets a computed value replace a later one, and rejects one from nowhere")
    func getOrCompute() {
        let ask = { (value: Int64) in HistoryEvent.Call.getOrCompute(value, timeToLive: nil) }
        let stored = event(set1, .done(true), 0...1)
        #expect(HistoryCheck.flaw([stored, event(ask(2), .value(1), 2...3)]) == nil)
        #expect(HistoryCheck.flaw([stored, event(ask(2), .value(3), 2...3)]) != nil)
        let computed = event(ask(2), .value(2), 0...9)
        #expect(HistoryCheck.flaw([computed, event(ask(3), .value(2), 0...9)]) == nil)
        #expect(HistoryCheck.flaw([event(set1, .done(true), 1...2), computed, event(.get, .value(2), 10...11)]) == nil)
        #expect(HistoryCheck.flaw([computed, event(.get, .value(nil), 10...11)]) != nil)
        // Two clients that have computed at the same time can't both find their values.
        let other = event(ask(3), .value(3), 0...9)
        #expect(HistoryCheck.flaw([computed, other, event(ask(4), .value(3), 10...11)]) == nil)
        let both = [event(ask(4), .value(3), 10...11), event(ask(5), .value(2), 12...13)]
        #expect(HistoryCheck.flaw([computed, other] + both) != nil)
    }

    @Test("the check of a history rejects a write within a transaction, and two winning batches")
    func transactions() {
        let swap = { (value: Int64) in HistoryEvent.Call.transaction(value, timeToLive: nil) }
        let one = event(swap(2), .exchanged(true, previous: nil), 0...9)
        #expect(HistoryCheck.flaw([one, event(swap(3), .exchanged(true, previous: 2), 0...9)]) == nil)
        #expect(HistoryCheck.flaw([one, event(swap(3), .exchanged(true, previous: nil), 0...9)]) != nil)
        let batch = { (value: Int64) in HistoryEvent.Call.batch(value, timeToLive: nil) }
        let kept = event(batch(2), .done(true), 0...9)
        #expect(HistoryCheck.flaw([kept, event(batch(3), .done(false), 0...9)]) == nil)
        #expect(HistoryCheck.flaw([kept, event(batch(3), .done(true), 0...9)]) != nil)
    }

    @Test("the check of a history rejects two holders of a lease, a token that does not grow, and a late lease")
    func leases() {
        let acquire = HistoryEvent.Call.acquire(timeToLive: 10)
        let first = event(acquire, .lease(token: 5), 0...9, now: 100)
        #expect(HistoryCheck.flaw([first, event(acquire, .lease(token: nil), 0...9, now: 100)]) == nil)
        #expect(HistoryCheck.flaw([first, event(acquire, .lease(token: 6), 0...9, now: 100)]) != nil)
        #expect(HistoryCheck.flaw([first, event(acquire, .lease(token: 6), 10...11, now: 110)]) == nil)
        #expect(HistoryCheck.flaw([first, event(acquire, .lease(token: 5), 10...11, now: 110)]) != nil)
        #expect(HistoryCheck.flaw([first, event(.lease, .lease(token: 5), 10...11, now: 110)]) != nil)
        let renewed = event(.renew(token: 5, timeToLive: 10), .done(true), 10...11, now: 109)
        #expect(HistoryCheck.flaw([first, renewed, event(.lease, .lease(token: 5), 12...13, now: 118)]) == nil)
        #expect(HistoryCheck.flaw([first, renewed, event(acquire, .lease(token: 6), 12...13, now: 118)]) != nil)
        let released = event(.release(token: 5), .done(true), 10...11, now: 109)
        #expect(HistoryCheck.flaw([first, released, event(acquire, .lease(token: 6), 12...13, now: 109)]) == nil)
        #expect(HistoryCheck.flaw([first, released, event(.release(token: 5), .done(true), 12...13, now: 109)]) != nil)
        // The killed client may have acquired the lease.
        let killed = event(acquire, nil, 0...1, now: 100)
        #expect(HistoryCheck.flaw([killed, event(.lease, .lease(token: 7), 2...3, now: 100)]) == nil)
        let two = [event(.lease, .lease(token: 7), 2...3, now: 100), event(.lease, .lease(token: 8), 4...5, now: 100)]
        #expect(HistoryCheck.flaw([killed] + two) != nil)
    }
}
