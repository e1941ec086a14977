import Foundation
import TTLTestSupport

extension ChildProcess {
    /// Waits until a `ttl` waits: its main thread sleeps again and again, with the store open.
    /// - Parameters:
    ///   - sleeps: how often, from now on.
    ///   - file: how the name of the file ends that is open then.
    func hasBegunToWait(sleeps wanted: Int = 10, file: String = "-wal") -> Bool {
        var before: Int?
        return eventually {
            guard let count = sleepCount, hasOpen(file) else { return false }
            if before == nil { before = count }
            return count >= (before ?? 0) + wanted
        }
    }

    private var sleepCount: Int? {
        let status = try? String(contentsOfFile: "/proc/\(identifier)/status", encoding: .utf8)
        return (status?.firstMatch(of: /\nvoluntary_ctxt_switches:\s*(\d+)/)?.1).flatMap { Int($0) }
    }

    private func hasOpen(_ file: String) -> Bool {
        let folder = "/proc/\(identifier)/fd"
        let descriptors = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return descriptors.contains {
            (try? FileManager.default.destinationOfSymbolicLink(atPath: "\(folder)/\($0)"))?.hasSuffix(file) == true
        }
    }
}
