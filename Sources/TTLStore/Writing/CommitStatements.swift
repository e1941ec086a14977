/// The statements around a transaction, prepared once. They belong to the holder of the turn.
final class CommitStatements {
    private let beginning: Statement
    private let committing: Statement
    private let rollingBack: Statement
    private let activity: ActivityCounters
    private var begun = MonotonicTime(nanoseconds: 0)

    init(_ connection: Connection, activity: ActivityCounters) throws(SQLiteError) {
        beginning = try Statement("BEGIN IMMEDIATE", on: connection, persistent: true)
        committing = try Statement("COMMIT", on: connection, persistent: true)
        rollingBack = try Statement("ROLLBACK", on: connection, persistent: true)
        self.activity = activity
    }

    /// IMMEDIATE: the write lock first, then the snapshot, so that a transaction never finds itself outdated
    /// (`SQLITE_BUSY_SNAPSHOT`).
    func begin() throws(SQLiteError) {
        try beginning.run()
        begun = .now
    }

    /// Where it fails, the transaction may still be open.
    func commit() throws(SQLiteError) {
        try committing.run()
        activity.noteHold(since: begun)
    }

    /// Fails only where SQLite has rolled back already.
    func rollBack() {
        try? rollingBack.run()
        activity.noteHold(since: begun)
    }
}
