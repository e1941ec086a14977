import Foundation

/// The end of a child process, which a thread of its own awaits.
///
/// A child that has ended and that nobody has asked for keeps the exit tests' thread busy: it asks the system for the
/// end of any child, and gets that one again and again.
final class ChildEnd: @unchecked Sendable {
    // Sendable: the condition guards the status.
    private let condition = NSCondition()
    /// The exit status, or the negative number of a signal; nil as long as the process runs.
    private var status: Int32?

    func awaitInBackground(_ child: pid_t) {
        Thread.detachNewThread {
            // Not with `waitpid`: until the condition is held, the number must belong to this process.
            var information = siginfo_t()
            while waitid(P_PID, id_t(child), &information, WEXITED | WNOWAIT) < 0, errno == EINTR {}
            self.condition.withLock {
                var report = Int32()
                while waitpid(child, &report, 0) < 0, errno == EINTR {}
                let signal = report & 0x7f
                self.status = signal == 0 ? (report >> 8) & 0xff : -signal
                self.condition.broadcast()
            }
        }
    }

    var isRunning: Bool { condition.withLock { status == nil } }

    /// Calls `body` while the number of the process can belong to no other.
    func ifRunning(_ body: () -> Void) {
        condition.withLock { if status == nil { body() } }
    }

    func wait() -> Int32 {
        condition.withLock {
            while true {
                if let status { return status }
                condition.wait()
            }
        }
    }
}
