import Dispatch
import Synchronization

/// Whose turn it is. The lock is held in all of these.
extension CommitQueue {
    var isTaken: Bool { turn.load(ordering: .relaxed) }

    var groupMayLead: Bool { !isTaken && !isClosed && !(exclusiveWaiters > 0 && lastWasGroup) }

    /// A closure of the program runs on the thread that brought it, or else on one of Dispatch's.
    /// - Parameter group: of the thread that wants to lead; nil for one of Dispatch's.
    func mayLeadFirst(from group: WriteGroup?) -> Bool {
        guard let first = groups.first else { return false }
        return first === group || !first.isAlone || (group == nil && !first.hasWaitingThread)
    }

    func waitForTurn(
        _ operation: String, deadline: MonotonicTime?, isCancelled: (() -> Bool)?
    ) throws(TTLStoreError) {
        exclusiveWaiters += 1
        defer { exclusiveWaiters -= 1 }
        while !isClosed, isTaken || (!groups.isEmpty && !lastWasGroup) {
            if isCancelled?() ?? false { throw CommitQueue.heldByClosure(operation) }
            guard let deadline else {
                exclusive.wait()
                continue
            }
            if isLedAlone, deadline <= .now { throw CommitQueue.heldByClosure(operation) }
            let nextLook = .now + CommitQueue.patience
            exclusive.wait(until: isCancelled == nil ? max(deadline, nextLook) : nextLook)
        }
        if isClosed { throw .closed(operation) }
        take(forGroup: false)
    }

    /// From now on until the turn is passed, those who wait give up when their time is over.
    func beginAlone() {
        isLedAlone = true
        if !groups.isEmpty { giveUpLater() }
    }

    func take(forGroup: Bool) {
        turn.store(true, ordering: .relaxed)
        lastWasGroup = forGroup
        writer.connection.claim()
    }

    func passTurn() {
        writer.connection.release()
        turn.store(false, ordering: .relaxed)
        isLedAlone = false
        if isClosed {
            exclusive.broadcast()
        } else if exclusiveWaiters > 0, lastWasGroup || groups.isEmpty {
            exclusive.signal()
        } else if let first = groups.first {
            if first.hasWaitingThread { first.condition.signal() } else { leadOnDispatch() }
        }
    }

    func join(_ request: WriteRequest) -> WriteGroup {
        waiting.add(1, ordering: .relaxed)
        request.deadline = MonotonicTime.now + file.configuration.busyTimeoutMilliseconds
        if let last = groups.last, !last.isFull, !request.isAlone {
            last.requests.append(request)
            return last
        }
        let group = WriteGroup(Condition(for: lock))
        group.requests.append(request)
        groups.append(group)
        return group
    }

    func leadOnDispatch() {
        leaders.async { [self] in
            lock.lock()
            while groupMayLead, mayLeadFirst(from: nil) {
                take(forGroup: true)
                lock.unlock()
                lead(own: nil)
                lock.lock()
            }
            lock.unlock()
        }
    }
}
