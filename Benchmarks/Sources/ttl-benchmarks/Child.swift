import CTTLBenchmarkLoops
import Foundation

/// This program, started once more: as the other process, or to measure what must not see the rest of the run.
final class Child {
    private let process = Process()
    private let input = Pipe()
    private let output = Pipe()

    init(_ role: Role) throws {
        guard let executable = Bundle.main.executableURL else { throw WrongResult("the program can't find itself") }
        process.executableURL = executable
        process.arguments = try role.arguments
        process.standardInput = input
        process.standardOutput = output
        try process.run()
    }

    /// Blocks until the child has printed something.
    func waitForFirstByte() throws {
        guard try output.fileHandleForReading.read(upToCount: 1)?.count == 1 else {
            throw WrongResult("a child process ended early")
        }
    }

    /// Ends the child's input, waits for its end, and returns what it printed.
    func finish() throws -> Data {
        try input.fileHandleForWriting.close()
        let data = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw WrongResult("a child process failed with status \(process.terminationStatus)")
        }
        return data
    }

    /// What a child does.
    enum Role: Codable {
        /// - Parameter pause: after each write, in milliseconds.
        case otherProcess(path: String, checkpoints: Bool, pause: Int32 = 2)
        case lockHolder(path: String)
        case manyStores(ManyStores.Task)
        case idle(Idle.Task)
        case launch(Launch.Task)

        private static let flag = "--child"

        /// Nil if the arguments are not those of a child.
        init?(_ arguments: [String]) throws {
            guard arguments.count == 3, arguments[1] == Role.flag else { return nil }
            self = try JSONDecoder().decode(Role.self, from: Data(arguments[2].utf8))
        }

        fileprivate var arguments: [String] {
            get throws { [Role.flag, String(decoding: try JSONEncoder().encode(self), as: UTF8.self)] }
        }

        func play() throws {
            switch self {
            case .otherProcess(let path, let checkpoints, let pause):
                let settings = SQL.settings + (checkpoints ? "" : "PRAGMA wal_autocheckpoint = 0;")
                try check(ttl_bench_other_process(path, settings, SQL.set, pause), "the other process")
            case .lockHolder(let path):
                try check(ttl_bench_hold_lock(path, SQL.settings), "the other process that holds the lock")
            case .manyStores(let task): try print(try task.run())
            case .idle(let task): try print(try task.run())
            case .launch(let task): try print(try task.run())
            }
        }

        private func print(_ result: some Encodable) throws {
            try FileHandle.standardOutput.write(contentsOf: try JSONEncoder().encode(result))
        }
    }
}
