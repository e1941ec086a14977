/// When a writer may count the rows while others write. Pure.
///
/// Counting takes at most 1/32 of the time and is done at most once a second, unless the store itself has changed so
/// many rows that the count costs little beside them: where several stores without a thread write as fast as they can,
/// each of them makes room for what it adds.
struct CountPace: Equatable, Sendable {
    private static let interval: Milliseconds = 1000
    private static let factor: Milliseconds = 32

    /// So many changes of this store pay for a count.
    private let price: Int
    /// Rows that this store has inserted or evicted since the last count.
    private var changes = 0
    private var nextCheck = MonotonicTime(nanoseconds: 0)
    private var notBefore = MonotonicTime(nanoseconds: 0)

    init(limit: Int) { price = 1 + limit / 256 }

    /// What writes have inserted, but for the latest, and not made room for, as far as one write can make up for it.
    var arrears: Int { min(price, max(0, changes - 1)) }

    /// Whether to find out if others have written.
    func wantsCheck(at now: MonotonicTime) -> Bool { now >= nextCheck }

    func allowsCount(at now: MonotonicTime) -> Bool { now >= notBefore || changes >= price }

    mutating func changed(_ rows: Int) { changes += rows }

    mutating func checked(at now: MonotonicTime) { nextCheck = now + CountPace.interval }

    mutating func counted(from begun: MonotonicTime, to ended: MonotonicTime) {
        let duration = ended.milliseconds(since: begun)
        notBefore = ended + max(CountPace.interval, CountPace.factor * duration)
        nextCheck = notBefore
        changes = 0
    }
}
