#if canImport(Darwin)
    internal import Darwin
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Glibc
#endif

/// Where a store reads the time that decides about expiry.
///
/// It is the wall clock, since expiries survive a restart: set back, it keeps entries alive for longer; set forward,
/// it ends them earlier. Tests bring their own.
public struct WallClock: Sendable {
    let read: @Sendable () -> Int64

    /// - Parameter millisecondsSinceEpoch: returns the time in milliseconds since 1970-01-01T00:00:00Z. It is called
    ///   at least once for each transaction, and by the store's thread in between; from any thread, several at once. It
    ///   must not call the store.
    public init(millisecondsSinceEpoch: @escaping @Sendable () -> Int64) {
        read = millisecondsSinceEpoch
    }

    /// The system's clock.
    public static let system = WallClock {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    }

    /// The time now, held within the range that the file can store.
    var now: Timestamp { max(TimeConversion.earliest, min(read(), TimeConversion.latest)) }
}
