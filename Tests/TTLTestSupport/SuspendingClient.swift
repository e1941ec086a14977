package import TTLStore

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// As `HistoryClient`, by the asynchronous forms of the operations, in a task.
package struct SuspendingClient {
    private let number: Int
    private let store: TTLStore
    private let clock: ManualClock
    private var generator: SeededGenerator
    private var calls: Int64 = 0

    package init(_ number: Int, _ store: TTLStore, _ clock: ManualClock, seed: UInt64) {
        self.number = number
        self.store = store
        self.clock = clock
        generator = SeededGenerator(seed: seed &+ UInt64(number) &* 0x1000)
    }

    /// - Parameter report: gets each call twice, the second time with its answer.
    package mutating func run(calls count: Int, _ report: (HistoryEvent) -> Void) async {
        for _ in 0..<count {
            calls += 1
            let key = HistoryClient.keys.randomElement(using: &generator) ?? "a"
            let call = nextCall()
            var event = HistoryEvent(
                client: number, key: key, call: call, now: clock.now, begin: Self.monotonicTime)
            report(event)
            do { event.answer = try await call.runSuspending(store, key) } catch {
                let failure = error as? TTLStoreError
                if failure?.isOutcomeUnknown != true {
                    event.answer = .failed("\(failure?.code.description ?? "\(error)")")
                }
            }
            if event.answer != nil { event.end = Self.monotonicTime }
            report(event)
        }
    }

    private mutating func nextCall() -> HistoryEvent.Call {
        let value = Int64(number) * 1_000_000 + calls * 1000
        let timeToLive: Int64? = Bool.random(using: &generator) ? nil : .random(in: 1...30, using: &generator)
        let condition: HistoryEvent.Condition =
            [.always, .ifAbsent, .ifPresent].randomElement(using: &generator) ?? .always
        let all: [HistoryEvent.Call] = [
            .get, .contains, .entry, .remove, .take, .persist, .touch(timeToLive: timeToLive ?? 10),
            .increment(by: 1, timeToLive: timeToLive), .exchange(value, condition, timeToLive: timeToLive),
            .getOrCompute(value, timeToLive: timeToLive), .transaction(value, timeToLive: timeToLive),
            .batch(value, timeToLive: timeToLive), .set(value, condition, timeToLive: timeToLive),
        ]
        return all.randomElement(using: &generator) ?? .get
    }

    private static var monotonicTime: Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}

extension HistoryEvent.Call {
    /// Runs the call on a store, if it is one that `SuspendingClient` makes.
    fileprivate func runSuspending(_ store: TTLStore, _ key: String) async throws -> HistoryEvent.Answer {
        switch self {
        case .get: return .value(try await store.get(key, as: Int64.self))
        case .contains: return .done(try await store.contains(key))
        case .entry:
            guard let entry = try await store.entry(key) else { return .value(nil) }
            return .entry(value: try entry.decode(as: Int64.self), revision: Int64(entry.revision.description) ?? -1)
        case .remove: return .done(try await store.remove(key))
        case .take: return .value(try await store.take(key, as: Int64.self))
        case .persist: return .done(try await store.persist(key) == .madePermanent)
        case .touch(let timeToLive):
            return .done(try await store.touch(key, expiring: .after(.milliseconds(timeToLive))) == .touched)
        case .increment(let amount, let timeToLive):
            return .value(try await store.increment(key, by: amount, expiring: expiry(timeToLive)))
        case .set(let value, let condition, let timeToLive):
            let outcome = try await store.set(key, value, expiring: expiry(timeToLive), when: condition.plain)
            return .done(outcome == .stored)
        case .exchange(let value, let condition, let timeToLive):
            let outcome = try await store.exchange(
                key, value, expiring: expiry(timeToLive), when: condition.plain)
            guard case .integer(let previous)? = outcome.previous else {
                return .exchanged(outcome.outcome == .stored, previous: nil)
            }
            return .exchanged(outcome.outcome == .stored, previous: previous)
        case .getOrCompute(let value, let timeToLive):
            let options = TTLStore.ComputeOptions(leaseDuration: .milliseconds(5), timeout: .milliseconds(50))
            return .value(
                try await store.getOrCompute(key, as: Int64.self, expiring: expiry(timeToLive), options: options) {
                    await Task.yield()
                    return value
                })
        case .transaction(let value, let timeToLive):
            return try await store.transaction { transaction in
                let previous = try transaction.get(key, as: Int64.self)
                try transaction.set(key, value, expiring: expiry(timeToLive))
                return .exchanged(true, previous: previous)
            }
        case .batch(let value, let timeToLive):
            let entry = TTLStore.BatchEntry(key, .integer(value), expiring: expiry(timeToLive))
            return .done(try await store.setAll([entry], when: .ifAllAbsent))
        default: return try run(store, key)
        }
    }
}

private func expiry(_ timeToLive: Int64?) -> TTLStore.Expiry { timeToLive.map { .after(.milliseconds($0)) } ?? .never }

extension HistoryEvent.Condition {
    fileprivate var plain: TTLStore.SetCondition {
        switch self {
        case .ifAbsent: .ifAbsent
        case .ifPresent: .ifPresent
        default: .always
        }
    }
}
