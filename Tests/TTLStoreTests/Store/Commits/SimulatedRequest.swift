@testable import TTLStore

/// A caller of the simulated queue.
final class SimulatedRequest: TurnRequest {
    enum Thread {
        /// The thread stays awake, or was called, and looks soon.
        case comes
        case sleeps
        /// The thread does the work of the turn.
        case leads
        case hasReturned
    }

    /// In the order of arrival.
    let number: Int
    let mayShareCommit: Bool
    /// For the end of a checkpoint where the log is long.
    var goesFirst = false
    let hasThread: Bool
    /// Whether it uses the connection itself, as a checkpoint does, instead of a transaction of the queue.
    let isOwnTurn: Bool
    var deadline: MonotonicTime
    var group: TurnGroup<SimulatedRequest>?
    var isServed = false
    var isDone = false
    var isCancelled = false
    var mayStayAwake = true
    var hasLeft: Bool { isDone || isServed }
    var thread = Thread.comes
    /// The number and the time of the latest event that makes its thread look.
    var look = 0
    var looksAt = Int64.max

    init(_ number: Int, mayShareCommit: Bool, hasThread: Bool, isOwnTurn: Bool, deadline: MonotonicTime) {
        self.number = number
        self.mayShareCommit = mayShareCommit
        self.hasThread = hasThread
        self.isOwnTurn = isOwnTurn
        self.deadline = deadline
    }
}
