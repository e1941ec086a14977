#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// A point on the monotonic clock, in nanoseconds. Used for every wait: it never jumps, unlike the wall clock
/// that decides about expiry.
struct MonotonicTime: Comparable, Sendable {
    var nanoseconds: Int64

    static var now: MonotonicTime {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return MonotonicTime(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
    }

    /// Saturates, so that an absurdly long wait becomes a wait without end, not a trap.
    static func + (time: MonotonicTime, milliseconds: Milliseconds) -> MonotonicTime {
        let (product, overflow) = milliseconds.multipliedReportingOverflow(by: 1_000_000)
        let (sum, overflowed) = time.nanoseconds.addingReportingOverflow(product)
        return MonotonicTime(nanoseconds: overflow || overflowed ? .max : sum)
    }

    /// Whole milliseconds from `other` to `self`, rounded up, so that a wait of that length does not end early.
    func milliseconds(since other: MonotonicTime) -> Milliseconds {
        let difference = nanoseconds.subtractingReportingOverflow(other.nanoseconds)
        guard !difference.overflow else { return .max }
        let (quotient, remainder) = difference.partialValue.quotientAndRemainder(dividingBy: 1_000_000)
        return quotient + (remainder > 0 ? 1 : 0)
    }

    static func < (left: MonotonicTime, right: MonotonicTime) -> Bool { left.nanoseconds < right.nanoseconds }
}
