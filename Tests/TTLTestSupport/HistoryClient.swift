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
    private var generator: SeededGenerator
    private var lastRevision: [String: Int64] = [:]
    /// The key of an entry that was just read, half of the time: compare and set has a chance.
    private var keyToChange: String?
    private var calls: Int64 = 0

    package static let keys = ["a", "b", "c"]

    package init(_ number: Int, _ store: TTLStore, _ clock: ManualClock, seed: UInt64) {
        self.number = number
        self.store = store
        self.clock = clock
        generator = SeededGenerator(seed: seed &+ UInt64(number) &* 0x1000)
    }

    /// - Parameter report: is given each call twice, the second time with its answer.
    package mutating func run(calls count: Int, _ report: (HistoryEvent) -> Void) {
        for _ in 0..<count {
            let key = keyToChange ?? Self.keys.randomElement(using: &generator) ?? "a"
            var event = HistoryEvent(
                client: number, key: key, call: nextCall(key), now: clock.now, begin: Self.monotonicTime)
            report(event)
            do {
                let answer = try event.call.run(store, key)
                event.answer = answer
                if case .entry(_, let revision) = answer {
                    lastRevision[key] = revision
                    keyToChange = Bool.random(using: &generator) ? key : nil
                }
            } catch {
                let failure = error as? TTLStoreError
                if failure?.isOutcomeUnknown != true {
                    event.answer = .failed("\(failure?.code.description ?? "\(error)")")
                }
            }
            if event.answer != nil { event.end = Self.monotonicTime }
            report(event)
        }
    }

    private mutating func nextCall(_ key: String) -> HistoryEvent.Call {
        calls += 1
        // Different in each call, so that a value says who wrote it.
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
        switch Int.random(in: 0..<16, using: &generator) {
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
        default: return .set(value, condition, timeToLive: timeToLive)
        }
    }

    private static var monotonicTime: Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}
