import Foundation
import Synchronization

/// Looks at something every millisecond or two, on a thread of its own, and keeps the greatest figure.
final class Watch: Sendable {
    private let greatest = Atomic<Int>(0)
    private let isStopped = Atomic<Bool>(false)
    private let hasEnded = DispatchSemaphore(value: 0)

    init(_ figure: @escaping @Sendable () -> Int) {
        Thread { [self] in
            while !isStopped.load(ordering: .relaxed) {
                greatest.max(figure(), ordering: .relaxed)
                usleep(1500)
            }
            hasEnded.signal()
        }.start()
    }

    /// The threads of this process, its own not among them.
    static func threads() -> Watch { Watch { Holdings.now.threads - 1 } }

    /// The length of a file's log, in bytes.
    static func log(of path: String) -> Watch {
        Watch {
            var information = stat()
            return stat(path + "-wal", &information) == 0 ? Int(information.st_size) : 0
        }
    }

    /// Returns the greatest figure.
    func stop() -> Int {
        isStopped.store(true, ordering: .relaxed)
        hasEnded.wait()
        return greatest.load(ordering: .relaxed)
    }
}

/// Blocks until the task has ended.
func untilDone<Result: Sendable>(_ body: @escaping @Sendable () async throws -> Result) throws -> Result {
    let (done, result) = (DispatchSemaphore(value: 0), Kept<Result>())
    Task {
        do { result.keep(.success(try await body())) } catch { result.keep(.failure(error)) }
        done.signal()
    }
    done.wait()
    guard let outcome = result.outcome else { throw WrongResult("a task has no result") }
    return try outcome.get()
}

private final class Kept<Success: Sendable>: @unchecked Sendable {
    // Sendable: the lock guards the outcome.
    private let lock = NSLock()
    private var kept: Result<Success, any Error>?

    func keep(_ outcome: Result<Success, any Error>) { lock.withLock { kept = outcome } }

    var outcome: Result<Success, any Error>? { lock.withLock { kept } }
}
