internal import CTTLSQLite
import Synchronization

/// The two steps of a checkpoint, see `Checkpointer` for why they are safe.
extension Checkpointer {
    func checkpoint(truncating: Bool, holdsTurn: Bool) throws(TTLStoreError) -> Outcome {
        try checkUsable()
        do {
            guard let (anchor, copier) = try openConnections() else {
                return try checkpointAlone(truncating: truncating, holdsTurn: holdsTurn)
            }
            try checkUsable()
            try copyAndFlush(anchor, copier)
            let mode = truncating ? SQLITE_CHECKPOINT_TRUNCATE : SQLITE_CHECKPOINT_RESTART
            let isLong = holdsTurn || gauge.frames > limit / 2
            return try makingRoom(isLong) { try finish(copier, mode, holdsTurn) }
        } catch let error as TTLStoreError where error.code == .busy && error.sqliteCode == nil {
            // Other work has the turn.
            return .incomplete
        } catch {
            throw TTLStoreError(any: error, in: "checkpoint")
        }
    }

    /// Runs `body`; if asked to, and if possible, in a moment without reads of the store's own.
    private func makingRoom(_ isWanted: Bool, _ body: () throws -> Outcome) rethrows -> Outcome {
        guard isWanted, !hasLongRead(), !readers.isRoomDenied else { return try body() }
        let begun = MonotonicTime.now
        readers.holdBack(for: Checkpointer.readerPause)
        defer {
            readers.letGoOn()
            activity.noteReaderPause(since: begun)
        }
        return try body()
    }

    /// The second step on the writing connection, which has no transaction open while the turn is held.
    private func checkpointAlone(truncating: Bool, holdsTurn: Bool) throws(TTLStoreError) -> Outcome {
        try withTurn(holdsTurn) { () throws(TTLStoreError) in
            let connection = queue.writer.connection
            let timeout = connection.busyPolicy.timeout
            connection.busyPolicy.timeout = Checkpointer.patience
            connection.busyPolicy.onGivingUp = { [unowned connection] in connection.interrupt() }
            defer {
                connection.busyPolicy.onGivingUp = nil
                connection.busyPolicy.timeout = timeout
                connection.forgetInterrupt()
            }
            do {
                let mode = truncating ? SQLITE_CHECKPOINT_TRUNCATE : SQLITE_CHECKPOINT_RESTART
                return try makingRoom(true) { try finish(connection, mode, true) }
            } catch { throw TTLStoreError(any: error, in: "checkpoint") }
        }
    }

    /// - Returns: nil where the process can't open a connection.
    private func openConnections() throws(SQLiteError) -> (anchor: Connection, copier: Connection)? {
        if let connections { return connections }
        let (anchor, copier): (Connection, Connection)
        do throws(SQLiteError) {
            anchor = try file.openAnother(queryOnly: false)
            copier = try file.openAnother(queryOnly: false)
        } catch {
            guard ReaderRefusal.isOne(TTLStoreError(error, in: "checkpoint")) else { throw error }
            return nil
        }
        copier.busyPolicy.onGivingUp = { [unowned copier] in copier.interrupt() }
        copier.busyPolicy.timeout = Checkpointer.patience
        // On a connection that has read nothing yet, older versions of SQLite report a checkpoint as done.
        _ = try copier.integer("PRAGMA schema_version")
        lock.withLock { connections = (anchor, copier) }
        return (anchor, copier)
    }

    /// A closing store begins no checkpoint. A log whose name is gone is not copied either: other programs may have
    /// made a new log for the file.
    private func checkUsable() throws(TTLStoreError) {
        if file.stop.isSet { throw .closed("checkpoint") }
        try file.checkIdentity(in: "checkpoint")
    }

    /// The first step. It flushes its copies, so that the second step has little to flush, which SQLite does under the
    /// lock. It is repeated while writers append much in the meantime. Where nobody does, SQLite has flushed all.
    private func copyAndFlush(_ anchor: Connection, _ copier: Connection) throws {
        for _ in 0..<Checkpointer.rounds {
            try checkUsable()
            let before = gauge.frames
            if try copyMost(anchor, copier) { return }
            try copier.flush(SQLITE_FCNTL_FILE_POINTER)
            // If writers are faster than this step, the second step makes them wait.
            if gauge.frames - before < Checkpointer.fewFrames || gauge.frames > limit / 2 { break }
        }
        try copier.flush(SQLITE_FCNTL_JOURNAL_POINTER)
    }

    /// - Returns: whether all of the log was copied. SQLite has flushed the log before and the file afterwards then.
    private func copyMost(_ anchor: Connection, _ copier: Connection) throws -> Bool {
        let snapshot = try Statement("SELECT name FROM sqlite_schema", on: anchor)
        defer { snapshot.reset() }
        guard try anchor.keepsLog(with: snapshot) else { return false }
        var (frames, copied): (Int32, Int32) = (0, 0)
        let code = sqlite3_wal_checkpoint_v2(copier.handle, "main", SQLITE_CHECKPOINT_PASSIVE, &frames, &copied)
        // Incomplete if another program's checkpoint is running, which then does the copying.
        guard try outcome(of: code, copier) == .complete, copied == frames, copied > 0 else { return false }
        // SQLite flushes the file only if nobody has committed since the checkpoint began.
        return LogIndex(copier)?.header()?.frames == UInt32(copied)
    }

    /// Waits for the turn, but not for ever: a closure of the program may keep it.
    func withTurn<Success>(
        _ isHeld: Bool = false, _ body: () throws(TTLStoreError) -> Success
    ) throws(TTLStoreError) -> Success {
        if isHeld { return try body() }
        noteWish(true)
        defer { noteWish(false) }
        let isLong = gauge.frames > limit / 2
        return try queue.withTurn("checkpoint", patience: .ownThread, first: isLong) { (_) throws(TTLStoreError) in
            noteWish(false)
            return try body()
        }
    }

    private func noteWish(_ wants: Bool) {
        lock.withLock {
            wantsTurn.store(wants, ordering: .relaxed)
            changed.broadcast()
        }
    }

    private func finish(_ copier: Connection, _ mode: Int32, _ holdsTurn: Bool) throws -> Outcome {
        let deadline = MonotonicTime.now + Checkpointer.patience
        while true {
            try file.checkIdentity(in: "checkpoint")
            let code = try withTurn(holdsTurn) { () throws(TTLStoreError) in
                let begun = MonotonicTime.now
                let code = checkpoint(copier, mode)
                activity.noteHold(since: begun)
                if code == SQLITE_OK {
                    gauge.set(0)
                    activity.noteCheckpoint()
                }
                return code
            }
            // SQLite calls no busy handler if another program's automatic checkpoint is running.
            guard code & 0xff == SQLITE_BUSY, MonotonicTime.now < deadline, !file.stop.isSet else {
                return try outcome(of: code, copier)
            }
            sleepThread(microseconds: 1000)
        }
    }

    private func checkpoint(_ copier: Connection, _ mode: Int32) -> Int32 {
        sqlite3_wal_checkpoint_v2(copier.handle, "main", mode, nil, nil)
    }

    private func outcome(of code: Int32, _ copier: Connection) throws(SQLiteError) -> Outcome {
        switch code & 0xff {
        case SQLITE_OK: return .complete
        case SQLITE_BUSY, SQLITE_INTERRUPT, SQLITE_LOCKED: return .incomplete
        default: throw SQLiteError(code: code, connection: copier.handle)
        }
    }
}
