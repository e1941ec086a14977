import Foundation
import TTLTestSupport

/// A command line of an article, and the output that the article shows.
struct ConsoleExample {
    let line: String
    private(set) var output: [String] = []

    /// All of an article's blocks that are marked as `console`, in order.
    static func all(of article: String) throws -> [ConsoleExample] {
        let path = packageFolder.appendingPathComponent("Sources/TTLStore/TTLStore.docc/\(article).md")
        var (examples, isInside): ([ConsoleExample], Bool) = ([], false)
        for line in try String(contentsOf: path, encoding: .utf8).components(separatedBy: "\n") {
            if line.hasPrefix("```") {
                isInside = line == "```console"
            } else if isInside, line.hasPrefix("$ ") {
                examples.append(ConsoleExample(line: String(line.dropFirst(2))))
            } else if isInside {
                examples[examples.count - 1].output.append(line)
            }
        }
        return examples
    }

    /// Whether a shell printed what the article shows: the same words, with other numbers, times and columns.
    func isShown(by printed: [String]) -> Bool { ConsoleExample.shape(printed) == ConsoleExample.shape(output) }

    /// The lines without what differs from run to run.
    static func shape(_ lines: [String]) -> [String] {
        lines.map { line in
            line.replacing(/[0-9a-f]{32}|[0-9a-f]{8}\/[0-9]+/, with: "#")
                .replacing(/[0-9]+(?:[0-9wdhms.:,TZ-]*[0-9wdhmsZ])?/, with: "#")
                // How the shell begins a message depends on its version.
                .replacing(/^(?:Runtime error|Parse error|Error)[^:]*: (?:stepping, |in prepare, )?/, with: "")
                .replacing(/\ +/, with: " ").replacing(/─+/, with: "─")
                .trimmingCharacters(in: .whitespaces)
        }
    }
}

/// A system shell that runs one line after the other, in a folder of its own that is the user's home.
final class ConsoleSession {
    let folder: TemporaryFolder
    private let shell: ChildProcess
    private static let end = "\u{1}"

    init() throws {
        folder = try TemporaryFolder()
        let products = URL(fileURLWithPath: ChildProcess.builtPath("ttl")).deletingLastPathComponent().path
        let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
        shell = try ChildProcess(
            "/bin/sh",
            environment: [
                "HOME": folder.path, "PATH": "\(products):\(path)", "TTL_STORE": "", "XDG_STATE_HOME": "",
                "LC_ALL": "C.UTF-8",
            ])
        try FileManager.default.createSymbolicLink(
            atPath: folder("Migrations"), withDestinationPath: packageFolder.appendingPathComponent("Migrations").path)
        shell.send("cd \(folder.path)\n")
    }

    /// - Returns: the lines that were printed, with the names of the article's machine for those of this one.
    func run(_ line: String) -> [String] {
        shell.send("{ \(line)\n} </dev/null 2>&1; printf '\\n\\001\\n'\n")
        var lines: [String] = []
        while let next = shell.readLine(), next != ConsoleSession.end { lines.append(next) }
        while lines.last == "" { lines.removeLast() }
        return lines.map {
            $0.replacing(folder.path, with: "/home/ada").replacing(" on \(hostName)", with: " on alpha")
        }
    }

    private let hostName: String = {
        var name = [CChar](repeating: 0, count: 256)
        gethostname(&name, name.count - 1)
        return name.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
    }()
}
