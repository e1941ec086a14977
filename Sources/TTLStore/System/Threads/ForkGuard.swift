import Synchronization

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// Tells a forked child from the process that opened a store.
///
/// SQLite's locks don't survive `fork`, and neither does the store's thread: a child that wrote through the inherited
/// handle would lose acknowledged rows (https://www.sqlite.org/howtocorrupt.html, section 2.6).
/// A counter that the child increments costs a load per operation, where `getpid` costs a system call.
enum ForkGuard {
    private static let forks = Atomic<Int>(0)

    private static let installed: Bool = {
        pthread_atfork(nil, nil) {
            ForkGuard.forks.add(1, ordering: .relaxed)
            LiveCounts.reset()
        }
        return true
    }()

    /// What `current` returns as long as the process has not forked.
    static func generation() -> Int {
        _ = installed
        return forks.load(ordering: .relaxed)
    }

    static var current: Int { forks.load(ordering: .relaxed) }

    static func error(_ operation: String) -> TTLStoreError {
        TTLStoreError(
            .forked,
            "the file was open when the process was forked; fork before it is opened, or call exec in the child",
            in: operation)
    }
}
