/// The statements of one kind. Their raw values count from 0.
protocol StatementKind: CaseIterable, RawRepresentable<Int> {
    var text: String { get }
}

/// The prepared statements of one kind on one connection, each made when it is first needed.
final class StatementSet<SQL: StatementKind> {
    let connection: Connection
    private var prepared: [Statement?]

    init(_ connection: Connection) {
        self.connection = connection
        prepared = Array(repeating: nil, count: SQL.allCases.count)
    }

    /// The statement, with its parameters still to bind.
    func callAsFunction(_ sql: SQL) throws(SQLiteError) -> Statement {
        if let statement = prepared[sql.rawValue] { return statement }
        let statement = try Statement(sql.text, on: connection, persistent: true)
        prepared[sql.rawValue] = statement
        return statement
    }
}
