/// The prepared statements of one connection, each made when it is first needed.
final class StatementSet {
    let connection: Connection
    private var prepared: [Statement?]

    init(_ connection: Connection) {
        self.connection = connection
        prepared = Array(repeating: nil, count: EntrySQL.allCases.count)
    }

    /// The statement, with the parameters `?1` and `?2` still to bind.
    func callAsFunction(_ sql: EntrySQL) throws(SQLiteError) -> Statement {
        if let statement = prepared[sql.rawValue] { return statement }
        let statement = try Statement(sql.text, on: connection, persistent: true)
        prepared[sql.rawValue] = statement
        return statement
    }
}
