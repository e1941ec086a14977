package import TTLStore

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// Calls operations on a few keys at random, one after the other, and reports each before and after.
package struct HistoryClient {
    private let number: Int
    private let store: TTLStore
    private let clock: ManualClock
    /// Whether it does nothing but compute one value, get it and remove it.
    private let computesOnly: Bool
    private var generator: SeededGenerator
    private var lastRevision: [String: Int64] = [:]
    private var lastToken: Int64?
    /// The key of an entry that was just read, half of the time: compare and set has a chance.
    private var keyToChange: String?
    private var calls: Int64 = 0

    package static let keys = ["a", "b", "c"]
    package static let lease = "lease"

    package init(
        _ number: Int, _ store: TTLStore, _ clock: ManualClock, seed: UInt64, computesOnly: Bool = false
    ) {
        self.number = number
        self.computesOnly = computesOnly
        self.store = store
        self.clock = clock
        generator = SeededGenerator(seed: seed &+ UInt64(number) &* 0x1000)
    }

    /// - Parameter report: gets each call twice, the second time with its answer.
    package mutating func run(calls count: Int, _ report: (HistoryEvent) -> Void) {
        for _ in 0..<count {
            calls += 1
            let (key, call) = nextCall()
            var event = HistoryEvent(client: number, key: key, call: call, now: clock.now, begin: Self.monotonicTime)
            report(event)
            do {
                let answer = try call.run(store, key)
                event.answer = answer
                learn(from: answer, key)
            } catch {
                let failure = error as? TTLStoreError
                // The store says which errors leave the outcome of a write unknown; after all others nothing has
                // changed.
                if failure?.isOutcomeUnknown != true {
                    event.answer = .failed("\(failure?.code.description ?? "\(error)")")
                }
            }
            if event.answer != nil { event.end = Self.monotonicTime }
            report(event)
        }
    }

    private mutating func learn(from answer: HistoryEvent.Answer, _ key: String) {
        switch answer {
        case .entry(_, let revision):
            lastRevision[key] = revision
            keyToChange = Bool.random(using: &generator) ? key : nil
        case .lease(let token?): lastToken = token
        default: break
        }
    }

    private mutating func nextCall() -> (key: String, HistoryEvent.Call) {
        if computesOnly { return (Self.keys[0], nextCallOfOneValue()) }
        if keyToChange == nil, Int.random(in: 0..<5, using: &generator) == 0 { return (Self.lease, nextLeaseCall()) }
        let key = keyToChange ?? Self.keys.randomElement(using: &generator) ?? "a"
        return (key, nextCall(key))
    }

    private mutating func nextCallOfOneValue() -> HistoryEvent.Call {
        switch Int.random(in: 0..<4, using: &generator) {
        case 0: .remove
        case 1: .get
        default: .getOrCompute(Int64(number) * 1_000_000 + calls * 1000, timeToLive: nil)
        }
    }

    private mutating func nextLeaseCall() -> HistoryEvent.Call {
        let timeToLive = Int64.random(in: 1...30, using: &generator)
        guard let lastToken else { return .acquire(timeToLive: timeToLive) }
        switch Int.random(in: 0..<5, using: &generator) {
        case 0: return .lease
        case 1: return .renew(token: lastToken, timeToLive: timeToLive)
        case 2: return .release(token: lastToken)
        default: return .acquire(timeToLive: timeToLive)
        }
    }

    private mutating func nextCall(_ key: String) -> HistoryEvent.Call {
        // Different in each call, so that a value identifies its writer.
        let value = Int64(number) * 1_000_000 + calls * 1000
        let timeToLive: Int64? = Bool.random(using: &generator) ? nil : .random(in: 1...30, using: &generator)
        let conditions: [HistoryEvent.Condition] = [
            .always, .ifAbsent, .ifPresent, .ifUnchanged(since: lastRevision[key] ?? 0),
        ]
        if let revision = lastRevision[key], keyToChange != nil {
            keyToChange = nil
            return .set(value, .ifUnchanged(since: revision), timeToLive: timeToLive)
        }
        let condition = conditions.randomElement(using: &generator) ?? .always
        switch Int.random(in: 0..<20, using: &generator) {
        case 0, 1: return .get
        case 2: return .contains
        case 3, 4: return .entry
        case 5: return .remove
        case 6: return .take
        case 7: return .persist
        case 8: return .touch(timeToLive: timeToLive ?? 10)
        case 9: return .getAndTouch(timeToLive: timeToLive ?? 10)
        case 10: return .increment(by: 1, timeToLive: timeToLive)
        case 11: return .exchange(value, condition, timeToLive: timeToLive)
        case 12: return .update(plus: 1)
        case 13, 14: return .getOrCompute(value, timeToLive: timeToLive)
        case 15: return .transaction(value, timeToLive: timeToLive)
        case 16: return .batch(value, timeToLive: timeToLive)
        default: return .set(value, condition, timeToLive: timeToLive)
        }
    }

    private static var monotonicTime: Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}
