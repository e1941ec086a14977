import CTTLSQLite
import TTLTestSupport

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// Commands of a program that uses SQLite without this library.
let lockCommands: [String: Command] = [
    // PATH: takes the write lock, prints "held", and gives it up at the next line of input.
    "hold": { arguments in
        let connection = try Plain(arguments[0])
        try connection.execute("PRAGMA busy_timeout = 10000; BEGIN IMMEDIATE")
        say("held")
        _ = readLine()
        try connection.execute("ROLLBACK")
        say("released")
    },
    // PATH: holds a read transaction from "reading" to the next line of input.
    "read": { arguments in
        let connection = try Plain(arguments[0])
        try connection.execute("BEGIN; SELECT count(*) FROM entries")
        say("reading")
        _ = readLine()
        try connection.execute("COMMIT")
        connection.close()
        say("ended")
        _ = readLine()
    },
    // PATH: prints "free" or "busy", for the write lock.
    "try": { arguments in
        let connection = try Plain(arguments[0])
        say(connection.run("BEGIN IMMEDIATE") == SQLITE_OK ? "free" : "busy")
    },
    // PATH SQL: runs the statements on each line of input, and prints the result code of each.
    "plain": { arguments in
        let connection = try Plain(arguments[0])
        try connection.execute("PRAGMA wal_autocheckpoint = 0; PRAGMA busy_timeout = 20")
        say("ready")
        while let sql = readLine() { say("\(connection.run(sql))") }
    },
    // PATH PREFIX: stores one entry after another with one prepared statement until the input ends, and prints each
    // key that it has committed.
    "write-plainly": { arguments in
        let connection = try Plain(arguments[0])
        try connection.execute("PRAGMA busy_timeout = 60000")
        try connection.store(keysAfter: arguments[1])
    },
    // PATH OFFSET COUNT: prints bytes of a file in hexadecimal. A process of its own may read a file that another one
    // has open with SQLite; in one process, closing it would drop SQLite's locks.
    "bytes": { arguments in
        let descriptor = open(arguments[0], O_RDONLY)
        guard descriptor >= 0, let offset = Int(arguments[1]), let count = Int(arguments[2]) else { exit(1) }
        var bytes = [UInt8](repeating: 0, count: count)
        let read = pread(descriptor, &bytes, count, off_t(offset))
        say(bytes.prefix(max(0, read)).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined())
    },
]

/// A connection as any other program opens it.
final class Plain {
    private var handle: OpaquePointer?

    init(_ path: String) throws {
        let code = sqlite3_open_v2(path, &handle, SQLITE_OPEN_READWRITE, nil)
        if code != SQLITE_OK { throw PlainError(code: code) }
    }

    deinit { close() }

    func close() {
        sqlite3_close_v2(handle)
        handle = nil
    }

    func run(_ sql: String) -> Int32 { sqlite3_exec(handle, sql, nil, nil, nil) }

    /// Until standard input ends.
    func store(keysAfter prefix: String) throws {
        let isTransient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
        var statement: OpaquePointer?
        let code = sqlite3_prepare_v2(
            handle, "INSERT INTO entries (key, value) VALUES (?1, 'plain')", -1, &statement, nil)
        guard code == SQLITE_OK else { throw PlainError(code: code) }
        defer { sqlite3_finalize(statement) }
        var input = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
        var number = 0
        while poll(&input, 1, 0) == 0 {
            number += 1
            sqlite3_bind_text(statement, 1, "\(prefix):\(number)", -1, isTransient)
            let code = sqlite3_step(statement)
            guard code == SQLITE_DONE else { throw PlainError(code: code) }
            sqlite3_reset(statement)
            say("\(prefix):\(number)")
        }
    }

    func execute(_ sql: String) throws {
        let code = run(sql)
        if code != SQLITE_OK { throw PlainError(code: code) }
    }
}

struct PlainError: Error {
    var code: Int32
}
