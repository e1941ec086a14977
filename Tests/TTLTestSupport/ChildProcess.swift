import Foundation

/// A real process that a test starts, talks to and ends.
///
/// By `posix_spawn`, since Foundation's `Process` crashes in a process that has a thousand descriptors open
/// (swift-corelibs 6.3 copies 256 bytes from the last name in the list of `/proc/self/fd`, however near the end of the
/// buffer it stands).
package final class ChildProcess: @unchecked Sendable {
    // Sendable: what is mutable but for the end belongs to the one thread that reads.
    package let identifier: Int32
    private let input: FileHandle
    private let output: FileHandle
    private let errors: FileHandle
    private var buffered: [UInt8] = []
    private let end = ChildEnd()

    /// - Parameters:
    ///   - executable: an absolute path, or the name of an executable of this package.
    ///   - nonBlocking: the process finds its ends of the pipes as another program may have left them.
    package init(
        _ executable: String, _ arguments: [String] = [], environment: [String: String] = [:], nonBlocking: Bool = false
    ) throws {
        let (input, output, errors) = (try PipeEnds(), try PipeEnds(), try PipeEnds())
        if nonBlocking {
            for end in [input.reading, output.writing, errors.writing] {
                _ = fcntl(end.fileDescriptor, F_SETFL, fcntl(end.fileDescriptor, F_GETFL) | O_NONBLOCK)
            }
        }
        identifier = try spawn(
            executable.hasPrefix("/") ? executable : ChildProcess.builtPath(executable), arguments,
            environment: ProcessInfo.processInfo.environment.merging(environment) { $1 },
            input: input.reading, output: output.writing, errors: errors.writing)
        (self.input, self.output, self.errors) = (input.writing, output.reading, errors.reading)
        end.awaitInBackground(identifier)
    }

    #if os(Linux)
    /// A process whose terminal that is: it leads a session, and Ctrl-C and the size of the window reach it.
    package init(
        _ executable: String, _ arguments: [String] = [], environment: [String: String] = [:],
        terminal: PseudoTerminal
    ) throws {
        let (input, output, errors) = (try PipeEnds(), try PipeEnds(), try PipeEnds())
        // It becomes the program.
        identifier = try spawn(
            "/usr/bin/setsid",
            ["-c", executable.hasPrefix("/") ? executable : ChildProcess.builtPath(executable)] + arguments,
            environment: ProcessInfo.processInfo.environment.merging(environment) { $1 },
            input: terminal.device, output: terminal.device, errors: terminal.device)
        (self.input, self.output, self.errors) = (input.writing, output.reading, errors.reading)
        end.awaitInBackground(identifier)
    }
    #endif

    deinit {
        kill(SIGKILL)
        wait()
    }

    /// An executable of this package stands beside the test bundle.
    package static func builtPath(_ name: String) -> String {
        URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
            .appendingPathComponent(name).path
    }

    package var isRunning: Bool { end.isRunning }

    /// Sends a signal, if the process still runs.
    package func kill(_ signal: Int32) { end.ifRunning { Foundation.kill(identifier, signal) } }

    /// Gives the process text to read. Does nothing once it has ended.
    package func send(_ text: String) { try? input.write(contentsOf: Data(text.utf8)) }

    package func closeInput() { try? input.close() }

    /// The next line of standard output, without its end; nil at the end of the output. Blocks.
    package func readLine() -> String? {
        while true {
            if let end = buffered.firstIndex(of: UInt8(ascii: "\n")) {
                let line = String(decoding: buffered[..<end], as: UTF8.self)
                buffered.removeSubrange(...end)
                return line
            }
            let data = output.availableData
            if data.isEmpty {
                defer { buffered = [] }
                return buffered.isEmpty ? nil : String(decoding: buffered, as: UTF8.self)
            }
            buffered += data
        }
    }

    /// The rest of standard output.
    package func readAll() -> [UInt8] {
        let rest = buffered + output.readDataToEndOfFile()
        buffered = []
        return rest
    }

    package func readErrors() -> String { String(decoding: errors.readDataToEndOfFile(), as: UTF8.self) }

    #if os(Linux)
    /// How many bytes the process has not yet read.
    package var unreadInput: Int { input.waitingBytes }

    /// How many bytes of standard output wait to be read.
    package var unreadOutput: Int { output.waitingBytes }

    /// How many bytes of standard error wait to be read.
    package var unreadErrors: Int { errors.waitingBytes }
    #endif

    /// The exit status, or the negative number of the signal that ended the process.
    @discardableResult
    package func wait() -> Int32 { end.wait() }

    package struct Outcome: Sendable {
        package let status: Int32
        package let output: [UInt8]
        package let errors: String

        package var text: String { String(decoding: output, as: UTF8.self) }
    }

    /// Runs a process to its end. Its output must fit into a pipe's buffer twice over, or be read otherwise.
    package static func run(
        _ executable: String, _ arguments: [String] = [], input: String = "", environment: [String: String] = [:]
    ) throws -> Outcome {
        let child = try ChildProcess(executable, arguments, environment: environment)
        child.send(input)
        child.closeInput()
        let output = child.readAll()
        let errors = child.readErrors()
        return Outcome(status: child.wait(), output: output, errors: errors)
    }

    /// Runs statements in the plain `sqlite3` shell.
    package static func sqlite3(_ path: String, _ sql: String) throws -> Outcome {
        try run("/usr/bin/env", ["sqlite3", "-batch", path], input: sql)
    }
}

#if os(Linux)
extension FileHandle {
    /// The bytes in the pipe of which this is an end.
    fileprivate var waitingBytes: Int {
        var count: Int32 = 0
        return ioctl(fileDescriptor, UInt(FIONREAD), &count) == 0 ? Int(count) : 0
    }
}
#endif
