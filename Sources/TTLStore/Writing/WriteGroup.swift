/// Requests that are committed together, and the condition on which their threads wait.
final class WriteGroup {
    /// Bounds the time for which one transaction holds the write lock.
    static let capacity = 128

    let condition: Condition
    var requests: [WriteRequest] = []

    init(_ condition: Condition) { self.condition = condition }

    var isFull: Bool { requests.count >= WriteGroup.capacity }

    /// False if all callers are tasks, which nobody can wake to lead.
    var hasWaitingThread: Bool { requests.contains { $0.isSynchronous } }
}
