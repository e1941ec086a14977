import Synchronization

/// What the holder of the turn does for a group. The turn is held throughout, the lock only for moments.
extension CommitQueue {
    /// Commits the first group, and `own`, and passes the turn on.
    func lead(own: WriteRequest?) {
        var members = own.map { [$0] } ?? []
        let deadline = own == nil ? lock.withLock { groups.first?.requests.first?.deadline } : nil
        var group: WriteGroup?
        let isAlone = own?.isAlone ?? false
        if !isAlone { gather(members.count) }
        do throws(TTLStoreError) {
            try begin(deadline: deadline)
            if !isAlone { group = lock.withLock { takeFirstGroup(joining: own != nil) } }
            if let group { members += group.requests }
            if members.first?.isAlone ?? false { lock.withLock { beginAlone() } }
            lastMembers = members.count
            if !run(members) { runEachAlone(members) }
        } catch {
            lastMembers = 1
            // Where only the lock was not to be had, those whose time isn't up are tried again.
            group = lock.withLock { error.code == .busy ? takeExpiredRequests() : takeFirstGroup(joining: false) }
            if let group { members += group.requests }
            for member in members { member.fail(error.renamed(member.operation)) }
            // SQLite may report a lock at once, without waiting.
            if members.isEmpty { sleepThread(microseconds: 500) }
        }
        onCommit(earliestExpiry)
        earliestExpiry = nil
        let hasRemovals = takeHasRemovals()
        lock.withLock {
            for member in members { member.markDone() }
            passTurn()
        }
        // Without the lock, which each of them takes first: otherwise they wake up only to wait for it.
        group?.condition.broadcast()
        for member in members { member.complete() }
        if hasRemovals { writer.removals.feed.wake() }
    }

    /// Where the last commit was shared, those who shared it are about to come again: a moment's wait makes this one
    /// shared by as many. A lone writer waits for nobody, but once after a commit that was shared.
    private func gather(_ own: Int) {
        guard lastMembers > 1 else { return }
        stayAwake(for: CommitQueue.gatheringTime) { waiting.load(ordering: .relaxed) + own < lastMembers }
    }

    func stayAwake(for nanoseconds: Int64, while condition: () -> Bool) {
        let deadline = MonotonicTime.now.nanoseconds + nanoseconds
        while condition(), MonotonicTime.now.nanoseconds < deadline { yieldThread() }
    }

    /// - Parameter joining: for a request that is there already, and that a group which must be alone can't join.
    private func takeFirstGroup(joining: Bool) -> WriteGroup? {
        guard let first = groups.first, !(joining && first.isAlone) else { return nil }
        let group = groups.removeFirst()
        waiting.subtract(group.requests.count, ordering: .relaxed)
        return group
    }

    func begin(deadline: MonotonicTime?) throws(TTLStoreError) {
        let timeout = file.configuration.busyTimeoutMilliseconds
        writer.connection.busyPolicy.timeout = deadline.map { max(0, $0.milliseconds(since: .now)) } ?? timeout
        do throws(SQLiteError) { try commit.begin() } catch { throw TTLStoreError(error, in: "begin") }
        do throws(TTLStoreError) {
            try file.checkIdentity(in: "begin")
        } catch {
            commit.rollBack()
            throw error
        }
    }

    /// Runs the members and commits.
    /// - Returns: false if the transaction was lost without a trace and each member may be tried on its own.
    private func run(_ members: [WriteRequest]) -> Bool {
        let connection = writer.connection
        for member in members {
            member.run(writer)
            guard connection.isInTransaction else {
                // A full disk, an I/O error or a lack of memory made SQLite roll the whole transaction back.
                writer.forget()
                return members.count == 1
            }
            if member.isAlone, ForkGuard.current != forkGeneration {
                // In the child of a closure that has forked, the parent's transaction is neither to be ended nor
                // committed.
                member.fail(ForkGuard.error(member.operation))
                return true
            }
            if member.isAlone, member.hasFailed || writer.mustRollBack || !isStillThere(for: member) {
                commit.rollBack()
                writer.forget()
                return true
            }
        }
        do throws(SQLiteError) {
            try commit.commit()
            noteExpiry(writer.takeEarliestExpiry())
            writer.noteCommit()
            publishRemovals()
            return true
        } catch {
            commit.rollBack()
            writer.forget()
            for member in members { member.fail(TTLStoreError(error, in: member.operation, committing: true)) }
            return members.count == 1 || TTLStoreError(error, in: "", committing: true).isOutcomeUnknown
        }
    }

    /// What runs alone may be a closure that takes its time: what it has written is not committed into a file that
    /// nobody will find.
    private func isStillThere(for member: WriteRequest) -> Bool {
        do throws(TTLStoreError) { try file.checkIdentity(in: member.operation) } catch {
            member.fail(error)
            return false
        }
        return true
    }

    /// After a commit: in its order, since the turn is held.
    func publishRemovals() {
        if writer.removals.publish() { hasRemovals = true }
    }

    func takeHasRemovals() -> Bool {
        defer { hasRemovals = false }
        return hasRemovals
    }

    private func noteExpiry(_ expiry: Timestamp?) {
        guard let expiry else { return }
        earliestExpiry = min(earliestExpiry ?? expiry, expiry)
    }

    /// After a failure that concerns one of them, or their sum: each gets a transaction and an answer of its own.
    private func runEachAlone(_ members: [WriteRequest]) {
        for member in members {
            // Not a commit for each while `close()` waits.
            if file.stop.isSet {
                member.fail(.closed(member.operation))
                continue
            }
            do throws(TTLStoreError) {
                try begin(deadline: member.deadline)
                _ = run([member])
            } catch {
                member.fail(error.renamed(member.operation))
            }
        }
    }

    /// Takes the requests whose deadline has passed out of the first group (the lock is held).
    private func takeExpiredRequests() -> WriteGroup? {
        guard let first = groups.first else { return nil }
        let expired = WriteGroup(first.condition)
        let now = MonotonicTime.now
        expired.requests = first.take { $0.isExpired(at: now) }
        waiting.subtract(expired.requests.count, ordering: .relaxed)
        if first.requests.isEmpty { groups.removeFirst() }
        return expired
    }
}
