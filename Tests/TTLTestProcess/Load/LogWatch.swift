import Foundation
import TTLTestSupport

/// Watches the length of a log on a thread of its own.
final class LogWatch: Sendable {
    private let isStopped = Counter()
    private let lengths = Collected<Int>()
    private let hasEnded = DispatchSemaphore(value: 0)

    init(_ path: String) {
        Thread { [self] in
            var (information, longest) = (stat(), -1)
            while isStopped.value == 0 {
                if stat(path + "-wal", &information) == 0, Int(information.st_size) > longest {
                    longest = Int(information.st_size)
                    lengths.append(longest)
                }
                usleep(1000)
            }
            hasEnded.signal()
        }.start()
    }

    /// Returns the greatest length, in bytes.
    func stop() -> Int {
        isStopped.add()
        hasEnded.wait()
        return lengths.all.last ?? 0
    }
}

/// A moment that many threads look at.
struct Deadline: Sendable {
    private let end: TimeInterval

    /// That many milliseconds from now.
    init(milliseconds: Int) { end = ProcessInfo.processInfo.systemUptime + Double(milliseconds) / 1000 }

    var isOver: Bool { ProcessInfo.processInfo.systemUptime >= end }

    func wait() { while !isOver { usleep(2000) } }
}
