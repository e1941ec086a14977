#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// A mutual exclusion lock over `pthread_mutex_t`.
///
/// `Synchronization.Mutex` has no condition variable, and the thread sanitizer doesn't understand it on Linux.
final class Lock: @unchecked Sendable {
    // Sendable: the pointer never changes, and pthread functions may be called with it from any thread.
    fileprivate let mutex: UnsafeMutablePointer<pthread_mutex_t>

    /// A cache line of its own: threads with different locks don't wait for each other's processor.
    private static let alignment = 64

    init() {
        let size = max(MemoryLayout<pthread_mutex_t>.size, Lock.alignment)
        mutex = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: Lock.alignment)
            .bindMemory(to: pthread_mutex_t.self, capacity: 1)
        mutex.initialize(to: pthread_mutex_t())
        pthread_mutex_init(mutex, nil)
    }

    deinit {
        pthread_mutex_destroy(mutex)
        UnsafeMutableRawPointer(mutex).deallocate()
    }

    func lock() { pthread_mutex_lock(mutex) }

    func unlock() { pthread_mutex_unlock(mutex) }

    func withLock<Result, Failure: Error>(_ body: () throws(Failure) -> Result) throws(Failure) -> Result {
        lock()
        defer { unlock() }
        return try body()
    }
}

/// A condition variable that waits on the monotonic clock. The waiting thread must hold the lock.
final class Condition: @unchecked Sendable {
    // Sendable: see Lock.
    private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private let lock: Lock

    init(for lock: Lock) {
        self.lock = lock
        condition.initialize(to: pthread_cond_t())
        #if canImport(Darwin)
        pthread_cond_init(condition, nil)
        #else
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        pthread_cond_init(condition, &attributes)
        pthread_condattr_destroy(&attributes)
        #endif
    }

    deinit {
        pthread_cond_destroy(condition)
        condition.deallocate()
    }

    /// May return without a signal: call it in a loop that tests the state.
    func wait() { pthread_cond_wait(condition, lock.mutex) }

    /// As `wait()`, and returns at `deadline` at the latest.
    func wait(until deadline: MonotonicTime) {
        #if canImport(Darwin)
        let rest = max(0, deadline.nanoseconds - MonotonicTime.now.nanoseconds)
        var time = timespec(tv_sec: Int(rest / 1_000_000_000), tv_nsec: Int(rest % 1_000_000_000))
        pthread_cond_timedwait_relative_np(condition, lock.mutex, &time)
        #else
        let end = max(0, deadline.nanoseconds)
        var time = timespec()
        time.tv_sec = .init(end / 1_000_000_000)
        time.tv_nsec = .init(end % 1_000_000_000)
        pthread_cond_timedwait(condition, lock.mutex, &time)
        #endif
    }

    func signal() { pthread_cond_signal(condition) }

    func broadcast() { pthread_cond_broadcast(condition) }
}
