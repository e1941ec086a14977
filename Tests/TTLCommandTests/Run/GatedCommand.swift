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
        return "echo $$; echo . >>'\(gate).runs'; while ! test -e '\(gate)'; do sleep 0.02; done; \(end)"
    }

    func open(_ name: String = "gate") throws { try Data().write(to: URL(fileURLWithPath: ttl.folder(name))) }

    /// How often the command has begun.
    func runs(_ name: String = "gate") -> Int {
        (try? String(contentsOfFile: ttl.folder("\(name).runs"), encoding: .utf8).count / 2) ?? 0
    }

    /// Waits until a process waits for the run of another one: it sleeps again and again, with the store open.
    func hasBegunToWait(_ child: ChildProcess) -> Bool {
        var before: Int?
        return eventually {
            guard let sleeps = sleeps(child), hasOpenStore(child) else { return false }
            if before == nil { before = sleeps }
            return sleeps >= (before ?? 0) + 10
        }
    }

    /// How often its main thread has slept.
    private func sleeps(_ child: ChildProcess) -> Int? {
        let status = try? String(contentsOfFile: "/proc/\(child.identifier)/status", encoding: .utf8)
        return (status?.firstMatch(of: /\nvoluntary_ctxt_switches:\s*(\d+)/)?.1).flatMap { Int($0) }
    }

    private func hasOpenStore(_ child: ChildProcess) -> Bool {
        let folder = "/proc/\(child.identifier)/fd"
        let descriptors = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return descriptors.contains {
            (try? FileManager.default.destinationOfSymbolicLink(atPath: "\(folder)/\($0)"))?.hasSuffix("-wal") == true
        }
    }
}
