/// Work that wants the writing connection.
protocol TurnRequest: AnyObject {
    /// False for work that is served in a turn of its own: a closure, a batch, a checkpoint.
    var mayShareCommit: Bool { get }
    /// True where a thread waits, which runs the work itself; false for the work of a task, which has none.
    var hasThread: Bool { get }
    /// When the caller stops waiting for its turn.
    var deadline: MonotonicTime { get }
    /// True for the end of a checkpoint where the log is long: what waits would make it longer. It shares no commit,
    /// and is the only one of its kind.
    var goesFirst: Bool { get }
}

/// Requests that are served in one turn: one that shares no commit, or up to 128 neighbours that share one.
final class TurnGroup<Request: TurnRequest> {
    /// Bounds the time for which one commit holds the write lock.
    static var capacity: Int { 128 }

    fileprivate(set) var requests: [Request]
    /// True once the holder of the turn has taken the requests out: each of them gets the result of its work.
    fileprivate(set) var isServed = false
    /// Where the threads of this group wait. It belongs to `CommitQueue`.
    var condition: Condition?

    init(_ request: Request) { requests = [request] }

    fileprivate var mayShareCommit: Bool { requests.first?.mayShareCommit ?? true }
    fileprivate var hasThread: Bool { requests.contains { $0.hasThread } }
    fileprivate var goesFirst: Bool { requests.first?.goesFirst ?? false }

    fileprivate func admits(_ request: Request) -> Bool {
        request.mayShareCommit && mayShareCommit && requests.count < TurnGroup.capacity
    }
}

/// Decides which request gets the turn next, that is the writing connection. A value without lock, clock or thread:
/// `CommitQueue` reports events to it and carries out its answers.
///
/// - The turn goes round in the order in which the requests came; only the checkpoint of a long log goes first.
///   Neighbours that may share a commit are one group.
/// - A thread that finds the turn free and nothing waiting takes it on the spot. Otherwise a request waits in the last
///   group, or in a new one.
/// - The holder that passes the turn calls the first group: one of its threads or, where only tasks wait, the store's
///   own thread for tasks. A thread of the first group that is awake may take the turn before the called one.
/// - A request that is still in line at its deadline leaves the line, whatever the turn is used for.
/// - As long as the turn is free and a request waits, a thread has been called that has not looked yet. So each event
///   that could remove the called thread calls the next one.
struct TurnOrder<Request: TurnRequest> {
    typealias Group = TurnGroup<Request>

    /// The thread that has to look whether it has the turn.
    enum Call {
        case thread(of: Group)
        /// The store's own thread, which runs the work of tasks.
        case taskThread
    }

    enum Entrance {
        case closed
        /// The caller has the turn.
        case turn
        /// The request waits in that group.
        case waiting(Group, Call?)
    }

    private(set) var groups: [Group] = []
    private(set) var isTaken = false
    /// The first group, if the turn was taken for it and it is not served yet.
    private var groupInTurn: Group?
    private(set) var isClosed = false
    /// How many requests wait.
    private(set) var count = 0

    // MARK: Events

    /// A request comes.
    mutating func enter(_ request: Request) -> Entrance {
        if isClosed { return .closed }
        if !isTaken, groups.isEmpty, request.hasThread {
            isTaken = true
            return .turn
        }
        count += 1
        if request.goesFirst {
            let group = Group(request)
            // A group for which the turn was taken is served first. It is gone if its time is over.
            let isFirstInTurn = groupInTurn != nil && groups.first === groupInTurn
            groups.insert(group, at: isFirstInTurn ? 1 : 0)
            return .waiting(group, call())
        }
        if let last = groups.last, last.admits(request) {
            last.requests.append(request)
            return .waiting(last, nil)
        }
        let group = Group(request)
        groups.append(group)
        return .waiting(group, groups.count == 1 ? call() : nil)
    }

    /// The thread of a waiting request looks.
    /// - Returns: true if it has the turn, for all of its group.
    mutating func take(for request: Request, in group: Group) -> Bool {
        guard !isTaken, !isClosed, groups.first === group, group.mayShareCommit || group.requests.first === request
        else { return false }
        isTaken = true
        groupInTurn = group
        return true
    }

    /// The thread for tasks looks. It leaves a request that shares no commit to the thread that brought it.
    mutating func takeForTasks() -> Bool {
        guard !isTaken, !isClosed, let first = groups.first, first.mayShareCommit || !first.hasThread
        else { return false }
        isTaken = true
        groupInTurn = first
        return true
    }

    /// The holder of the turn takes out the requests that it is going to serve: the group for which it has taken the
    /// turn or, beside a request of its own, the first group, if that may share its commit.
    /// - Returns: nil if there are none, for example because their time was over in the meantime.
    mutating func serve() -> Group? {
        let group = groupInTurn ?? groups.first.flatMap { $0.mayShareCommit ? $0 : nil }
        groupInTurn = nil
        guard let group, let index = groups.firstIndex(where: { $0 === group }) else { return nil }
        groups.remove(at: index)
        count -= group.requests.count
        group.isServed = true
        return group
    }

    /// The holder of the turn has done its work.
    mutating func pass() -> Call? {
        isTaken = false
        groupInTurn = nil
        // The checkpoint stands behind a group that had the turn and could not begin.
        if groups.count > 1, groups[1].goesFirst { groups.swapAt(0, 1) }
        return call()
    }

    /// A waiting request gives up.
    /// - Returns: false if it is being served already.
    mutating func withdraw(_ request: Request, from group: Group) -> (isOut: Bool, call: Call?) {
        guard !group.isServed, let index = group.requests.firstIndex(where: { $0 === request }) else {
            return (false, nil)
        }
        group.requests.remove(at: index)
        count -= 1
        groups.removeAll { $0.requests.isEmpty }
        return (true, call())
    }

    /// Time has passed.
    /// - Parameter tasksOnly: false to expire the requests of threads as well, which usually watch their own deadlines.
    /// - Returns: the requests whose time is over, which have left the line, and their groups, whose threads have to be
    ///   woken.
    mutating func expire(
        dueBy now: MonotonicTime, tasksOnly: Bool
    ) -> (requests: [Request], groups: [Group], call: Call?) {
        var expired: [Request] = []
        var touched: [Group] = []
        for group in groups {
            let due = group.requests.filter { $0.deadline <= now && !(tasksOnly && $0.hasThread) }
            guard !due.isEmpty else { continue }
            group.requests.removeAll { $0.deadline <= now && !(tasksOnly && $0.hasThread) }
            expired += due
            touched.append(group)
        }
        guard !expired.isEmpty else { return ([], [], nil) }
        count -= expired.count
        groups.removeAll { $0.requests.isEmpty }
        return (expired, touched, call())
    }

    /// Ends the order: no request gets the turn any more.
    /// - Returns: the waiting groups, all of whose requests have left the line.
    mutating func close() -> [Group] {
        isClosed = true
        count = 0
        defer { groups = [] }
        return groups
    }

    /// The closing thread keeps the turn for good.
    mutating func keepForClosing() -> Bool {
        guard isClosed, !isTaken else { return false }
        isTaken = true
        return true
    }

    // MARK: Answers

    /// The earliest deadline of a task.
    var firstTaskDeadline: MonotonicTime? {
        groups.lazy.flatMap(\.requests).filter { !$0.hasThread }.map(\.deadline).min()
    }

    /// The thread to call, if the turn is free and a request waits.
    private func call() -> Call? {
        guard !isTaken, !isClosed, let first = groups.first else { return nil }
        return first.hasThread ? .thread(of: first) : .taskThread
    }
}
