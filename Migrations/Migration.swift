/// One step of the file's schema: a file of this folder, embedded in the binary.
///
/// Such a file also runs in the `sqlite3` shell. It reads: a prologue, `BEGIN IMMEDIATE;`, the statements, `COMMIT;`.
/// The library opens the transaction itself, so it takes the parts.
package struct Migration: Sendable {
    /// The schema version that the file has afterwards: its `user_version`.
    package let number: Int64
    /// The file's name without the number, e.g. `entries`.
    package let name: String
    /// The whole file. Opening a file of the latest schema takes no part of it, so the parts are computed.
    package let bytes: [UInt8]

    /// The whole file.
    package var sql: String { String(decoding: bytes, as: UTF8.self) }

    /// What precedes the transaction. In the first migration: settings that only an empty file accepts. In the later
    /// ones it is for the shell alone, which has to stop at an error and at a file of another schema.
    package var prologue: String { String(decoding: bytes[..<begin.startIndex], as: UTF8.self) }

    /// What stands inside the transaction.
    package var body: String {
        let end = lines.last { $0.elementsEqual("COMMIT;".utf8) }?.startIndex ?? bytes.endIndex
        return String(decoding: bytes[begin.endIndex..<end], as: UTF8.self)
    }

    /// The tables, indexes, views and triggers that the transaction creates.
    package var objects: [Object] {
        let begin = begin.startIndex
        return lines.filter { $0.startIndex > begin && $0.starts(with: "CREATE ".utf8) }.compactMap {
            Object(String(decoding: $0, as: UTF8.self))
        }
    }

    private var lines: [ArraySlice<UInt8>] {
        bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    }

    /// The line with which the transaction begins.
    private var begin: ArraySlice<UInt8> {
        lines.first { $0.elementsEqual("BEGIN IMMEDIATE;".utf8) } ?? bytes[..<bytes.startIndex]
    }

    /// A table, index, view or trigger.
    package struct Object: Hashable, Sendable {
        package let name: String
        /// Triggers have their own names. Tables, indexes and views share theirs.
        package let isTrigger: Bool

        /// - Parameter line: e.g. `CREATE VIEW live AS`.
        init?(_ line: String) {
            var words = line.split(separator: " ")
            guard words.count > 2 else { return nil }
            if words[1] == "UNIQUE" { words.remove(at: 1) }
            (isTrigger, name) = (words[1] == "TRIGGER", String(words[2]))
        }
    }

    /// All migrations, oldest first. A test compares the list with the folder.
    package static let all = [
        Migration(number: 1, name: "entries", bytes: PackageResources.M0001_entries_sql),
        Migration(number: 2, name: "sessions", bytes: PackageResources.M0002_sessions_sql),
    ]

    /// The schema version that this library writes and reads.
    package static let latest: Int64 = all.last?.number ?? 0

    /// The `application_id` of every file: "TTLs" in ASCII.
    package static let applicationID: Int64 = 0x5454_4C73
}
