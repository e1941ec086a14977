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

    /// What is left of standard output, line by line.
    func readLines() -> [String] {
        String(decoding: readAll(), as: UTF8.self).split(separator: "\n").map(String.init)
    }

    /// Lets the process run on for some time after its first line, kills it, and returns all that it has printed.
    func killed(after microseconds: Int) -> [String] {
        // Read on a thread of its own: the process must not wait for a full pipe.
        let lines = Collected<String>()
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

/// Starts processes with one command, gives them a line of input when all are "ready", and lets them end.
/// - Returns: the lines that each has printed after that, no more than a pipe holds.
func race(
    _ processes: Int, _ command: String, _ arguments: String..., sourceLocation: SourceLocation = #_sourceLocation
) throws -> [[String]] {
    let children = try (0..<processes).map { _ in try ChildProcess("TTLTestProcess", [command] + arguments) }
    for child in children { #expect(child.readLine() == "ready", sourceLocation: sourceLocation) }
    for child in children { child.send("\n") }
    return children.map { child in
        let lines = child.readLines()
        #expect(child.wait() == 0, "\(child.readErrors())", sourceLocation: sourceLocation)
        return lines
    }
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
