import Foundation
import TTLTestSupport

/// A command for `ttl run` that notes that it runs, prints its process, and ends when the test opens a gate.
struct GatedCommand {
    let ttl: CommandUnderTest

    /// - Parameters:
    ///   - name: of the gate.
    ///   - end: what the command does once the gate is open.
    func start(_ name: String = "gate", options: [String] = [], end: String = "echo done") throws -> ChildProcess {
        try ChildProcess(
            "ttl", ["run", "--ttl", "5m"] + options + ["--", "sh", "-c", script(name, end: end)],
            environment: ["TTL_STORE": ttl.store])
    }

    func script(_ name: String = "gate", end: String = "echo done") -> String {
        let gate = ttl.folder(name)
        // Nor for longer than the test's folder is there.
        let isClosed = "test -d '\(ttl.folder.path)' && ! test -e '\(gate)'"
        return "echo . >>'\(gate).runs'; echo $$; while \(isClosed); do sleep 0.02; done; \(end)"
    }

    func open(_ name: String = "gate") throws { try Data().write(to: URL(fileURLWithPath: ttl.folder(name))) }

    /// How often the command has begun.
    func runs(_ name: String = "gate") -> Int {
        (try? String(contentsOfFile: ttl.folder("\(name).runs"), encoding: .utf8).count / 2) ?? 0
    }
}
