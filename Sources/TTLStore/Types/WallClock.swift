#if canImport(Darwin)
internal import Darwin
#elseif canImport(Musl)
internal import Musl
#else
internal import Glibc
#endif

extension TTLStore {
    /// The clock by which a store decides about expiry.
    ///
    /// It is the wall clock, since expiries survive a restart: a clock that is set back keeps entries alive for longer,
    /// one that is set forward ends them earlier. Tests bring a clock of their own. While a clock stands before 3 March
    /// 1973 or after the year 9999, reads and removals work, and operations that store a time throw `clockOutOfRange`,
    /// see <doc:ExpiryRules>.
    public struct WallClock: Sendable {
        let read: @Sendable () -> Int64

        /// - Parameter millisecondsSinceEpoch: returns the time in milliseconds since 1970-01-01T00:00:00Z. The store
        ///   calls it at least once for each transaction, and its own thread calls it in between; from any thread, also
        ///   from several at once. It must not call the store.
        public init(millisecondsSinceEpoch: @escaping @Sendable () -> Int64) {
            read = millisecondsSinceEpoch
        }

        /// The system's clock.
        public static let system = WallClock {
            var time = timespec()
            clock_gettime(CLOCK_REALTIME, &time)
            // Capped: the system may return any number of seconds.
            let (milliseconds, overflow) = Int64(time.tv_sec).multipliedReportingOverflow(by: 1000)
            guard !overflow else { return time.tv_sec < 0 ? .min : .max }
            return TimeConversion.sum(milliseconds, Int64(time.tv_nsec) / 1_000_000)
        }

        /// The time now, as the clock shows it: any 64 bits. Reads tell live entries from expired ones by it.
        package var now: Int64 { read() }

        /// The time now, for work that stores it, or that deletes what has expired by then.
        /// - Throws: `clockOutOfRange`.
        func storableNow(in operation: String) throws(TTLStoreError) -> Timestamp {
            let now = read()
            try TimeConversion.checkStorable(now, in: operation)
            return now
        }
    }
}
