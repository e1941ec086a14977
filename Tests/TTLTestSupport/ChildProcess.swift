import Foundation

/// A real process that a test starts, talks to and ends.
package final class ChildProcess: @unchecked Sendable {
    // Sendable: a test uses it from one thread at a time.
    private let process = Process()
    private let output = Pipe()
    private let errors = Pipe()
    private let input = Pipe()
    private var buffered: [UInt8] = []

    /// - Parameter executable: an absolute path, or the name of an executable of this package.
    package init(_ executable: String, _ arguments: [String] = [], environment: [String: String] = [:]) throws {
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
    package static func builtPath(_ name: String) -> String {
        URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
            .appendingPathComponent(name).path
    }

    package var identifier: Int32 { process.processIdentifier }

    package var isRunning: Bool { process.isRunning }

    package func kill(_ signal: Int32) { Foundation.kill(process.processIdentifier, signal) }

    package func send(_ text: String) { input.fileHandleForWriting.write(Data(text.utf8)) }

    package func closeInput() { try? input.fileHandleForWriting.close() }

    /// The next line of standard output, without its end; nil at the end of the output. Blocks.
    package func readLine() -> String? {
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
    package func readAll() -> [UInt8] {
        let rest = buffered + output.fileHandleForReading.readDataToEndOfFile()
        buffered = []
        return rest
    }

    package func readErrors() -> String {
        String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    }

    /// The exit status, or the negative number of the signal that ended the process.
    @discardableResult
    package func wait() -> Int32 {
        process.waitUntilExit()
        return process.terminationReason == .uncaughtSignal ? -process.terminationStatus : process.terminationStatus
    }

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
