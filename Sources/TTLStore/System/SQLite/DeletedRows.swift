internal import CTTLSQLite

/// The rows that a statement deletes, as SQLite's update hook reports them. They say more than a count, and cost less
/// than a RETURNING clause or a query before the deletion.
final class DeletedRows {
    private var ids: [Int64] = []

    /// The ids of the rows that `body` deletes through the connection.
    static func during(
        _ connection: Connection, _ body: () throws(SQLiteError) -> Void
    ) throws(SQLiteError) -> [Int64] {
        let rows = DeletedRows()
        // Unretained: the hook is removed before `rows` is.
        sqlite3_update_hook(connection.handle, noteChange, Unmanaged.passUnretained(rows).toOpaque())
        defer { withExtendedLifetime(rows) { _ = sqlite3_update_hook(connection.handle, nil, nil) } }
        try body()
        return rows.ids
    }

    fileprivate func add(_ id: Int64) { ids.append(id) }
}

private func noteChange(
    _ context: UnsafeMutableRawPointer?, _ operation: Int32, _ database: UnsafePointer<CChar>?,
    _ table: UnsafePointer<CChar>?, _ id: Int64
) {
    guard let context, operation == SQLITE_DELETE else { return }
    Unmanaged<DeletedRows>.fromOpaque(context).takeUnretainedValue().add(id)
}
