internal import CTTLSQLite
import Synchronization

/// One maintenance operation: its connections, its reports of progress, and what ends it early.
///
/// Three events end it early: an error from `progress`, the cancellation of the task, and `close()`.
final class MaintenanceRun: @unchecked Sendable {
    // Sendable: `cancelled` is atomic and the lock guards `connections`; the rest belongs to the operation's thread.
    typealias Report = (TTLStore.Progress) throws -> Void

    let operation: String
    private let stop: StopFlag
    private let progress: Report?
    private let cancelled = Atomic<Bool>(false)
    private let lock = Lock()
    private var connections: [Connection] = []
    /// The error that `progress` has thrown.
    private var failure: (any Error)?
    private var watched: Connection?
    private var nextReport = MonotonicTime(nanoseconds: 0)

    /// How often SQLite asks whether to go on, in steps of its virtual machine: some ten microseconds' worth.
    private static let stepsPerQuestion: Int32 = 1000
    /// The time between two reports from inside a statement.
    private static let reportInterval: Milliseconds = 20

    init(_ operation: String, stop: StopFlag, progress: Report?) {
        self.operation = operation
        self.stop = stop
        self.progress = progress
    }

    // MARK: Ending early

    var isCancelled: Bool { cancelled.load(ordering: .acquiring) }

    /// Callable from any thread, also before the operation has begun.
    func cancel() {
        cancelled.store(true, ordering: .releasing)
        interrupt()
    }

    /// Ends the running statement. Callable from any thread.
    func interrupt() { lock.withLock { for connection in connections { connection.interrupt() } } }

    /// Throws if the operation has to end.
    func proceed() throws {
        if let failure { throw failure }
        if stop.isSet { throw TTLStoreError.closed(operation) }
        if isCancelled { throw CancellationError() }
    }

    /// The error for the caller: why the operation was ended, not the interrupt that ended it.
    func reason(_ error: any Error) -> any Error {
        if let failure { return failure }
        guard let error = (error as? SQLiteError).map({ TTLStoreError($0, in: operation) }) ?? error as? TTLStoreError
        else { return error }
        if error.mayBeInterruption, stop.isSet { return TTLStoreError.closed(operation) }
        if error.mayBeInterruption, isCancelled { return CancellationError() }
        return error.renamed(operation)
    }

    // MARK: Progress

    /// Calls `progress`, outside every statement.
    func report(_ progress: TTLStore.Progress) throws {
        try proceed()
        do { try self.progress?(progress) } catch {
            failure = error
            throw error
        }
        try proceed()
    }

    /// Calls `progress` when all is done. An error that it throws, or a cancellation, comes too late.
    func reportEnd(_ progress: TTLStore.Progress) { try? self.progress?(progress) }

    /// Runs `body`. Its statements end early when the operation has to end, and the pages that they read are reported.
    func watch<Success>(_ connection: Connection, _ body: () throws -> Success) throws -> Success {
        watched = connection
        sqlite3_progress_handler(
            connection.handle, MaintenanceRun.stepsPerQuestion, askWhetherToEnd,
            // Unretained: the handler is removed before the run is freed.
            Unmanaged.passUnretained(self).toOpaque())
        defer {
            sqlite3_progress_handler(connection.handle, 0, nil, nil)
            watched = nil
        }
        try report(TTLStore.Progress(completed: pagesRead))
        return try body()
    }

    fileprivate func shouldEnd() -> Bool {
        do {
            try proceed()
            guard progress != nil, MonotonicTime.now >= nextReport else { return false }
            try report(TTLStore.Progress(completed: pagesRead))
            nextReport = .now + MaintenanceRun.reportInterval
            return false
        } catch { return true }
    }

    private var pagesRead: Int {
        guard let watched else { return 0 }
        var (count, highest): (Int32, Int32) = (0, 0)
        sqlite3_db_status(watched.handle, SQLITE_DBSTATUS_CACHE_MISS, &count, &highest, 0)
        return Int(count)
    }

    // MARK: Connections

    /// Lends `body` a connection of the operation's own, which is closed afterwards.
    /// - Parameter close: how to close it; for the only connection to a file `StoreFile.close(last:)`.
    func withConnection<Success>(
        _ open: () throws(SQLiteError) -> Connection, closing close: (Connection) -> Void = { $0.close() },
        _ body: (Connection) throws -> Success
    ) throws -> Success {
        try proceed()
        let connection = try open()
        lock.withLock { connections.append(connection) }
        defer {
            // No thread interrupts the connection any more when it closes.
            lock.withLock { connections.removeAll { $0 === connection } }
            close(connection)
        }
        return try body(connection)
    }
}

/// The `sqlite3_progress_handler` of a watched connection.
private func askWhetherToEnd(_ context: UnsafeMutableRawPointer?) -> Int32 {
    guard let context else { return 0 }
    return Unmanaged<MaintenanceRun>.fromOpaque(context).takeUnretainedValue().shouldEnd() ? 1 : 0
}
