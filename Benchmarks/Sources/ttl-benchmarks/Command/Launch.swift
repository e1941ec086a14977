import Foundation

/// A process that has been started, and is waited for.
struct Launch {
    private let process: pid_t

    /// What a process has taken, from its start to its end.
    struct Outcome {
        var status: Int32
        /// Resident at most, in bytes. Linux counts what this process had resident when it started the other one.
        var peak: Int
    }

    /// - Parameters:
    ///   - output: a file for its standard output; nil throws it away.
    init(_ program: String, _ arguments: [String], environment: [String: String] = [:], output: String? = nil) throws {
        #if canImport(Darwin)
        var actions: posix_spawn_file_actions_t?
        #else
        var actions = posix_spawn_file_actions_t()
        #endif
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, output ?? "/dev/null", O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        let variables = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        var words = ([program] + arguments).map { strdup($0) } + [nil]
        var settings = variables.map { strdup("\($0)=\($1)") } + [nil]
        defer { for text in words + settings { free(text) } }
        var process: pid_t = 0
        let number = posix_spawnp(&process, program, &actions, nil, &words, &settings)
        guard number == 0 else {
            throw WrongResult("\(program) can't be started: \(String(cString: strerror(number)))")
        }
        self.process = process
    }

    /// Blocks until it has ended.
    func wait() throws -> Outcome {
        var (status, usage) = (Int32(0), rusage())
        while wait4(process, &status, 0, &usage) < 0 {
            guard errno == EINTR else { throw WrongResult("a process can't be waited for") }
        }
        #if canImport(Darwin)
        let unit = 1
        #else
        let unit = 1024
        #endif
        return Outcome(status: status, peak: usage.ru_maxrss * unit)
    }

    /// Runs a process that has to succeed.
    /// - Returns: its time in seconds.
    static func run(_ program: String, _ arguments: [String], environment: [String: String]) throws -> Double {
        var status: Int32 = 0
        let time = try seconds { status = try Launch(program, arguments, environment: environment).wait().status }
        guard status == 0 else {
            throw WrongResult("\(program) \(arguments.first ?? "") failed with status \(status)")
        }
        return time
    }

    /// A process that is started by a child of this one, which is small: the peak counts what the starter had.
    struct Task: Codable {
        var program: String
        var arguments: [String]
        /// A file for its standard output.
        var output: String?

        struct Outcome: Codable {
            /// In seconds.
            var time: Double
            /// Resident at most, in bytes.
            var peak: Int
        }

        func run() throws -> Outcome {
            var outcome = Launch.Outcome(status: 0, peak: 0)
            let time = try seconds { outcome = try Launch(program, arguments, output: output).wait() }
            guard outcome.status == 0 else { throw WrongResult("\(program) failed with status \(outcome.status)") }
            return Outcome(time: time, peak: outcome.peak)
        }

        func runInChild() throws -> Outcome {
            try JSONDecoder().decode(Outcome.self, from: try Child(.launch(self)).finish())
        }
    }
}
