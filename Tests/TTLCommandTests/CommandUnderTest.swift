import Foundation
import TTLTestSupport

/// The built command, on a store of its own in a temporary folder.
struct CommandUnderTest {
    let folder: TemporaryFolder
    var store: String { folder("store.db") }

    init() throws { folder = try TemporaryFolder() }

    /// Runs `ttl` with those arguments and nothing on standard input.
    func callAsFunction(_ arguments: String...) throws -> ChildProcess.Outcome {
        try ChildProcess.run("ttl", arguments, environment: environment)
    }

    /// Runs a line of the system's shell, in which `$ttl` is the command.
    func shell(_ line: String, environment more: [String: String] = [:]) throws -> ChildProcess.Outcome {
        try ChildProcess.run("/bin/sh", ["-c", line], environment: environment.merging(more) { $1 })
    }

    /// Runs statements in the `sqlite3` shell, past the schema's constraints.
    func sqlite3(_ sql: String) throws {
        let outcome = try ChildProcess.sqlite3(store, "PRAGMA ignore_check_constraints = ON;\n" + sql)
        if outcome.status != 0 { throw ShellFailure(errors: outcome.errors) }
    }

    /// Adds entries to the file that expired long ago.
    func addExpired(count: Int) throws {
        _ = try self("set", "first", "value")
        try sqlite3(
            """
            WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < \(count))
            INSERT INTO entries (key, value, expires_at)
            SELECT 'expired:' || n, 'value', 1500000000000 FROM numbers;
            """)
    }

    /// Starts `ttl`, to talk to it.
    func start(_ arguments: String..., nonBlocking: Bool = false) throws -> ChildProcess {
        try ChildProcess("ttl", arguments, environment: environment, nonBlocking: nonBlocking)
    }

    func start(arguments: [String]) throws -> ChildProcess {
        try ChildProcess("ttl", arguments, environment: environment)
    }

    #if os(Linux)
    /// Starts `ttl` on a terminal.
    func start(_ arguments: String..., on terminal: PseudoTerminal) throws -> ChildProcess {
        try ChildProcess(
            "ttl", arguments, environment: environment.merging(["TERM": "xterm"]) { $1 }, terminal: terminal)
    }

    /// Runs a line of bash, with the control of jobs, on a terminal.
    func bash(_ line: String, on terminal: PseudoTerminal) throws -> ChildProcess {
        try ChildProcess(
            "/bin/bash", ["-mc", line], environment: environment.merging(["TERM": "xterm"]) { $1 }, terminal: terminal)
    }

    /// Starts a shell that finds the command on its path.
    func run(_ shell: CompletingShell, on terminal: PseudoTerminal, store: String? = nil) throws -> ChildProcess {
        let folder = URL(fileURLWithPath: ChildProcess.builtPath("ttl")).deletingLastPathComponent().path
        let more = [
            "PATH": "\(folder):/usr/bin:/bin", "TERM": "dumb", "LC_ALL": "C.UTF-8", "HOME": self.folder.path,
            "TTL_STORE": store ?? self.store,
        ]
        return try ChildProcess(
            "/usr/bin/env", [shell.rawValue] + shell.arguments, environment: environment.merging(more) { $1 },
            terminal: terminal)
    }
    #endif

    private var environment: [String: String] {
        ["TTL_STORE": store, "ttl": ChildProcess.builtPath("ttl"), "TMPDIR": folder.path]
    }
}

struct ShellFailure: Error {
    var errors: String
}
