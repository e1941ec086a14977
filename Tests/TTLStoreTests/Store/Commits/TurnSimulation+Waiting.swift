import TTLTestSupport

@testable import TTLStore

/// How threads and tasks wait for the turn: see `CommitQueue.wait` and `Timekeeper`.
extension TurnSimulation {
    /// One round of the loop in which a thread waits.
    func look(_ request: Request) {
        rouse(request)
        request.looksAt = .max
        guard !request.isDone else {
            request.thread = .hasReturned
            return
        }
        guard let group = request.group else { return fail("request \(request.number) has no group") }
        if order.take(for: request, in: group) {
            take(request, hasOwn: false)
        } else if request.mayStayAwake {
            request.mayStayAwake = false
            wake(request, after: .random(in: 0...100_000, using: &random))
        } else if group.isServed {
            sleep(request, in: group)
        } else if request.deadline <= time || request.isCancelled {
            giveUp(request, group)
        } else {
            sleep(request, in: group)
            let next = request.isOwnTurn ? min(request.deadline, time + 100) : request.deadline
            scheduleLook(request, after: next.nanoseconds - now + delay())
        }
    }

    private func giveUp(_ request: Request, _ group: Group) {
        let (isOut, call) = order.withdraw(request, from: group)
        guard isOut else { return fail("request \(request.number) neither leaves nor is served, and asks for ever") }
        request.thread = .hasReturned
        end(request, counting: &gaveUp)
        answer(call)
    }

    /// Either the request's thread finds that out at its next look, or the request leaves at once, even if it has been
    /// called.
    func cancel(_ request: Request) {
        guard !request.isDone, request.thread != .leads, let group = request.group else { return }
        guard !request.hasThread || chance(0.5) else {
            request.isCancelled = true
            return
        }
        let (isOut, call) = order.withdraw(request, from: group)
        if isOut == request.isServed { fail("request \(request.number) is served, and leaves, or neither") }
        guard isOut else { return }
        end(request, counting: &gaveUp)
        if request.hasThread { wake(request, after: delay()) }
        answer(call)
    }

    private func sleep(_ request: Request, in group: Group) {
        request.thread = .sleeps
        sleepers[ObjectIdentifier(group), default: []].append(request)
    }

    /// From now on no signal goes to the request's thread.
    private func rouse(_ request: Request) {
        if request.thread == .sleeps, let group = request.group {
            sleepers[ObjectIdentifier(group)]?.removeAll { $0 === request }
        }
        request.thread = .comes
    }

    func wake(_ request: Request, after delay: Int64) {
        rouse(request)
        scheduleLook(request, after: delay)
    }

    /// A thread that is about to look does so, however often it is called.
    private func scheduleLook(_ request: Request, after delay: Int64) {
        let time = now + max(0, delay)
        guard time < request.looksAt else { return }
        request.looksAt = time
        request.look += 1
        schedule(.look(request, request.look), after: delay)
    }

    func broadcast(_ group: Group) {
        for request in sleepers.removeValue(forKey: ObjectIdentifier(group)) ?? [] { wake(request, after: delay()) }
    }

    func answer(_ call: TurnOrder<Request>.Call?) {
        switch call {
        case .thread(of: let group):
            // The system wakes any sleeping thread; one that is awake looks anyway.
            guard let request = sleepers[ObjectIdentifier(group)]?.randomElement(using: &random) else { return }
            wake(request, after: delay())
        case .taskThread: callTaskThread(after: delay())
        case nil: return
        }
        // The moment at which a cancellation could remove the called request.
        guard chance(load.cancellations), let first = order.groups.first?.requests.first else { return }
        schedule(.cancellation(first), after: delay() / 4)
    }

    func callTaskThread(after delay: Int64) {
        guard !taskThreadComes else { return }
        taskThreadComes = true
        schedule(.taskThreadLooks, after: delay)
    }

    func note(_ deadline: MonotonicTime) {
        guard deadline.nanoseconds < nextTimekeeping else { return }
        nextTimekeeping = deadline.nanoseconds
        timekeeping += 1
        schedule(.timekeeperLooks(timekeeping), after: nextTimekeeping - now + delay())
    }

    func endWaits() {
        nextTimekeeping = .max
        let (expired, _, call) = order.expire(dueBy: time, tasksOnly: true)
        for request in expired {
            if request.hasThread { fail("the timekeeper ends the wait of thread \(request.number)") }
            end(request, counting: &gaveUp)
        }
        answer(call)
        if let next = order.firstTaskDeadline { note(next) }
    }
}
