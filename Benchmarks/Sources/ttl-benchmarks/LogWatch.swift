import Foundation
import Synchronization

/// Watches the length of the log.
final class LogWatch: Sendable {
    private let longest = Atomic<Int>(0)
    private let isStopped = Atomic<Bool>(false)
    private let hasEnded = DispatchSemaphore(value: 0)

    init(_ path: String) {
        Thread { [self] in
            var information = stat()
            while !isStopped.load(ordering: .relaxed) {
                if stat(path + "-wal", &information) == 0 {
                    longest.max(Int(information.st_size), ordering: .relaxed)
                }
                usleep(2000)
            }
            hasEnded.signal()
        }.start()
    }

    /// Returns the greatest length, in bytes.
    func stop() -> Double {
        isStopped.store(true, ordering: .relaxed)
        hasEnded.wait()
        return Double(longest.load(ordering: .relaxed))
    }
}
