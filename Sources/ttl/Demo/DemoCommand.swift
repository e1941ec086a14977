import ArgumentParser

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

struct DemoCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo", abstract: "A tour of about ten seconds, in a temporary folder.",
        discussion: """
            ttl demo

            Values live, expire and survive a restart, and a thread sweeps them away and then ends. Every number is \
            measured while you watch. The folder is removed at the end.

            Exit status 1: something that the tour claims did not hold.
            """)

    func run() throws {
        Interrupts.listen()
        let folder = try DemoCommand.makeFolder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let stage = Stage()
        try Tour(stage: stage, folder: folder).run()
        try stage.say("")
        guard stage.failures == 0 else {
            try stage.say("\(stage.failures) of \(stage.checks) checks failed.")
            throw ExitCode(1)
        }
        try stage.say("All \(stage.checks) checks hold. 'ttl --help' shows how to keep something yourself.")
    }

    private static func makeFolder() throws -> String {
        let variable = getenv("TMPDIR").map { String(validatingCString: $0) } ?? ""
        guard let variable else { throw CommandFailure(message: "demo: the path in TMPDIR is not valid UTF-8") }
        var template = Array("\(variable.isEmpty ? "/tmp" : variable)/ttl-demo.XXXXXX".utf8CString)
        let path = template.withUnsafeMutableBufferPointer { template in
            template.baseAddress.flatMap { mkdtemp($0) }.flatMap { String(validatingCString: $0) }
        }
        guard let path else {
            throw CommandFailure(message: "demo: no temporary folder: \(String(cString: strerror(errno)))")
        }
        return path
    }
}
