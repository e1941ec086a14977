/// Requests that are committed together, and the condition on which their threads wait.
final class WriteGroup {
    /// Bounds the time for which one transaction holds the write lock.
    static let capacity = 128

    let condition: Condition
    var requests: [WriteRequest] = []

    init(_ condition: Condition) { self.condition = condition }

    var isFull: Bool { requests.count >= WriteGroup.capacity || isAlone }

    /// True for a group of one request that shares its commit with nobody.
    var isAlone: Bool { requests.first?.isAlone ?? false }

    /// Takes out those that satisfy a condition.
    func take(_ condition: (WriteRequest) -> Bool) -> [WriteRequest] {
        let taken = requests.filter(condition)
        // By identity, not by asking again: what is asked may depend on the time.
        requests.removeAll { request in taken.contains { $0 === request } }
        return taken
    }

    /// False if all callers are tasks, which nobody can wake to lead.
    var hasWaitingThread: Bool { requests.contains { $0.isSynchronous } }
}
