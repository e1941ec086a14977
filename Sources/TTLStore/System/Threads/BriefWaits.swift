internal import CTTLSQLite

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// Waits that keep the processor, for what another thread is about to do.
///
/// To sleep and to be woken takes some 10 µs of both threads' time, more than a read that finds its pages in memory. So
/// a brief wait may cost less than none. It is tried as long as it mostly succeeds; after failures only now and then.
struct BriefWaits {
    /// In nanoseconds.
    static let limit: Int64 = 25_000
    /// A processor of its own for either thread.
    static let areUseful = sysconf(Int32(_SC_NPROCESSORS_ONLN)) > 1

    private static let mostTrust = 8
    private static let pause = 64
    private var trust = mostTrust / 2
    private var left = 0

    /// Whether to wait now.
    mutating func mayTry() -> Bool {
        guard BriefWaits.areUseful else { return false }
        if trust > 0 { return true }
        left -= 1
        if left > 0 { return false }
        left = BriefWaits.pause
        return true
    }

    mutating func note(hasSucceeded: Bool) {
        trust = hasSucceeded ? min(trust + 2, BriefWaits.mostTrust) : max(trust - 1, 0)
    }

    /// - Returns: whether it is done; false once the limit is over.
    static func wait(until isDone: () -> Bool) -> Bool {
        let end = MonotonicTime.now.nanoseconds + limit
        repeat {
            for _ in 0..<16 {
                if isDone() { return true }
                ttl_relax()
            }
        } while MonotonicTime.now.nanoseconds < end
        return false
    }
}
