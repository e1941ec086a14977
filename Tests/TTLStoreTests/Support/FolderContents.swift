import Foundation
import TTLTestSupport
import Testing

/// The contents of a folder, byte for byte: equal before and after an operation that changes nothing. Of `-shm` files,
/// which hold locks and no data, only the existence counts.
///
/// Not for the folder of an open store: reading a file there would drop the locks that the process has on it.
struct FolderContents: Equatable, CustomTestStringConvertible {
    private let files: [String: Data]

    var names: [String] { files.keys.sorted() }

    /// The names alone, without opening a file.
    static func names(_ folder: TemporaryFolder) throws -> [String] {
        try FileManager.default.subpathsOfDirectory(atPath: folder.path).sorted()
    }

    init(_ folder: TemporaryFolder) throws {
        var files: [String: Data] = [:]
        for name in try FileManager.default.subpathsOfDirectory(atPath: folder.path) {
            // A folder, a FIFO and the like have no bytes.
            let type = try FileManager.default.attributesOfItem(atPath: folder(name))[.type] as? FileAttributeType
            files[name] =
                type == .typeRegular && !name.hasSuffix("-shm")
                ? try Data(contentsOf: URL(fileURLWithPath: folder(name))) : Data()
        }
        self.files = files
    }

    /// Without the files that SQLite needs to read a database, and can't remove through a read-only connection: an
    /// empty log and the `-shm`.
    var withoutTracesOfReading: [String: Data] { files.filter { !$0.value.isEmpty } }

    var testDescription: String { files.map { "\($0.key): \($0.value.count) bytes" }.sorted().joined(separator: ", ") }
}

/// Runs statements in the `sqlite3` shell and expects them to succeed.
/// - Returns: what the shell printed, without the last line's end.
@discardableResult
func shell(_ path: String, _ sql: String, sourceLocation: SourceLocation = #_sourceLocation) throws -> String {
    let outcome = try ChildProcess.sqlite3(path, sql)
    #expect(outcome.status == 0 && outcome.errors.isEmpty, "\(outcome.errors)", sourceLocation: sourceLocation)
    return outcome.text.hasSuffix("\n") ? String(outcome.text.dropLast()) : outcome.text
}
