import Dispatch

/// Gives the writing connection to one user at a time, and lets concurrent writers share commits.
///
/// Whoever finds the turn free leads: it opens a transaction, runs its own request and those of everybody who waits,
/// commits once, and hands out the results. A lone writer therefore takes no detour. Work that must be alone (a batch
/// of the expirer, a checkpoint) takes the turn by itself; groups and such work alternate, so neither starves.
///
/// The lock guards every stored property below it. It is never held while SQLite works.
final class CommitQueue: @unchecked Sendable {
    // Sendable: the lock guards the mutable properties; `writer` is used only by the holder of the turn.
    private let writer: EntryWriter
    private let commit: CommitStatements
    private let file: StoreFile
    /// Called after each commit, with the turn held and no lock, with the earliest expiry that was written. Set before
    /// the queue is used; never called again once `close()` has returned.
    var onCommit: @Sendable (Timestamp?) -> Void = { _ in }
    /// The earliest expiry that the holder of the turn has committed.
    private var earliestExpiry: Timestamp?

    private let lock = Lock()
    private let exclusive: Condition
    private var groups: [WriteGroup] = []
    private var isTaken = false
    private var exclusiveWaiters = 0
    private var lastWasGroup = false
    private var isClosed = false

    init(_ writer: EntryWriter, file: StoreFile) throws(SQLiteError) {
        self.writer = writer
        self.file = file
        commit = try CommitStatements(writer.connection)
        exclusive = Condition(for: lock)
    }

    // MARK: Requests

    /// Blocks until the request's data is committed, or has failed.
    func perform<Success: Sendable>(
        _ operation: String, _ body: @escaping @Sendable (EntryWriter) throws -> Success
    ) throws(TTLStoreError) -> Success {
        let request = WriteRequestOf(operation, body)
        lock.lock()
        if isClosed {
            lock.unlock()
            throw .closed(operation)
        }
        if groupMayLead, groups.isEmpty {
            take(forGroup: true)
            lock.unlock()
            lead(own: request)
        } else {
            let group = join(request)
            while !request.isDone {
                if groupMayLead {
                    take(forGroup: true)
                    lock.unlock()
                    lead(own: nil)
                    lock.lock()
                } else {
                    group.condition.wait()
                }
            }
            lock.unlock()
        }
        return try request.get()
    }

    /// Suspends until the request's data is committed. If nobody leads, one of Dispatch's threads does.
    func perform<Success: Sendable>(
        _ operation: String, _ body: @escaping @Sendable (EntryWriter) throws -> Success
    ) async throws(TTLStoreError) -> Success {
        let result = await withCheckedContinuation { continuation in
            enqueue(AsyncWriteRequest(operation, continuation, body))
        }
        return try result.get()
    }

    private func enqueue(_ request: WriteRequest) {
        lock.lock()
        if isClosed {
            lock.unlock()
            request.fail(.closed(request.operation))
            request.complete()
            return
        }
        _ = join(request)
        let needsLeader = groupMayLead
        lock.unlock()
        if needsLeader { leadOnDispatch() }
    }

    /// Runs `body` with the turn held and no transaction open.
    func withTurn<Success>(
        _ operation: String, _ body: (EntryWriter) throws(TTLStoreError) -> Success
    ) throws(TTLStoreError) -> Success {
        lock.lock()
        exclusiveWaiters += 1
        while !isClosed, isTaken || (!groups.isEmpty && !lastWasGroup) { exclusive.wait() }
        exclusiveWaiters -= 1
        if isClosed {
            lock.unlock()
            throw .closed(operation)
        }
        take(forGroup: false)
        lock.unlock()
        defer { lock.withLock { passTurn() } }
        return try body(writer)
    }

    /// Runs `body` in a transaction of its own, with the turn held.
    /// - Parameter timeout: how long to wait for another process's lock; the store's writers wait meanwhile.
    func transaction<Success>(
        _ operation: String, timeout: Milliseconds, _ body: (EntryWriter) throws -> Success
    ) throws(TTLStoreError) -> Success {
        try withTurn(operation) { (writer) throws(TTLStoreError) in
            try begin(deadline: .now + timeout)
            do {
                let success = try body(writer)
                try commit.commit.run()
                return success
            } catch {
                commit.rollBack()
                throw TTLStoreError(any: error, in: operation)
            }
        }
    }

    /// Fails all who wait, interrupts the holder of the turn, waits for it, and keeps the turn for good.
    func close() {
        lock.lock()
        isClosed = true
        let abandoned = groups
        groups = []
        for group in abandoned {
            for request in group.requests {
                request.fail(.closed(request.operation))
                request.isDone = true
            }
            group.condition.broadcast()
        }
        exclusive.broadcast()
        while isTaken {
            // Again and again: a statement that had not begun when it was interrupted isn't ended by that.
            writer.connection.interrupt()
            exclusive.wait(until: .now + 2)
        }
        take(forGroup: false)
        lock.unlock()
        for group in abandoned { group.requests.forEach { $0.complete() } }
        writer.connection.forgetInterrupt()
    }

    /// The writer, for whoever has called `close()`, and nobody else.
    var retiredWriter: EntryWriter { writer }

    // MARK: The turn (the lock is held)

    private var groupMayLead: Bool { !isTaken && !isClosed && !(exclusiveWaiters > 0 && lastWasGroup) }

    private func take(forGroup: Bool) {
        isTaken = true
        lastWasGroup = forGroup
        writer.connection.claim()
    }

    private func passTurn() {
        writer.connection.release()
        isTaken = false
        if isClosed {
            exclusive.broadcast()
        } else if exclusiveWaiters > 0, lastWasGroup || groups.isEmpty {
            exclusive.signal()
        } else if let first = groups.first {
            if first.hasWaitingThread { first.condition.signal() } else { leadOnDispatch() }
        }
    }

    private func join(_ request: WriteRequest) -> WriteGroup {
        request.deadline = MonotonicTime.now + file.configuration.busyTimeoutMilliseconds
        if let last = groups.last, !last.isFull {
            last.requests.append(request)
            return last
        }
        let group = WriteGroup(Condition(for: lock))
        group.requests.append(request)
        groups.append(group)
        return group
    }

    private func leadOnDispatch() {
        DispatchQueue.global().async { [self] in
            lock.lock()
            while groupMayLead, !groups.isEmpty {
                take(forGroup: true)
                lock.unlock()
                lead(own: nil)
                lock.lock()
            }
            lock.unlock()
        }
    }

    // MARK: Leading (the turn is held, the lock is not)

    /// Commits the first group, and `own`, and passes the turn on.
    private func lead(own: WriteRequest?) {
        var members = own.map { [$0] } ?? []
        let deadline = own == nil ? lock.withLock { groups.first?.requests.first?.deadline } : nil
        var group: WriteGroup?
        do throws(TTLStoreError) {
            try begin(deadline: deadline)
            group = lock.withLock { takeFirstGroup() }
            if let group { members += group.requests }
            if !run(members) { runEachAlone(members) }
        } catch {
            // Where only the lock was not to be had, those whose time isn't up are tried again.
            group = lock.withLock { error.code == .busy ? takeExpiredRequests() : takeFirstGroup() }
            if let group { members += group.requests }
            for member in members { member.fail(error.renamed(member.operation)) }
        }
        onCommit(earliestExpiry)
        earliestExpiry = nil
        lock.withLock {
            for member in members { member.isDone = true }
            passTurn()
        }
        // Without the lock, which each of them takes first: otherwise they wake up only to wait for it.
        group?.condition.broadcast()
        for member in members { member.complete() }
    }

    private func takeFirstGroup() -> WriteGroup? {
        groups.isEmpty ? nil : groups.removeFirst()
    }

    private func begin(deadline: MonotonicTime?) throws(TTLStoreError) {
        let timeout = file.configuration.busyTimeoutMilliseconds
        writer.connection.busyPolicy.timeout = deadline.map { max(0, $0.milliseconds(since: .now)) } ?? timeout
        do throws(SQLiteError) { try commit.begin.run() } catch { throw TTLStoreError(error, in: "begin") }
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
            _ = member.run(writer)
            guard connection.isInTransaction else {
                // A full disk, an I/O error or a lack of memory made SQLite roll the whole transaction back.
                _ = writer.takeEarliestExpiry()
                return members.count == 1
            }
        }
        do throws(SQLiteError) {
            try commit.commit.run()
            noteExpiry(writer.takeEarliestExpiry())
            return true
        } catch {
            commit.rollBack()
            _ = writer.takeEarliestExpiry()
            for member in members { member.fail(TTLStoreError(error, in: member.operation, committing: true)) }
            return members.count == 1 || TTLStoreError(error, in: "", committing: true).isOutcomeUnknown
        }
    }

    private func noteExpiry(_ expiry: Timestamp?) {
        guard let expiry else { return }
        earliestExpiry = min(earliestExpiry ?? expiry, expiry)
    }

    /// After a failure that concerns one of them, or their sum: each gets a transaction and an answer of its own.
    private func runEachAlone(_ members: [WriteRequest]) {
        for member in members {
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
        let now = MonotonicTime.now
        let isExpired = { (request: WriteRequest) in request.deadline.map { $0 <= now } ?? true }
        let expired = WriteGroup(first.condition)
        expired.requests = first.requests.filter(isExpired)
        first.requests.removeAll(where: isExpired)
        if first.requests.isEmpty { groups.removeFirst() }
        return expired
    }
}
