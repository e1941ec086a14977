import Foundation
import TTLTestSupport

extension ChildProcess {
    /// Ends the process if it prints nothing for that long.
    /// - Parameter line: gets each line of its output.
    /// - Returns: how it ended.
    func followed(silentFor limit: TimeInterval, _ line: @escaping @Sendable (String) -> Void) -> ChildEnding {
        let (lines, hasEnded, wasKilled) = (Counter(), Counter(), Counter())
        onThreads(2) { [self] thread in
            guard thread == 1 else {
                while let text = readLine() {
                    lines.add()
                    line(text)
                }
                return hasEnded.add()
            }
            while hasEnded.value == 0 {
                let seen = lines.value
                if eventually(within: limit, { lines.value > seen || hasEnded.value > 0 }) { continue }
                wasKilled.add()
                kill(SIGKILL)
                return
            }
        }
        let errors = readErrors()
        let status = wait()
        if wasKilled.value > 0 { return .hung }
        return status == 0 ? .ended : .failed("status \(status): \(errors.suffix(2000))")
    }
}

enum ChildEnding: Equatable {
    case ended
    /// The process printed nothing any more.
    case hung
    /// For example a crash.
    case failed(String)
}
