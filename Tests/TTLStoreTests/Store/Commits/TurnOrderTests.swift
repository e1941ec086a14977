import Testing

@testable import TTLStore

@Suite("The order of turns") struct TurnOrderTests {
    /// Made anew, with its deadline in nanoseconds.
    @Test("the checkpoint of a long log goes before waiting requests, and after the group that is about to be served")
    func goesFirst() {
        var order = taken()
        for request in [shared(1, thread: false, until: 5), alone(2)] { _ = order.enter(request) }
        let checkpoint = alone(3)
        checkpoint.goesFirst = true
        _ = order.enter(checkpoint)
        #expect(numbers(order) == [[3], [1], [2]])
        #expect(calledThreads(order.pass()) == [3])

        order = taken()
        for request in [shared(1, thread: false, until: 5), alone(2)] { _ = order.enter(request) }
        _ = order.pass()
        let isTaken = order.takeForTasks()
        #expect(isTaken)
        let second = alone(4)
        second.goesFirst = true
        _ = order.enter(second)
        #expect(numbers(order) == [[1], [4], [2]])
    }

    @Test("the checkpoint of a long log goes first if the group that was about to be served has given up")
    func goesFirstAfterAll() {
        var order = taken()
        _ = order.enter(shared(1, thread: false, until: 5))
        _ = order.pass()
        let isTaken = order.takeForTasks()
        #expect(isTaken)
        _ = order.expire(dueBy: MonotonicTime(nanoseconds: 5), tasksOnly: true)
        let checkpoint = alone(2)
        checkpoint.goesFirst = true
        _ = order.enter(checkpoint)
        let served = order.serve()
        #expect(served === nil)
        #expect(calledThreads(order.pass()) == [2])
    }

    private func shared(_ number: Int, thread: Bool = true, until deadline: Int64 = .max) -> SimulatedRequest {
        request(number, mayShareCommit: true, thread, deadline)
    }

    private func alone(_ number: Int, thread: Bool = true, until deadline: Int64 = .max) -> SimulatedRequest {
        request(number, mayShareCommit: false, thread, deadline)
    }

    private func request(
        _ number: Int, mayShareCommit: Bool, _ hasThread: Bool, _ deadline: Int64
    ) -> SimulatedRequest {
        SimulatedRequest(
            number, mayShareCommit: mayShareCommit, hasThread: hasThread, isOwnTurn: false,
            deadline: MonotonicTime(nanoseconds: deadline))
    }

    /// An order whose turn is taken by request 0.
    private func taken() -> TurnOrder<SimulatedRequest> {
        var order = TurnOrder<SimulatedRequest>()
        if case .turn = order.enter(shared(0)) {} else { Issue.record("the free turn is not given") }
        return order
    }

    private func numbers(_ order: TurnOrder<SimulatedRequest>) -> [[Int]] {
        order.groups.map { $0.requests.map(\.number) }
    }

    private func calledThreads(_ call: TurnOrder<SimulatedRequest>.Call?) -> [Int]? {
        if case .thread(of: let group) = call { group.requests.map(\.number) } else { nil }
    }

    private func isTaskThread(_ call: TurnOrder<SimulatedRequest>.Call?) -> Bool {
        if case .taskThread = call { true } else { false }
    }

    private func isNobody(_ call: TurnOrder<SimulatedRequest>.Call?) -> Bool {
        if case nil = call { true } else { false }
    }

    @Test("neighbours that may share a commit are one group, and a request that is alone separates them")
    func groups() {
        var order = taken()
        for request in [shared(1), shared(2, thread: false), alone(3), alone(4), shared(5), shared(6)] {
            _ = order.enter(request)
        }
        #expect(numbers(order) == [[1, 2], [3], [4], [5, 6]])
        #expect(order.count == 6)
    }

    @Test("a group is full at 128 requests")
    func capacity() {
        var order = taken()
        for number in 1...130 { _ = order.enter(shared(number)) }
        #expect(order.groups.map(\.requests.count) == [128, 2])
    }

    @Test("the turn goes to the first group only, and to one holder")
    func first() {
        var order = taken()
        let (early, late) = (alone(1), shared(2))
        _ = order.enter(early)
        _ = order.enter(late)
        let groups = order.groups
        #expect(order.take(for: early, in: groups[0]) == false)
        #expect(calledThreads(order.pass()) == [1])
        #expect(order.take(for: late, in: groups[1]) == false)
        #expect(order.take(for: early, in: groups[0]) == true)
        #expect(order.take(for: early, in: groups[0]) == false)
        let served = order.serve()
        #expect(served === groups[0])
        #expect(calledThreads(order.pass()) == [2])
    }

    @Test("a leader serves its neighbours with its own request, and leaves requests that are alone")
    func besideOwn() {
        var order = taken()
        for request in [shared(1), alone(2)] { _ = order.enter(request) }
        let served = [order.serve(), order.serve()]
        #expect(served.map { $0?.requests.map(\.number) } == [[1], nil])
        #expect(numbers(order) == [[2]])
    }

    @Test("a task never takes the turn at once, and the thread for tasks is called once")
    func tasks() {
        var order = TurnOrder<SimulatedRequest>()
        guard case .waiting(_, let call) = order.enter(shared(1, thread: false)) else {
            Issue.record("the task doesn't wait")
            return
        }
        #expect(isTaskThread(call))
        guard case .waiting(_, nil) = order.enter(shared(2, thread: false)) else {
            Issue.record("the second one calls as well")
            return
        }
        #expect(order.takeForTasks() == true)
        #expect(order.takeForTasks() == false)
    }

    @Test("when the only thread of a group gives up while the turn is free, the thread for tasks is called")
    func threadLeaves() {
        var order = taken()
        let thread = shared(1)
        for request in [thread, shared(2, thread: false)] { _ = order.enter(request) }
        let group = order.groups[0]
        #expect(calledThreads(order.pass()) == [1, 2])
        let (isOut, call) = order.withdraw(thread, from: group)
        #expect(isOut && isTaskThread(call))
        #expect(numbers(order) == [[2]])
    }

    @Test("when the time of the whole first group is over, the next one is called")
    func firstExpires() {
        var order = taken()
        for request in [shared(1, thread: false, until: 10), shared(2, thread: false, until: 10), alone(3, until: 20)] {
            _ = order.enter(request)
        }
        #expect(isTaskThread(order.pass()))
        let early = order.expire(dueBy: MonotonicTime(nanoseconds: 9), tasksOnly: true)
        #expect(early.requests.isEmpty && isNobody(early.call))
        let expired = order.expire(dueBy: MonotonicTime(nanoseconds: 10), tasksOnly: true)
        #expect(expired.requests.map(\.number) == [1, 2])
        #expect(calledThreads(expired.call) == [3])
        #expect(order.count == 1)
    }

    @Test("threads watch their own deadlines, unless a leader ends their waits")
    func deadlinesOfThreads() {
        var order = taken()
        for request in [shared(1, until: 10), shared(2, thread: false, until: 30), shared(3, until: 20)] {
            _ = order.enter(request)
        }
        #expect(order.firstTaskDeadline == MonotonicTime(nanoseconds: 30))
        let ofTasks = order.expire(dueBy: MonotonicTime(nanoseconds: 10), tasksOnly: true)
        #expect(ofTasks.requests.isEmpty)
        let expired = order.expire(dueBy: MonotonicTime(nanoseconds: 10), tasksOnly: false)
        #expect(expired.requests.map(\.number) == [1] && expired.groups.count == 1)
        // The turn is taken.
        #expect(isNobody(expired.call))
    }

    @Test("the thread for tasks leaves a lone request to its thread, also if the tasks before it have given up")
    func loneWorkStays() {
        var order = TurnOrder<SimulatedRequest>()
        for request in [shared(1, thread: false, until: 10), alone(2)] { _ = order.enter(request) }
        #expect(order.takeForTasks() == true)
        let expired = order.expire(dueBy: MonotonicTime(nanoseconds: 10), tasksOnly: true)
        #expect(expired.requests.map(\.number) == [1])
        let served = order.serve()
        #expect(served === nil)
        #expect(calledThreads(order.pass()) == [2])
        #expect(order.takeForTasks() == false)
    }

    @Test("a request that is being served can't leave the line")
    func served() {
        var order = taken()
        let request = shared(1)
        _ = order.enter(request)
        let group = order.groups[0]
        let served = order.serve()
        #expect(served === group)
        let (isOut, call) = order.withdraw(request, from: group)
        #expect(!isOut && isNobody(call))
        #expect(order.count == 0)
    }

    @Test("a closed order gives up its requests, refuses new ones, and gives the closer the turn last")
    func closing() {
        var order = taken()
        let request = shared(1)
        _ = order.enter(request)
        #expect(order.keepForClosing() == false)
        let abandoned = order.close()
        #expect(abandoned.map { $0.requests.map(\.number) } == [[1]])
        guard case .closed = order.enter(shared(2)) else {
            Issue.record("a closed order lets a request in")
            return
        }
        #expect(order.keepForClosing() == false)
        #expect(isNobody(order.pass()))
        #expect(order.takeForTasks() == false)
        #expect(order.keepForClosing() == true)
        #expect(order.keepForClosing() == false)
    }
}
