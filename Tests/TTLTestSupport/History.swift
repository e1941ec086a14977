import Foundation
package import TTLStore

/// One client's call on one key, and its outcome: the material of a linearizability check.
package struct HistoryEvent: Codable, Sendable {
    package var client: Int
    package var key: String
    package var call: Call
    /// Nil if it is not known: the client was killed, or the error says that the outcome is unknown.
    package var answer: Answer?
    /// The wall clock's time in milliseconds, which stood still meanwhile.
    package var now: Int64
    /// Before the call, in nanoseconds of the monotonic clock, which all processes share.
    package var begin: Int64
    /// After the call; nil without an answer: the call may take effect at any later time.
    package var end: Int64?

    package init(
        client: Int, key: String, call: Call, answer: Answer? = nil, now: Int64, begin: Int64, end: Int64? = nil
    ) {
        self.client = client
        self.key = key
        self.call = call
        self.answer = answer
        self.now = now
        self.begin = begin
        self.end = end
    }

    /// Values are integers, so that every operation works on every one. A time to live is in milliseconds, nil for
    /// ever.
    package enum Call: Hashable, Codable, Sendable {
        case get, contains, entry, remove, take, persist
        case set(Int64, Condition, timeToLive: Int64?)
        case exchange(Int64, Condition, timeToLive: Int64?)
        case touch(timeToLive: Int64)
        case getAndTouch(timeToLive: Int64)
        case increment(by: Int64, timeToLive: Int64?)
        case update(plus: Int64)
        /// Computes that value if there is none.
        case getOrCompute(Int64, timeToLive: Int64?)
        /// Reads, then sets, in one transaction.
        case transaction(Int64, timeToLive: Int64?)
        /// A batch of one, if it is absent.
        case batch(Int64, timeToLive: Int64?)
        // Reads the lease with the key's name.
        case lease
        case acquire(timeToLive: Int64)
        case renew(token: Int64, timeToLive: Int64)
        case release(token: Int64)
    }

    package enum Condition: Hashable, Codable, Sendable {
        case always, ifAbsent, ifPresent
        case ifUnchanged(since: Int64)
    }

    package enum Answer: Hashable, Codable, Sendable {
        /// The value that was read, or that the operation left or found; nil for none.
        case value(Int64?)
        case entry(value: Int64, revision: Int64)
        /// Whether the operation did what it says.
        case done(Bool)
        case exchanged(Bool, previous: Int64?)
        /// The token of the lease that was acquired or is held; nil for none.
        case lease(token: Int64?)
        /// An error after which nothing has changed.
        case failed(String)
    }
}

extension HistoryEvent.Call {
    /// Runs the call on a store.
    package func run(_ store: TTLStore, _ key: String) throws -> HistoryEvent.Answer {
        switch self {
        case .get: return .value(try store.get(key, as: Int64.self))
        case .contains: return .done(try store.contains(key))
        case .entry:
            guard let entry = try store.entry(key) else { return .value(nil) }
            return .entry(value: try entry.decode(as: Int64.self), revision: Int64(entry.revision.description) ?? -1)
        case .remove: return .done(try store.remove(key))
        case .take: return .value(try store.take(key, as: Int64.self))
        case .persist: return .done(try store.persist(key) == .madePermanent)
        case .set(let value, let condition, let timeToLive):
            let outcome = try store.set(
                key, value, expiring: Self.expiry(timeToLive), when: try condition.forStore())
            return .done(outcome == .stored)
        case .exchange(let value, let condition, let timeToLive):
            let outcome = try store.exchange(
                key, value, expiring: Self.expiry(timeToLive), when: try condition.forStore())
            return .exchanged(outcome.outcome == .stored, previous: Self.integer(outcome.previous))
        case .touch(let timeToLive):
            return .done(try store.touch(key, expiring: Self.expiry(timeToLive)) == .touched)
        case .getAndTouch(let timeToLive):
            return .value(try store.get(key, as: Int64.self, touching: Self.expiry(timeToLive)))
        case .increment(let amount, let timeToLive):
            return .value(try store.increment(key, by: amount, expiring: Self.expiry(timeToLive)))
        case .update(let amount):
            return .value(
                try store.update(key, as: Int64.self) { value in
                    value = value.map { $0 &+ amount }
                    return value
                })
        case .getOrCompute(let value, let timeToLive):
            return .value(
                try store.getOrCompute(
                    key, as: Int64.self, expiring: Self.expiry(timeToLive), options: Self.computing
                ) {
                    // So that others come in between.
                    usleep(200)
                    return value
                })
        case .transaction(let value, let timeToLive):
            return try store.transaction { transaction in
                let previous = try transaction.get(key, as: Int64.self)
                try transaction.set(key, value, expiring: Self.expiry(timeToLive))
                return .exchanged(true, previous: previous)
            }
        case .batch(let value, let timeToLive):
            let entry = TTLStore.BatchEntry(key, .integer(value), expiring: Self.expiry(timeToLive))
            return .done(try store.setAll([entry], when: .ifAllAbsent))
        case .lease, .acquire, .renew, .release: return try runOnLease(store, key)
        }
    }

    private func runOnLease(_ store: TTLStore, _ name: String) throws -> HistoryEvent.Answer {
        switch self {
        case .acquire(let timeToLive):
            return .lease(token: try store.acquireLease(name, for: .milliseconds(timeToLive))?.token)
        case .renew(let token, let timeToLive):
            // A token never comes back: if another one is found, this lease is lost for good.
            guard let lease = try store.lease(named: name), lease.token == token else { return .done(false) }
            return .done(try store.renew(lease, for: .milliseconds(timeToLive)) != nil)
        case .release(let token):
            guard let lease = try store.lease(named: name), lease.token == token else { return .done(false) }
            return .done(try store.release(lease))
        default: return .lease(token: try store.lease(named: name)?.token)
        }
    }

    package var isAboutLease: Bool {
        switch self {
        case .lease, .acquire, .renew, .release: true
        default: false
        }
    }

    /// If a client is killed while it computes, the others give up soon, and by the next round its lease has run out. A
    /// value that is returned without being stored is no part of a history.
    private static let computing = TTLStore.ComputeOptions(
        leaseDuration: .milliseconds(5), timeout: .milliseconds(50), requiresStoring: true)

    private static func expiry(_ timeToLive: Int64?) -> TTLStore.Expiry {
        timeToLive.map { .after(.milliseconds($0)) } ?? .never
    }

    private static func integer(_ value: TTLStore.Value?) -> Int64? {
        if case .integer(let number) = value { number } else { nil }
    }
}

extension HistoryEvent.Condition {
    fileprivate func forStore() throws -> TTLStore.SetCondition {
        switch self {
        case .always: return .always
        case .ifAbsent: return .ifAbsent
        case .ifPresent: return .ifPresent
        case .ifUnchanged(let number):
            guard let revision = TTLStore.Revision(String(number)) else { throw HistoryError.noRevision(number) }
            return .ifUnchanged(since: revision)
        }
    }
}

package enum HistoryError: Error {
    case noRevision(Int64)
}
