#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// The plain `sqlite3` shell, as a process of its own.
struct SQLiteShell {
    private let executable: String

    /// Nil if it is not on PATH.
    init?() {
        let path = getenv("PATH").map { Array(UnsafeRawBufferPointer(start: $0, count: strlen($0))) }
        // A folder whose name is not UTF-8 is left out: a `String` would change the name.
        let folders = (path ?? Array("/usr/bin:/bin".utf8)).split(separator: UInt8(ascii: ":"))
            .compactMap { String(validating: $0, as: UTF8.self) }
        let candidates = folders.map { "\($0)/sqlite3" }
        guard let executable = candidates.first(where: { access($0, X_OK) == 0 }) else { return nil }
        self.executable = executable
    }

    /// Runs a statement, and returns what the shell printed.
    func run(_ statement: String, on file: String, home: String) throws -> String {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw failure(errno) }
        defer { close(ends[0]) }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        let child: pid_t
        do {
            defer { close(ends[1]) }
            // A home without settings, so that the shell's output is the same for every user. By itself the shell does
            // not wait for a lock.
            child = try spawn(
                ["sqlite3", "-batch", "-box", "-cmd", ".timeout 5000", file, statement],
                environment: ["HOME=\(home)"], output: ends[1])
        }
        let output = readAll(ends[0])
        var status: Int32 = 0
        while waitpid(child, &status, 0) < 0, errno == EINTR {}
        try Interrupts.check()
        guard status == 0 else { throw CommandFailure(message: "demo: the sqlite3 shell failed: \(output)") }
        return output
    }

    /// The tests have a `posix_spawn` of their own, with other descriptors and under a lock: what both could share is
    /// less than a module for it would take. Foundation's `Process` would bring all of Foundation into the command.
    private func spawn(_ arguments: [String], environment: [String], output: Int32) throws -> pid_t {
        #if canImport(Darwin)
        var actions: posix_spawn_file_actions_t?
        var attributes: posix_spawnattr_t?
        #else
        var actions = posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        #endif
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO)
        posix_spawn_file_actions_adddup2(&actions, output, STDERR_FILENO)
        // This process ignores these signals; the shell should not.
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        sigemptyset(&signals)
        for number in Ending.ignoredSignals { sigaddset(&signals, number) }
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF))
        var child = pid_t()
        let result = withCStrings(arguments) { arguments in
            withCStrings(environment) { posix_spawn(&child, executable, &actions, &attributes, arguments, $0) }
        }
        guard result == 0 else { throw failure(result) }
        return child
    }

    private func readAll(_ descriptor: Int32) -> String {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = read(descriptor, &chunk, chunk.count)
            if count > 0 {
                bytes += chunk[..<count]
            } else if count == 0 || errno != EINTR {
                return String(decoding: bytes, as: UTF8.self)
            }
        }
    }

    private func failure(_ number: Int32) -> CommandFailure {
        CommandFailure(message: "demo: the sqlite3 shell can't be started: \(String(cString: strerror(number)))")
    }
}

/// The list of C strings that `posix_spawn` takes, with a nil at its end.
private func withCStrings<Result>(
    _ strings: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Result
) -> Result {
    let copies = strings.map { strdup($0) } + [nil]
    defer { copies.forEach { free($0) } }
    return body(copies)
}
