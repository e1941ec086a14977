import TTLTestSupport

@testable import TTLStore

/// Drives a `ClosingState` with random threads, as an engine does, and checks each answer. The same seed makes the same
/// run.
struct ClosingSimulation {
    /// The kind of thread that has closed the store.
    enum Closer: CaseIterable {
        case outside
        /// A thread of the program that had asked.
        case leaving
        case ownThread
    }

    private struct Thread {
        let isOwn: Bool
        /// Closures that run inside each other, and for a thread of the store's own the thread itself.
        var depth = 0
        var hasBegun = false
        var hasAsked = false
        var waits = false
        var hasEnded = false
    }

    private var random: SeededGenerator
    private var state = ClosingState()
    private var threads: [Thread] = []
    private var closing: Int?
    private var isClosed = false
    /// How eager the threads are to close, between 0 and 1.
    private let eagerness: Double

    private(set) var closer: Closer?
    private(set) var waits = 0
    private(set) var eventCount = 0
    private var fault: String?

    init(seed: UInt64) {
        random = SeededGenerator(seed: seed)
        eagerness = [0.02, 0.1, 0.5].randomElement(using: &random) ?? 1
        for _ in 0..<Int.random(in: 0...4, using: &random) { threads.append(Thread(isOwn: true)) }
        for _ in 0..<Int.random(in: 1...4, using: &random) { threads.append(Thread(isOwn: false)) }
    }

    private mutating func chance(_ probability: Double) -> Bool {
        Double.random(in: 0..<1, using: &random) < probability
    }

    private mutating func fail(_ fault: String) {
        if self.fault == nil { self.fault = "\(fault), after \(eventCount) events" }
    }

    /// - Returns: what went wrong.
    mutating func run() -> String? {
        for _ in 0..<Int.random(in: 20...120, using: &random) where fault == nil { step() }
        finish()
        return fault
    }

    private mutating func step() {
        eventCount += 1
        let number = Int.random(in: 0..<threads.count, using: &random)
        let thread = threads[number]
        if closing == number { return advanceClosing(number) }
        guard !thread.waits, !thread.hasEnded else { return }
        if thread.isOwn, !thread.hasBegun {
            // No thread is started once the store is being closed.
            if !isAskedOrClosing { begin(number) }
        } else if chance(eagerness / 4) {
            close(number)
        } else if thread.depth > (thread.isOwn ? 1 : 0), chance(0.5) {
            leave(number)
        } else if thread.isOwn, thread.depth == 1, isAskedOrClosing || chance(0.05) {
            end(number)
        } else if thread.depth < 4 {
            enter(number)
        }
        check(number)
    }

    private var isAskedOrClosing: Bool { state.phase != .open }

    // MARK: Events

    private mutating func begin(_ number: Int) {
        threads[number].hasBegun = true
        enter(number)
    }

    private mutating func enter(_ number: Int) {
        state.enter(UInt(number))
        threads[number].depth += 1
    }

    private mutating func leave(_ number: Int) {
        let answer = state.leave(UInt(number))
        threads[number].depth -= 1
        follow(answer, number, isLeaving: true)
    }

    private mutating func end(_ number: Int) {
        let answer = state.leave(UInt(number), isOwn: true)
        threads[number].depth -= 1
        threads[number].hasEnded = true
        if answer == .wait { fail("thread \(number), for which the closer waits, waits for it") }
        follow(answer, number, isLeaving: true)
    }

    private mutating func close(_ number: Int) {
        threads[number].hasAsked = true
        follow(state.close(UInt(number)), number, isLeaving: false)
    }

    /// Does what the engine does with an answer.
    private mutating func follow(_ answer: ClosingState.Answer, _ number: Int, isLeaving: Bool) {
        if isClosed, answer != .nothing { fail("a closed store answers thread \(number) with \(answer)") }
        if answer != .nothing, threads[number].depth > 0 { fail("thread \(number), which is inside, is to \(answer)") }
        if isLeaving, answer != .nothing, !threads[number].hasAsked, !threads[number].isOwn {
            fail("thread \(number), which has not asked, is to \(answer) as it leaves")
        }
        switch answer {
        case .close:
            if closing != nil || isClosed { fail("thread \(number) closes as well") }
            closing = number
            closer = threads[number].isOwn ? .ownThread : isLeaving ? .leaving : .outside
        case .wait:
            if closing == nil { fail("thread \(number) waits, and nobody closes") }
            if closing == number { fail("thread \(number) waits for itself") }
            threads[number].waits = true
            waits += 1
        case .nothing:
            let isInside = threads[number].depth > 0
            if !isLeaving, !isInside, !isClosed { fail("thread \(number) has asked, and the store stays open") }
        }
    }

    /// The closer joins the threads of the store's own, and waits for the code that runs inside.
    private mutating func advanceClosing(_ number: Int) {
        let others = threads.indices.filter { $0 != number && threads[$0].depth > 0 }
        guard others.isEmpty else { return }
        state.closed()
        isClosed = true
        closing = nil
        for index in threads.indices { threads[index].waits = false }
    }

    /// Each thread comes to its end.
    private mutating func finish() {
        for _ in 0..<100 where fault == nil {
            for number in threads.indices.shuffled(using: &random) where fault == nil {
                eventCount += 1
                if closing == number { advanceClosing(number) }
                let thread = threads[number]
                guard closing != number, !thread.waits, !thread.hasEnded else { continue }
                if thread.depth > (thread.isOwn ? 1 : 0) {
                    leave(number)
                } else if thread.depth == 1, isAskedOrClosing {
                    end(number)
                }
                check(number)
            }
        }
        guard fault == nil else { return }
        let hasAsked = threads.contains { $0.hasAsked }
        if hasAsked != isClosed { fail(isClosed ? "the store is closed unasked" : "the store is never closed") }
        if threads.contains(where: \.waits) { fail("a thread waits for ever") }
    }

    private mutating func check(_ number: Int) {
        if closing != nil, state.phase != .closing { fail("the phase is \(state.phase) while a thread closes") }
        if isClosed, state.phase != .closed { fail("a closed store is \(state.phase)") }
        let isWaited = threads.contains { $0.hasAsked } && closing == nil && !isClosed
        if isWaited, state.phase != .asked { fail("the store is \(state.phase) although a thread has asked") }
        if isWaited, !threads.contains(where: { $0.hasAsked && $0.depth > 0 }) {
            fail("whoever has asked has left, and nobody closes")
        }
    }
}
