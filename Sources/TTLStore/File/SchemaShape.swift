internal import CTTLSQLite
internal import TTLStoreMigrations

#if canImport(Darwin)
internal import Darwin
#elseif canImport(Musl)
internal import Musl
#else
internal import Glibc
#endif

/// Checks that the tables in the file are the ones that the library makes.
///
/// A view without an end, a virtual table, or a table with other columns, in the place of the library's table, would
/// change the meaning of each statement. People may add tables, views, indexes, triggers and columns of their own. A
/// missing or changed index makes a store slow and changes no answer; `check` reports it.
struct SchemaShape {
    private static let tables = ["entries", "leases", "migrations"]

    private let connection: Connection

    init(_ connection: Connection) { self.connection = connection }

    /// Runs in the caller's read transaction. It takes some microseconds where each table has exactly the text of the
    /// migrations, and looks closer where a program has altered a table.
    /// - Parameter version: the schema's.
    /// - Throws: `corrupt`.
    func check(version: Int64) throws {
        var missing = Set(SchemaShape.tables)
        var altered: [String] = []
        // Without a condition: SQLite would build an index for a list of names.
        let statement = try Statement("SELECT name, type, rootpage, sql FROM sqlite_schema", on: connection)
        while try statement.step() {
            let found = statement.withBytes(0) { name in
                SchemaShape.tables.first { name.count == $0.utf8.count && SchemaShape.begins(name, with: $0) }
            }
            guard let name = found else { continue }
            missing.remove(name)
            let isTable = statement.withBytes(1) { $0.elementsEqual("table".utf8) } && statement.integer(2) > 1
            guard isTable, statement.withBytes(3, { SchemaShape.begins($0, with: "create table") }) else {
                throw SchemaShape.error(name, "is no ordinary table")
            }
            if !statement.withBytes(3, SchemaShape.isFromMigration) { altered.append(name) }
        }
        if let name = missing.min() { throw SchemaShape.error(name, "is missing") }
        guard !altered.isEmpty else { return }
        let expected = try Migrator.emptyStore(version: version)
        defer { expected.close() }
        for name in altered.sorted() {
            guard try TableShape(name, in: connection).includes(TableShape(name, in: expected)) else {
                throw SchemaShape.error(name, "has other columns or keys than this library gives it")
            }
        }
    }

    private static func error(_ table: String, _ what: String) -> TTLStoreError {
        TTLStoreError(.corrupt, "the file's table \"\(table)\" \(what)", in: "open")
    }

    // MARK: The text of a table

    /// - Parameter start: in lower case; case makes no difference to SQLite.
    private static func begins(_ text: UnsafeBufferPointer<UInt8>, with start: String) -> Bool {
        text.count >= start.utf8.count
            && zip(text, start.utf8).allSatisfy { byte, wanted in
                let isUpper = (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
                return (isUpper ? byte + 32 : byte) == wanted
            }
    }

    /// Whether a statement of the schema equals one of a migration, to the last byte, comments included.
    private static func isFromMigration(_ sql: UnsafeBufferPointer<UInt8>) -> Bool {
        guard let start = sql.baseAddress, sql.count > 0 else { return false }
        return Migration.all.contains { migration in
            migration.bytes.withUnsafeBufferPointer { text in
                guard let begin = text.baseAddress else { return false }
                // At the beginning of a line, and up to a semicolon.
                var line = begin
                while true {
                    let rest = text.count - (line - begin)
                    guard rest > sql.count else { return false }
                    if line[sql.count] == UInt8(ascii: ";"), memcmp(line, start, sql.count) == 0 { return true }
                    guard let end = memchr(line, Int32(UInt8(ascii: "\n")), rest) else { return false }
                    line = UnsafePointer(end.assumingMemoryBound(to: UInt8.self)) + 1
                }
            }
        }
    }
}

/// The properties of a table on which the library's statements depend.
private struct TableShape {
    /// Name, type, collation and place in the primary key of each column.
    private var columns: Set<[String]> = []
    /// For each unique index over all rows: its columns with their collations.
    private var uniqueKeys: Set<[String]> = []
    private var hasRowIDs = true

    /// - Parameter table: one of the library's names.
    init(_ table: String, in connection: Connection) throws(SQLiteError) {
        func rows(_ sql: String, _ body: (Statement) throws(SQLiteError) -> Void) throws(SQLiteError) {
            let statement = try Statement(sql, on: connection)
            while try statement.step() { try body(statement) }
        }
        func text(_ row: Statement, _ column: Int32) -> String {
            row.withBytes(column) { String(decoding: $0, as: UTF8.self) }
        }
        try rows("PRAGMA table_xinfo(\(table))") { row in
            // Hidden columns are computed from others.
            guard row.integer(6) == 0 else { return }
            let name = text(row, 1)
            columns.insert([
                name, text(row, 2).uppercased(), connection.collation(of: name, in: table), text(row, 5),
            ])
        }
        var names: [String] = []
        try rows("PRAGMA index_list(\(table))") { row in
            if row.integer(2) != 0, row.integer(4) == 0 { names.append(text(row, 1)) }
        }
        for name in names {
            var key: [String] = []
            try rows("PRAGMA index_xinfo(\"\(name.replacing("\"", with: "\"\""))\")") { row in
                if row.integer(5) != 0 { key += [text(row, 2), text(row, 4)] }
            }
            uniqueKeys.insert(key)
        }
        try rows("PRAGMA table_list(\(table))") { row in
            if text(row, 0) == "main" { hasRowIDs = text(row, 2) == "table" && row.integer(4) == 0 }
        }
    }

    func includes(_ other: TableShape) -> Bool {
        columns.isSuperset(of: other.columns) && uniqueKeys.isSuperset(of: other.uniqueKeys)
            && hasRowIDs == other.hasRowIDs
    }
}

extension Connection {
    /// The collation by which a column is compared, in upper case; empty if there is none.
    fileprivate func collation(of column: String, in table: String) -> String {
        var name: UnsafePointer<CChar>?
        let code = sqlite3_table_column_metadata(handle, "main", table, column, nil, &name, nil, nil, nil)
        guard code == SQLITE_OK, let name else { return "" }
        return String(cString: name).uppercased()
    }
}
