/// Decides which caller of `getOrCompute` fetches a key for all callers of one store that ask for it.
///
/// A flight begins with the first caller that finds the value missing, its leader, and ends with the value that the
/// leader has found or computed. Callers that come in between wait in line. The value goes to the callers that came
/// before the leader began to look for it, or to store it: it was in the file at a moment within each of their calls.
/// The first of the other callers leads next. The first in line also leads next when a leader ends without a value, or
/// computes for longer than its lease. Pure: the callers do the waiting, the waking and the work.
struct FlightPlan {
    /// A call that leads or waits.
    struct Seat: Hashable, Sendable {
        /// Compared by bytes, as keys are.
        let key: [UInt8]
        /// Grows from one call to the next.
        let number: Int
    }

    struct Moment {
        /// The wall clock, for leases.
        var wall: Timestamp
        /// The steady clock, for the deadlines of the waiting callers.
        var steady: MonotonicTime
    }

    /// How a leader ends.
    enum Outcome: Equatable, Sendable {
        /// The value is in the file.
        /// - Parameter writtenAt: nil for a value that was computed just now.
        case stored(Value, writtenAt: Timestamp?)
        /// The value was computed and could not be stored.
        case unstored(Value, TTLStoreError)
        /// The file can't be used; for callers with `requiresStoring`.
        case failed(TTLStoreError)
        /// No value that other callers could use.
        case none
    }

    /// The answer to a call that wants to lead.
    enum Joining: Equatable {
        case lead(Seat)
        case wait(Seat)
        /// Another call leads, and this one doesn't wait.
        case occupied
        case closed
    }

    /// Why the wait of a call ends.
    enum Ending: Equatable, Sendable {
        case lead
        case outcome(Outcome)
        case timedOut, cancelled, closed
    }

    struct Wake: Equatable {
        let seat: Seat
        let ending: Ending
    }

    /// The longest time for which an expired lease goes unnoticed: the wall clock may jump.
    static let longestCheck: Milliseconds = 100

    /// The calls for one key.
    private struct Flight {
        var leader: Int
        /// Callers in line with lower numbers had come before the leader last began to look or to store.
        var mark = 0
        /// While the leader computes: when its lease ends, after which another caller may lead.
        var lease: Timestamp?
        var nextCheck = MonotonicTime(nanoseconds: .max)
        var line = WaitingLine()

        init(leader: Int) { self.leader = leader }

        mutating func lead(_ number: Int) {
            leader = number
            mark = 0
            lease = nil
            nextCheck = MonotonicTime(nanoseconds: .max)
        }

        func hasLapsed(_ wall: Timestamp) -> Bool { lease.map { wall >= $0 } ?? false }

        mutating func check(_ now: Moment) {
            guard let lease else { return }
            let rest = TimeConversion.milliseconds(from: now.wall, to: lease)
            nextCheck = now.steady + max(1, min(rest, longestCheck))
        }

        mutating func promoteFirst(_ key: [UInt8]) -> Wake? {
            guard let first = line.removeFirst() else { return nil }
            lead(first.number)
            return Wake(seat: Seat(key: key, number: first.number), ending: .lead)
        }
    }

    private var flights: [[UInt8]: Flight] = [:]
    private var count = 0
    private(set) var isClosed = false

    // MARK: The calls

    /// - Parameter deadline: nil if the call doesn't wait.
    mutating func join(_ key: [UInt8], until deadline: MonotonicTime?, isStrict: Bool, now: Moment) -> Joining {
        guard !isClosed else { return .closed }
        let seat = Seat(key: key, number: count)
        guard let isFree = flights[key]?.hasLapsed(now.wall) else {
            count += 1
            flights[key] = Flight(leader: seat.number)
            return .lead(seat)
        }
        if isFree {
            count += 1
            flights[key]?.lead(seat.number)
            return .lead(seat)
        }
        guard let deadline, deadline > now.steady else { return .occupied }
        count += 1
        flights[key]?.line.append(.init(number: seat.number, deadline: deadline, isStrict: isStrict))
        return .wait(seat)
    }

    mutating func cancel(_ seat: Seat) -> [Wake] {
        guard flights[seat.key]?.line.remove(seat.number) ?? false else { return [] }
        return [Wake(seat: seat, ending: .cancelled)]
    }

    // MARK: The leader

    /// The leader begins to look for the value, or to store it.
    mutating func mark(_ seat: Seat) {
        if leads(seat) { flights[seat.key]?.mark = count }
    }

    /// The leader computes. Until that time of the wall clock no other caller takes over.
    mutating func hold(_ seat: Seat, until lease: Timestamp, now: Moment) {
        guard leads(seat) else { return }
        flights[seat.key]?.lease = lease
        flights[seat.key]?.check(now)
    }

    /// Ends the lead. A leader whose place another caller has taken ends only its own call.
    mutating func end(_ seat: Seat, _ outcome: Outcome) -> [Wake] {
        guard leads(seat), let mark = flights[seat.key]?.mark else { return [] }
        let served = flights[seat.key]?.line.removeAll { waiter in
            switch outcome {
            case .stored: waiter.number < mark
            case .unstored: true
            case .failed: waiter.isStrict && waiter.number < mark
            case .none: false
            }
        }
        var wakes = (served ?? []).map {
            Wake(seat: Seat(key: seat.key, number: $0.number), ending: .outcome(outcome))
        }
        if let next = flights[seat.key]?.promoteFirst(seat.key) {
            wakes.append(next)
        } else {
            flights[seat.key] = nil
        }
        return wakes
    }

    private func leads(_ seat: Seat) -> Bool { flights[seat.key]?.leader == seat.number }

    // MARK: Time

    /// Ends the waits for a key whose deadlines have passed, and makes the first in line the leader if the lease has
    /// run out.
    mutating func advance(_ key: [UInt8], to now: Moment) -> [Wake] {
        let late = flights[key]?.line.removeAll { $0.deadline <= now.steady }
        var wakes = (late ?? []).map { Wake(seat: Seat(key: key, number: $0.number), ending: .timedOut) }
        if flights[key]?.hasLapsed(now.wall) ?? false, let next = flights[key]?.promoteFirst(key) {
            wakes.append(next)
        } else {
            flights[key]?.check(now)
        }
        return wakes
    }

    /// As `advance(_:to:)`, for all keys.
    mutating func advance(to now: Moment) -> [Wake] { Array(flights.keys).flatMap { advance($0, to: now) } }

    /// When `advance(to:)` is next needed; nil if no call waits. O(waiting calls).
    var nextDue: MonotonicTime? { flights.keys.compactMap(nextDue).min() }

    func nextDue(_ key: [UInt8]) -> MonotonicTime? {
        guard let flight = flights[key], let deadline = flight.line.waiters.lazy.map(\.deadline).min() else {
            return nil
        }
        return min(deadline, flight.nextCheck)
    }

    /// When to look at the lease of the computing caller.
    func nextCheck(_ key: [UInt8]) -> MonotonicTime? { flights[key]?.nextCheck }

    /// Ends all waits. The leaders find out themselves that the store is closed.
    mutating func close() -> [Wake] {
        isClosed = true
        defer { flights = [:] }
        return flights.flatMap { key, flight in
            flight.line.waiters.map { Wake(seat: Seat(key: key, number: $0.number), ending: .closed) }
        }
    }

    // MARK: For tests

    var leaders: [[UInt8]: Int] { flights.mapValues(\.leader) }

    var waiting: [Seat] {
        flights.flatMap { key, flight in flight.line.waiters.map { Seat(key: key, number: $0.number) } }
    }
}
