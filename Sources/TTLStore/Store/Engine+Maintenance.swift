internal import CTTLSQLite

extension Engine {
    /// Runs a maintenance operation on the calling thread. A `close()` meanwhile ends it and waits for it.
    func maintain<Success>(_ run: MaintenanceRun, _ body: (MaintenanceRun) throws -> Success) throws -> Success {
        try checkUsable(run.operation)
        return try inside {
            try maintenance.begin(run)
            defer { maintenance.end(run) }
            return try Result {
                try run.proceed()
                try file.checkIdentity(in: run.operation)
                return try body(run)
            }.mapError(run.reason).get()
        }
    }

    /// Runs a maintenance operation on a thread of the store's own. A `close()` meanwhile ends it and waits for it; so
    /// does the cancellation of the task.
    func maintain<Success: Sendable>(
        _ run: MaintenanceRun, _ body: @escaping @Sendable (MaintenanceRun) throws -> Success
    ) async throws -> Success {
        try checkUsable(run.operation)
        let (result, hasClosed) = try await withTaskCancellationHandler {
            try await onMaintenanceWorker(run.operation) { [self] () throws(TTLStoreError) in
                (Result { try maintain(run, body) }, gate.hasAsked)
            }
        } onCancel: {
            run.cancel()
        }
        if hasClosed { await closeSuspending() }
        return try result.get()
    }

    /// Runs work of a task that may take long and calls a closure of the program, as a part of the task. Some such
    /// operations run at the same time, further ones wait for up to `busyTimeout`.
    func onMaintenanceWorker<Success: Sendable>(
        _ operation: String, _ body: @escaping @Sendable () throws(TTLStoreError) -> Success
    ) async throws(TTLStoreError) -> Success {
        try await maintenanceWorkers.runWithinTask(
            operation, patience: Patience(busyTimeout: configuration.busyTimeoutMilliseconds).turn, body)
    }

    /// Lends `body` a connection that no other operation uses. In memory it is the writing connection, with its turn.
    private func withReadingConnection<Success>(
        _ run: MaintenanceRun, _ body: (Connection) throws -> Success
    ) throws -> Success {
        guard file.location != .memory else { return try withTurn(run) { try body($0.connection) } }
        return try run.withConnection(
            { () throws(SQLiteError) in try file.openAnother(queryOnly: true) }, body)
    }

    /// Throws if a file that was read as immutable was changed all the same, see `ReadOnlyWatch`.
    private func checkUnchanged(since generation: Int?, _ run: MaintenanceRun) throws(TTLStoreError) {
        guard let watch = file.readOnlyWatch, let generation,
            try watch.hasChanged(since: generation, hasFailed: false, in: run.operation)
        else { return }
        throw ReaderPool.changed(run.operation)
    }

    private func withTurn<Success>(
        _ run: MaintenanceRun, _ body: (EntryWriter) throws -> Success
    ) throws -> Success {
        let queue = try writingQueue(run.operation)
        let result: Result<Success, any Error> = try queue.withTurn(
            run.operation, isCancelled: { run.isCancelled }
        ) { (writer) throws(TTLStoreError) in
            maintenance.noteTurn(of: run, isHeld: true)
            defer { maintenance.noteTurn(of: run, isHeld: false) }
            return Result {
                try run.proceed()
                return try body(writer)
            }
        }
        return try result.get()
    }

    // MARK: The operations

    func backup(to path: String, _ run: MaintenanceRun) throws {
        let destination = try BackupDestination(path, of: file)
        let generation = try file.readOnlyWatch?.generation(in: run.operation)
        try withReadingConnection(run) { source in
            let backup = Backup(run: run, source: source, destination: destination) { [self] in
                try checkUnchanged(since: generation, run)
            }
            try backup.perform()
        }
    }

    func check(_ run: MaintenanceRun) throws -> TTLStore.CheckReport {
        let generation = try file.readOnlyWatch?.generation(in: run.operation)
        do {
            return try withReadingConnection(run) { connection in
                var check = FileCheck(run: run, connection: connection, file: file)
                let report = try check.perform()
                try checkUnchanged(since: generation, run)
                return report
            }
        } catch let error as SQLiteError where error.primaryCode == SQLITE_CORRUPT || error.primaryCode == SQLITE_NOTADB
        {
            // The file is so damaged that no connection can be opened.
            return FileCheck.unreadable
        }
    }

    /// - Returns: by how many bytes the file is smaller.
    func vacuum(_ run: MaintenanceRun) throws -> Int {
        guard file.location != .memory else {
            return try withTurn(run) { try Vacuum(run: run, connection: $0.connection, file: file).perform() }
        }
        _ = try lockingQueue(run.operation)
        let gained = try run.withConnection(
            { () throws(SQLiteError) in try file.openAnother(queryOnly: false) },
            { connection in
                // Counts the commits on this connection as well.
                writing?.gauge.attach(to: connection)
                return try withTurn(run) { _ in try Vacuum(run: run, connection: connection, file: file).perform() }
            })
        copyLog(run)
        return gained
    }

    /// Copies the log, since the vacuum has written the whole file into it. The vacuum is done, so a failure here is
    /// left to the expirer.
    private func copyLog(_ run: MaintenanceRun) {
        for _ in 0..<5 {
            guard !stop.isSet, !run.isCancelled else { return }
            if cutLog() { return }
            sleepThread(microseconds: 10_000)
        }
        settleLog()
    }

    /// - Returns: whether the whole log was copied and cut off. The expirer reports a failure.
    func cutLog() -> Bool { (try? writing?.checkpointer?.run(truncating: true)) == .complete }
}
