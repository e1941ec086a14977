import Synchronization

/// What the holder of the turn does for a group. The turn is held throughout, the lock only for moments.
extension CommitQueue {
    /// How long a leader waits for the members of the last commit, in nanoseconds.
    private static let gatheringTime: Int64 = 50_000

    /// Why a transaction of a group was given up without an error of its own.
    private enum GivenUp: Error {
        /// The only member, which shares no commit, has failed: its own result says why.
        case byMember
        /// A full disk, an I/O error or a lack of memory made SQLite roll the whole transaction back.
        case bySQLite
        /// As `bySQLite`, during the deletion of expired entries for all members.
        case byBacklog
    }

    /// Commits `own` and the first group, and passes the turn on.
    func lead(own: WriteRequest?) {
        let mayShareCommit = own?.mayShareCommit ?? true
        let deadline = own == nil ? lock.withLock { order.groups.first?.requests.first?.deadline } : nil
        var members = own.map { [$0] } ?? []
        var woken: [Condition] = []
        var hasWritten = true
        if mayShareCommit { gather(members.count) }
        writer.backlogShare?.measure(writer)
        do throws(WriteTransaction.Failure) {
            try writeTransaction.run(lockTimeout: patience.lockTimeout(turnDeadline: deadline)) { writer in
                if mayShareCommit, let group = serve() {
                    members += group.requests
                    // No thread joins a group that is served, so its condition is not written any more.
                    woken += [group.condition].compactMap(\.self)
                }
                lastMembers = members.count
                try run(members, writer)
                changeCount += max(members.count, writer.counts.sets)
            }
        } catch {
            let (late, conditions) = fail(members, error, hasOwn: own != nil)
            members += late
            woken += conditions
            hasWritten = error.phase != .begin
        }
        deliver(members, woken, hasWritten: hasWritten)
    }

    /// Tells the members and passes the turn on. If the log is too long, tells the members first, and shortens the log
    /// before it passes the turn.
    /// - Parameter hasWritten: false where the transaction could not begin: the leader's own request may go on waiting,
    ///   and must not wait for the log.
    private func deliver(_ members: [WriteRequest], _ conditions: [Condition], hasWritten: Bool) {
        let isLogOverlong = hasWritten && isLogOverlong()
        if isLogOverlong {
            lock.withLock { for member in members { member.markDone() } }
        } else {
            passTurn(after: members)
        }
        // Without the lock: each woken thread takes it first, and would wake up only to wait for it.
        for condition in conditions { condition.broadcast() }
        for member in members { member.complete() }
        if isLogOverlong {
            shortenLog()
            passTurn()
        }
    }

    /// Waits a moment for other writers, if the last commit was shared: its members are about to come again, and can
    /// share this commit. A lone writer waits only once, after a shared commit.
    private func gather(_ own: Int) {
        guard lastMembers > 1 else { return }
        stayAwake(for: CommitQueue.gatheringTime) { waiting.load(ordering: .relaxed) + own < lastMembers }
    }

    private func serve() -> TurnGroup<WriteRequest>? {
        lock.withLock {
            defer { noteCount() }
            return order.serve()
        }
    }

    /// - Parameter isPaying: whether the members also pay for the deletion of expired entries.
    private func run(_ members: [WriteRequest], _ writer: EntryWriter, isPaying: Bool = true) throws {
        let begun = MonotonicTime.now
        for member in members {
            member.run(writer)
            guard writer.connection.isInTransaction else { throw GivenUp.bySQLite }
            if !member.mayShareCommit { try checkUnshared(member, writer) }
        }
        guard isPaying, let error = writer.payForBacklog(since: begun), !writer.connection.isInTransaction
        else { return }
        guard let member = members.first, !member.mayShareCommit else { throw GivenUp.byBacklog }
        // Not tried again: the request may be a closure of the program, which runs once.
        member.fail(TTLStoreError(error, in: member.operation))
        throw GivenUp.bySQLite
    }

    /// What shares no commit may be a closure that takes its time, and forks, or finds that the file is gone: then
    /// nothing is committed.
    private func checkUnshared(_ member: WriteRequest, _ writer: EntryWriter) throws(GivenUp) {
        if ForkGuard.current != writeTransaction.forkGeneration {
            member.fail(ForkGuard.error(member.operation))
        } else if !member.hasFailed, !writer.changes.mustRollBack {
            do throws(TTLStoreError) { return try file.checkIdentity(in: member.operation) } catch {
                member.fail(error)
            }
        }
        throw .byMember
    }

    /// Fails the requests of a transaction that was not committed.
    /// - Returns: requests that were not among the members and have failed as well, and where their threads wait.
    private func fail(
        _ members: [WriteRequest], _ failure: WriteTransaction.Failure, hasOwn: Bool
    ) -> ([WriteRequest], [Condition]) {
        switch failure.phase {
        case .begin:
            lastMembers = 1
            for member in members { member.fail(failure.error(in: member.operation)) }
            return failWaiting(failure, hasOwn: hasOwn)
        case .body:
            switch failure.error as? GivenUp {
            case .byMember: break
            // The result of a single member says why.
            case .bySQLite where members.count == 1: break
            case .bySQLite, .byBacklog, nil: runSeparately(members)
            }
        case .commit:
            for member in members { member.fail(failure.error(in: member.operation)) }
            // The deletion of expired entries may be the reason, so the members may be tried again. A closure of the
            // program runs once all the same.
            let hasPaid = writer.backlogShare?.isBacklogLong ?? false
            let isOwnFault = members.count == 1 && (!members[0].mayShareCommit || !hasPaid)
            if !isOwnFault, !failure.error(in: "").isOutcomeUnknown { runSeparately(members) }
        }
        return ([], [])
    }

    /// If only the lock was busy, requests whose time is not over stay in line.
    private func failWaiting(
        _ failure: WriteTransaction.Failure, hasOwn: Bool
    ) -> ([WriteRequest], [Condition]) {
        let isBusy = failure.error(in: "").code == .busy
        let (requests, conditions) = lock.withLock {
            defer { noteCount() }
            if isBusy {
                // The deadline for the lock, which may be earlier than the deadline for the turn.
                let expired = order.expire(dueBy: .now + patience.grace, tasksOnly: false)
                // Failed at once: a thread whose request is neither in line nor done would ask for ever.
                for request in expired.requests {
                    // Work that takes the turn itself has not asked for the lock yet.
                    let isForLock = !(request is OwnTurn)
                    fail([request]) { isForLock ? failure.error(in: $0) : CommitQueue.turnDidNotCome($0) }
                }
                return (expired.requests, expired.groups.compactMap(\.condition))
            }
            let group = order.serve()
            return (group?.requests ?? [], [group?.condition].compactMap(\.self))
        }
        if !isBusy { for request in requests { request.fail(failure.error(in: request.operation)) } }
        // SQLite may report a lock at once, without waiting.
        if isBusy, requests.isEmpty, !hasOwn { sleepThread(microseconds: 500) }
        return (requests, conditions)
    }

    /// Called after a failure of one member, or of all together: each member gets a transaction and a result of its
    /// own.
    private func runSeparately(_ members: [WriteRequest]) {
        for member in members {
            // No more commits while `close()` waits.
            if file.stop.isSet {
                member.fail(.closed(member.operation))
                continue
            }
            do throws(WriteTransaction.Failure) {
                try writeTransaction.run(lockTimeout: patience.lockTimeout(turnDeadline: member.deadline)) { writer in
                    try run([member], writer, isPaying: false)
                }
            } catch  where !(error.error is GivenUp) {
                member.fail(error.error(in: member.operation))
            } catch {
                // Its own result says why.
            }
        }
    }
}
