/// A table, index, view or trigger, as `sqlite_schema` lists it.
struct SchemaObject: Hashable {
    struct Name: Hashable, Comparable {
        let type: String
        let name: String

        static func < (left: Name, right: Name) -> Bool { (left.type, left.name) < (right.type, right.name) }

        var shown: String { "the \(PrintableName.shown(type)) \"\(PrintableName.shown(name))\"" }
    }

    let table: String
    /// Nil for an index that SQLite makes for a constraint.
    let sql: String?

    /// All objects of a database, without the statistics of `ANALYZE`.
    static func all(_ connection: Connection) throws(SQLiteError) -> [Name: SchemaObject] {
        let statement = try Statement("SELECT type, name, tbl_name, sql FROM sqlite_schema", on: connection)
        func text(_ column: Int32) -> String { statement.withBytes(column) { String(decoding: $0, as: UTF8.self) } }
        var objects: [Name: SchemaObject] = [:]
        while try statement.step() {
            guard !text(1).hasPrefix("sqlite_stat") else { continue }
            objects[Name(type: text(0), name: text(1))] = SchemaObject(
                table: text(2), sql: statement.type(3) == .null ? nil : text(3))
        }
        return objects
    }
}

extension FileCheck {
    /// Objects that the library adds if a setting asks for them.
    private static let optionalObjects = ["entries_by_age"]

    /// Compares the file with an empty database after the migrations.
    mutating func checkSchema() throws {
        let found = try SchemaObject.all(connection)
        let expected = try FileCheck.expectedSchema(version: report.schemaVersion)
        for name in expected.keys.sorted() where found[name] == nil {
            find(.error, .objectMissing, "\(name.shown) is missing")
        }
        for name in expected.keys.sorted() where found[name] != nil && found[name] != expected[name] {
            find(.error, .objectChanged, "\(name.shown) was changed")
        }
        for name in found.keys.sorted() where expected[name] == nil {
            // An index without SQL belongs to an added table, which is reported itself.
            guard found[name]?.sql != nil, !FileCheck.optionalObjects.contains(name.name) else { continue }
            find(.warning, .objectAdded, "\(name.shown) is not the library's")
        }
    }

    private static func expectedSchema(version: Int) throws(SQLiteError) -> [SchemaObject.Name: SchemaObject] {
        let connection = try Migrator.emptyStore(version: Int64(version))
        defer { connection.close() }
        return try SchemaObject.all(connection)
    }
}
