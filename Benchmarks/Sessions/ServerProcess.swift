#if Hummingbird
import Foundation

/// A server in a process of its own, seen by its parent.
final class ServerProcess {
    private let process = Process()
    private let input = Pipe()
    private let output = Pipe()
    let port: UInt16
    /// Each opens a session: the value of a header `Cookie`.
    let cookies: [String]

    /// Blocks until the server accepts requests.
    init(_ kind: Server.Kind, users: Int, path: String) throws {
        guard let executable = Bundle.main.executableURL else { throw WrongResult("the program can't find itself") }
        process.executableURL = executable
        process.arguments = Server.arguments(kind, users: users, path: path)
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        var text = Data()
        while !text.suffix(2).elementsEqual("\n\n".utf8) {
            let more = output.fileHandleForReading.availableData
            guard !more.isEmpty else { throw WrongResult("a server ended early") }
            text += more
        }
        let lines = String(decoding: text, as: UTF8.self).split(separator: "\n").map(String.init)
        guard let port = UInt16(lines[0]), lines.count == users + 1 else {
            throw WrongResult("a server printed something else than its port and cookies")
        }
        self.port = port
        cookies = Array(lines[1...])
    }

    /// Ends the server's input, and waits for its end.
    func stop() throws {
        try input.fileHandleForWriting.close()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw WrongResult("a server ended with status \(process.terminationStatus)")
        }
    }

    /// The processor time that the server has taken, in seconds; nil where there is no /proc.
    var processorTime: Double? {
        let path = "/proc/\(process.processIdentifier)/stat"
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { return nil }
        // After the command's name, which stands in brackets, utime and stime are the 12th and the 13th field.
        let fields = text.split(separator: ")").last?.split(separator: " ") ?? []
        guard fields.count > 12, let user = Double(fields[11]), let system = Double(fields[12]) else { return nil }
        return (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
    }
}
#endif
