/// `PRAGMA data_version` of a connection (https://www.sqlite.org/pragma.html#pragma_data_version): it changes when
/// another connection has committed something, and not with the connection's own commits.
final class DataVersion {
    private let statement: Statement

    init(_ connection: Connection) throws(SQLiteError) {
        statement = try Statement("PRAGMA data_version", on: connection, persistent: true)
    }

    func read() throws(SQLiteError) -> Int64 { try statement.firstInteger() ?? 0 }
}

/// Equal as long as nobody has committed anything.
struct FileVersion: Equatable {
    let ofOthers: Int64
    let commits: Int
}

extension Statement {
    /// The integer in the first column of the first row, or nil; ends the statement.
    func firstInteger() throws(SQLiteError) -> Int64? {
        guard try step() else { return nil }
        defer { reset() }
        return integer(0)
    }

    /// As `firstInteger()`, held within what an `Int` of the machine can hold.
    func firstCount() throws(SQLiteError) -> Int? { try firstInteger().map { Int(clamping: $0) } }
}
