/// One step of the file's schema: a file of this folder, embedded in the binary.
///
/// Such a file also runs in the `sqlite3` shell. It reads: settings that only an empty file accepts,
/// `BEGIN IMMEDIATE;`, the statements, `COMMIT;`. The library opens the transaction itself, so it takes the parts.
package struct Migration: Sendable {
    /// The schema version that the file has afterwards: its `user_version`.
    package let number: Int64
    /// The file's name without the number, e.g. `entries`.
    package let name: String
    /// The whole file.
    package let sql: String
    /// What precedes the transaction: settings for an empty file.
    package let prologue: String
    /// What stands inside the transaction.
    package let body: String

    init(number: Int64, name: String, bytes: [UInt8]) {
        self.number = number
        self.name = name
        sql = String(decoding: bytes, as: UTF8.self)
        let lines = sql.split(separator: "\n", omittingEmptySubsequences: false)
        let begin = lines.firstIndex(of: "BEGIN IMMEDIATE;") ?? lines.startIndex
        let commit = lines.lastIndex(of: "COMMIT;") ?? lines.endIndex
        prologue = lines[..<begin].joined(separator: "\n")
        body = lines[begin..<commit].dropFirst().joined(separator: "\n")
    }

    /// All migrations, oldest first. A test compares the list with the folder.
    package static let all = [
        Migration(number: 1, name: "entries", bytes: PackageResources.M0001_entries_sql)
    ]

    /// The schema version that this library writes and reads.
    package static let latest: Int64 = all.last?.number ?? 0

    /// The `application_id` of every file: "TTLs" in ASCII.
    package static let applicationID: Int64 = 0x5454_4C73
}
