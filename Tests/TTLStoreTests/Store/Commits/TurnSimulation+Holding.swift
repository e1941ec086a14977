import TTLTestSupport

@testable import TTLStore

/// The work of the holder of the turn: see `CommitQueue.lead`.
extension TurnSimulation {
    /// The frequencies of events, different in each run. Shares are between 0 and 1.
    struct Load {
        /// Between two arrivals, on the average; in nanoseconds.
        let gap: Int64
        let tasks: Double
        let closures: Double
        let ownTurns: Double
        let slowClosures: Double
        let foreignLocks: Double
        let cancellations: Double
        let closesEarly: Bool

        init(_ random: inout SeededGenerator) {
            func one(of choices: [Double]) -> Double { choices.randomElement(using: &random) ?? 0 }
            gap = Int64(one(of: [2_000, 20_000, 200_000, 2_000_000]))
            tasks = one(of: [0, 0.1, 0.5, 0.9, 1])
            closures = one(of: [0, 0.02, 0.3, 1])
            ownTurns = one(of: [0, 0.02, 0.3])
            slowClosures = one(of: [0, 0.01, 0.2])
            foreignLocks = one(of: [0, 0, 0.001, 0.02])
            cancellations = one(of: [0, 0.02, 0.3])
            closesEarly = one(of: [0, 1]) == 1
        }
    }

    /// The request's thread has got the turn.
    func take(_ request: Request, hasOwn: Bool) {
        if holder != nil { fail("request \(request.number) takes a turn that has a holder") }
        if let first = waitingFirst, first !== request {
            fail("request \(request.number) takes the turn before \(first.number), which goes first")
        }
        request.thread = .leads
        if hasOwn { request.isServed = true }
        guard request.isOwnTurn else { return lead(request, hasOwn: hasOwn) }
        holder = Holder(leader: request, hasOwn: hasOwn, members: [request])
        if !hasOwn { note(order.serve()) }
        schedule(.workEnds, after: workTime(isShared: false))
    }

    func lookForTasks() {
        taskThreadComes = false
        guard order.takeForTasks() else { return }
        if holder != nil { fail("the thread for tasks takes a turn that has a holder") }
        if waitingFirst != nil { fail("the thread for tasks takes the turn before what goes first") }
        lead(nil, hasOwn: false)
    }

    private func lead(_ leader: Request?, hasOwn: Bool) {
        holder = Holder(leader: leader, hasOwn: hasOwn)
        if hasOwn, let leader { holder?.members = [leader] }
        let waitsUntil =
            hasOwn ? time + TurnSimulation.busyTimeout : order.groups.first?.requests.first?.deadline ?? time
        let timeout = max(0, waitsUntil.milliseconds(since: time)) * TurnSimulation.millisecond
        let gathering = Int64.random(in: 0...50_000, using: &random)
        let isLocked = foreignLockEnd > now + gathering
        if chance(0.001) {
            schedule(.begun(.broken), after: gathering)
        } else if !isLocked {
            schedule(.begun(.open), after: gathering + delay() / 2)
        } else if chance(0.1) {
            // SQLite may report a lock at once.
            schedule(.begun(.busy), after: gathering)
        } else if foreignLockEnd <= now + timeout {
            schedule(.begun(.open), after: foreignLockEnd - now)
        } else {
            schedule(.begun(.busy), after: max(gathering, timeout))
        }
    }

    func begin(_ beginning: Beginning) {
        guard let holder else { return fail("nobody has begun") }
        switch beginning {
        case .open:
            let mayShareCommit = !holder.hasOwn || holder.leader?.mayShareCommit ?? true
            if mayShareCommit { serveFirst() }
            let members = self.holder?.members ?? []
            schedule(.workEnds, after: workTime(isShared: members.allSatisfy(\.mayShareCommit)))
        case .broken:
            serveFirst()
            schedule(.workEnds, after: 1000)
        case .busy:
            // The members of expired groups get their results together with the others. They are done already, so their
            // own threads don't try to leave as well.
            let (expired, groups, _) = order.expire(dueBy: time, tasksOnly: false)
            for request in expired { end(request, counting: &gaveUp) }
            self.holder?.groups += groups
            let sleeps = expired.isEmpty && !holder.hasOwn
            schedule(.workEnds, after: sleeps ? TurnSimulation.retryTime : 1000)
        }
    }

    private func serveFirst() {
        guard let group = order.serve() else { return }
        note(group)
        holder?.members += group.requests
        holder?.groups.append(group)
    }

    /// A group is being served from now on.
    private func note(_ group: Group?) {
        guard let group, let holder else { return fail("the turn was for nothing") }
        largestGroup = max(largestGroup, group.requests.count)
        if group.requests.isEmpty || group.requests.count > Group.capacity {
            fail("a group has \(group.requests.count) members")
        }
        for request in group.requests {
            if request.isServed || request.isDone { fail("request \(request.number) is served twice") }
            if !request.mayShareCommit, group.requests.count > 1 || holder.hasOwn {
                fail("request \(request.number) shares a turn")
            }
            // Its work may not leave its thread.
            if !request.mayShareCommit, request.hasThread, holder.leader !== request {
                fail("the lone work of thread \(request.number) runs on another thread")
            }
            checkDeadline(request)
            request.isServed = true
        }
        let last = group.requests.map(\.number).max() ?? 0
        guard group.requests.first?.goesFirst != true else { return overtook += oldestInOrder() < last ? 1 : 0 }
        if oldestInOrder() < last { fail("request \(last) is served before \(oldestInOrder())") }
    }

    private func workTime(isShared: Bool) -> Int64 {
        guard !isShared, chance(load.slowClosures) else { return .random(in: 20_000...500_000, using: &random) }
        return .random(in: 0...5 * TurnSimulation.busyTimeout, using: &random) * TurnSimulation.millisecond
    }

    /// The members get their results; then the turn is passed on, which takes longer if the log has to be shortened.
    func endWork() {
        guard let holder else { return fail("nobody has worked") }
        // If nothing was written, the log is not looked at: the leader's own request may still wait.
        let isLogOverlong = !holder.members.isEmpty && chance(0.01)
        for member in holder.members { end(member, counting: &served) }
        if !isLogOverlong { pass() }
        for group in holder.groups { broadcast(group) }
        if isLogOverlong { schedule(.logIsShort, after: workTime(isShared: false)) }
    }

    func pass() {
        guard let leader = holder.map(\.leader) else { return fail("nobody passes the turn") }
        holder = nil
        let call = order.pass()
        if order.isClosed { schedule(.closerLooks, after: delay()) }
        answer(call)
        // Having led, it looks again.
        if let leader { wake(leader, after: delay() / 10) } else { callTaskThread(after: delay() / 10) }
    }
}
