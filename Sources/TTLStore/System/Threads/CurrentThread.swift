#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// The calling thread as a number that no other running thread has; never 0.
enum ThreadNumber {
    static var current: UInt {
        #if canImport(Glibc)
        UInt(pthread_self())
        #else
        UInt(bitPattern: pthread_self())
        #endif
    }
}

/// Lets another thread run, if one waits for this core.
func yieldThread() { sched_yield() }

/// Blocks the calling thread.
func sleepThread(microseconds: UInt32) { usleep(microseconds) }
