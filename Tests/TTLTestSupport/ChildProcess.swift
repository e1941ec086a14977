import Foundation

/// A real process that a test starts, talks to and ends.
public final class ChildProcess: @unchecked Sendable {
    // Sendable: a test uses it from one thread at a time.
    private let process = Process()
    private let output = Pipe()
    private let errors = Pipe()
    private let input = Pipe()
    private var buffered: [UInt8] = []

    /// - Parameter executable: an absolute path, or the name of an executable of this package.
    public init(_ executable: String, _ arguments: [String] = [], environment: [String: String] = [:]) throws {
        process.executableURL = URL(
            fileURLWithPath: executable.hasPrefix("/") ? executable : ChildProcess.builtPath(executable))
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        process.standardOutput = output
        process.standardError = errors
        process.standardInput = input
        try process.run()
    }

    deinit {
        if process.isRunning { kill(SIGKILL) }
        process.waitUntilExit()
    }

    /// An executable of this package stands beside the test bundle.
    public static func builtPath(_ name: String) -> String {
        URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
            .appendingPathComponent(name).path
    }

    public var identifier: Int32 { process.processIdentifier }

    public var isRunning: Bool { process.isRunning }

    public func kill(_ signal: Int32) { Foundation.kill(process.processIdentifier, signal) }

    public func send(_ text: String) { input.fileHandleForWriting.write(Data(text.utf8)) }

    public func closeInput() { try? input.fileHandleForWriting.close() }

    /// The next line of standard output, without its end; nil at the end of the output. Blocks.
    public func readLine() -> String? {
        while true {
            if let end = buffered.firstIndex(of: UInt8(ascii: "\n")) {
                let line = String(decoding: buffered[..<end], as: UTF8.self)
                buffered.removeSubrange(...end)
                return line
            }
            let data = output.fileHandleForReading.availableData
            if data.isEmpty {
                defer { buffered = [] }
                return buffered.isEmpty ? nil : String(decoding: buffered, as: UTF8.self)
            }
            buffered += data
        }
    }

    /// What is left of standard output.
    public func readAll() -> [UInt8] {
        let rest = buffered + output.fileHandleForReading.readDataToEndOfFile()
        buffered = []
        return rest
    }

    public func readErrors() -> String {
        String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    }

    /// The exit status, or the negative number of the signal that ended the process.
    @discardableResult
    public func wait() -> Int32 {
        process.waitUntilExit()
        return process.terminationReason == .uncaughtSignal ? -process.terminationStatus : process.terminationStatus
    }

    public struct Outcome: Sendable {
        public let status: Int32
        public let output: [UInt8]
        public let errors: String

        public var text: String { String(decoding: output, as: UTF8.self) }
    }

    /// Runs a process to its end. Its output must fit into a pipe's buffer twice over, or be read otherwise.
    public static func run(
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
    public static func sqlite3(_ path: String, _ sql: String) throws -> Outcome {
        try run("/usr/bin/env", ["sqlite3", "-batch", path], input: sql)
    }
}
