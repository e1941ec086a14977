import Foundation
import TTLStore
import TTLTestSupport
import Testing

/// The process of `Tests/TTLTestProcess`.
func otherProcess(_ command: String, _ arguments: String...) throws -> ChildProcess {
    try ChildProcess("TTLTestProcess", [command] + arguments)
}

extension ChildProcess {
    /// What the process answers to a line.
    func ask(_ line: String) -> String? {
        send(line + "\n")
        return readLine()
    }

    /// Lets the process run on for some time after its first line, kills it, and returns all that it has printed.
    func killed(after microseconds: Int) -> [String] {
        // Read on a thread of its own: the process must not wait for a full pipe.
        let lines = Lines()
        onThreads(2) { [self] number in
            if number == 0 {
                while let line = readLine() { lines.append(line) }
            } else {
                _ = eventually { !lines.all.isEmpty || !isRunning }
                usleep(UInt32(microseconds))
                kill(SIGKILL)
            }
        }
        wait()
        return lines.all
    }
}

/// Lines that one thread collects while another one looks at them.
private final class Lines: @unchecked Sendable {
    // Sendable: the lock guards the lines.
    private let lock = NSLock()
    private var lines: [String] = []

    func append(_ line: String) { lock.withLock { lines.append(line) } }

    var all: [String] { lock.withLock { lines } }
}

/// Expects that SQLite finds nothing wrong with the file.
func expectIntact(_ path: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
    let answer = try ChildProcess.sqlite3(path, "PRAGMA busy_timeout = 10000; PRAGMA integrity_check;")
    #expect(answer.text == "10000\nok\n", "\(answer.errors)", sourceLocation: sourceLocation)
}

/// Fills a file with entries that expired long ago, `dead:1` …, and entries that never expire, `kept:1` ….
func makeBacklog(_ path: String, dead: Int, kept: Int = 0) throws {
    try TTLStore(path: path).close()
    let answer = try ChildProcess.sqlite3(
        path,
        """
        WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < \(dead))
        INSERT INTO entries (key, value, expires_at) SELECT 'dead:' || i, hex(randomblob(50)), 1600000000000 FROM n;
        WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < \(kept))
        INSERT INTO entries (key, value) SELECT 'kept:' || i, hex(randomblob(50)) FROM n WHERE \(kept) > 0;
        """)
    #expect(answer.status == 0, "\(answer.errors)")
}
