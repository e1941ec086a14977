/// `PRAGMA data_version` of a connection (https://www.sqlite.org/pragma.html#pragma_data_version): it changes when
/// another connection has committed, and not with the connection's own commits.
final class DataVersion {
    private let statement: Statement

    init(_ connection: Connection) throws(SQLiteError) {
        statement = try Statement("PRAGMA data_version", on: connection, persistent: true)
    }

    func read() throws(SQLiteError) -> Int64 { try statement.firstInteger() ?? 0 }
}
