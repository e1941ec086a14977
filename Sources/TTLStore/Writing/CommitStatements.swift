/// The statements around a transaction, prepared once.
struct CommitStatements {
    /// IMMEDIATE: the write lock first, then the snapshot, so that a transaction never finds itself outdated
    /// (`SQLITE_BUSY_SNAPSHOT`).
    let begin: Statement
    let commit: Statement
    private let rollback: Statement

    init(_ connection: Connection) throws(SQLiteError) {
        begin = try Statement("BEGIN IMMEDIATE", on: connection, persistent: true)
        commit = try Statement("COMMIT", on: connection, persistent: true)
        rollback = try Statement("ROLLBACK", on: connection, persistent: true)
    }

    /// Fails only where SQLite has rolled back already.
    func rollBack() { try? rollback.run() }
}
