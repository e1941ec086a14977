/// The calls that wait for one leader, in the order in which they came.
///
/// Adding a call costs O(1), removing one O(log n), also with thousands of calls.
struct WaitingLine {
    struct Waiter: Equatable {
        /// Grows from one call to the next.
        let number: Int
        let deadline: MonotonicTime
        let isStrict: Bool
        fileprivate var isGone = false

        init(number: Int, deadline: MonotonicTime, isStrict: Bool) {
            self.number = number
            self.deadline = deadline
            self.isStrict = isStrict
        }
    }

    /// Sorted by number. Calls that are gone keep their place until they are the majority; before `head` all are gone.
    private var places: [Waiter] = []
    private var head = 0
    private(set) var count = 0

    var isEmpty: Bool { count == 0 }

    /// The waiting calls, in the order in which they came.
    var waiters: some Sequence<Waiter> { places[head...].lazy.filter { !$0.isGone } }

    mutating func append(_ waiter: Waiter) {
        places.append(waiter)
        count += 1
    }

    /// Removes a call; false if it doesn't wait any more.
    mutating func remove(_ number: Int) -> Bool {
        var (low, high) = (0, places.count)
        while low < high {
            let middle = (low + high) / 2
            if places[middle].number < number { low = middle + 1 } else { high = middle }
        }
        guard low < places.count, places[low].number == number, !places[low].isGone else { return false }
        places[low].isGone = true
        count -= 1
        dropGone()
        return true
    }

    mutating func removeFirst() -> Waiter? {
        guard let first = waiters.first(where: { _ in true }) else { return nil }
        _ = remove(first.number)
        return first
    }

    /// O(n).
    mutating func removeAll(where isMeant: (Waiter) -> Bool) -> [Waiter] {
        let removed = waiters.filter(isMeant)
        guard !removed.isEmpty else { return [] }
        places = waiters.filter { !isMeant($0) }
        head = 0
        count = places.count
        return removed
    }

    /// Costs as much as the removals since the last time.
    private mutating func dropGone() {
        while head < places.count, places[head].isGone { head += 1 }
        guard places.count > 2 * count else { return }
        places = Array(waiters)
        head = 0
    }
}
