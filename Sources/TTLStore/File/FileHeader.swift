internal import CTTLSQLite

/// The first 100 bytes of a database file (https://www.sqlite.org/fileformat2.html, section 1.3).
///
/// Read through SQLite's own descriptor and without a lock, before SQLite has read or changed anything: a file of
/// another program is recognised and left untouched. It does not show what is still in the log.
struct FileHeader {
    enum Content {
        case empty
        case notADatabase
        case database(FileHeader)
    }

    /// False for UTF-16. A file whose first table is still in the log has no encoding yet.
    let isUTF8: Bool
    let applicationID: Int64
    let userVersion: Int64
    /// Whether SQLite reads the file with a write-ahead log.
    let hasLog: Bool

    /// `SQLITE_IOERR_SHORT_READ`, a macro that is not imported.
    private static let shortRead: Int32 = 2

    private static func isShort(_ code: Int32) -> Bool { code & 0xff == SQLITE_IOERR && code >> 8 == shortRead }

    static func read(_ connection: Connection) throws(SQLiteError) -> Content {
        var file: UnsafeMutablePointer<sqlite3_file>?
        try connection.check(
            sqlite3_file_control(connection.handle, "main", SQLITE_FCNTL_FILE_POINTER, &file))
        var bytes = [UInt8](repeating: 0, count: 100)
        guard let file, let methods = file.pointee.pMethods?.pointee, let read = methods.xRead else {
            return .notADatabase
        }
        var code = read(file, &bytes, 100, 0)
        if FileHeader.isShort(code) {
            var size: Int64 = 0
            let isKnown = methods.xFileSize?(file, &size) == SQLITE_OK
            guard isKnown, size >= 100 else { return isKnown && size == 0 ? .empty : .notADatabase }
            // Another process has written the first page in between.
            code = read(file, &bytes, 100, 0)
            if FileHeader.isShort(code) { return .notADatabase }
        }
        guard code == SQLITE_OK else { throw SQLiteError(code: code, connection: nil) }
        guard bytes.starts(with: Array("SQLite format 3\0".utf8)) else { return .notADatabase }
        func integer(at offset: Int) -> Int64 {
            bytes[offset..<offset + 4].reduce(0) { $0 << 8 | Int64($1) }
        }
        return .database(
            FileHeader(
                isUTF8: integer(at: 56) <= 1, applicationID: integer(at: 68), userVersion: integer(at: 60),
                hasLog: bytes[19] == 2))
    }
}
