internal import Synchronization
public import TTLStore

/// A wall clock that stands still until a test moves it.
///
/// Give its `wallClock` to `Configuration.clock`, or let ``TemporaryStore`` do so. Callable from any thread.
public final class ManualClock: Sendable {
    private let milliseconds: Atomic<Int64>

    /// - Parameter start: milliseconds since 1970-01-01T00:00:00Z; by default a day in January 2027.
    public init(start: Int64 = 1_800_000_000_000) { milliseconds = Atomic(start) }

    /// Milliseconds since 1970-01-01T00:00:00Z.
    public var now: Int64 { milliseconds.load(ordering: .sequentiallyConsistent) }

    /// Moves the clock by whole milliseconds; a fraction is cut off.
    /// - Parameter duration: may be negative, since wall clocks are set back. The clock stops at the first or last
    ///   moment of 64 bits.
    public func advance(by duration: Duration) {
        let (seconds, attoseconds) = duration.components
        let (whole, overflow) = seconds.multipliedReportingOverflow(by: 1000)
        let step = overflow ? (seconds < 0 ? Int64.min : .max) : whole &+ attoseconds / 1_000_000_000_000_000
        var before = now
        while true {
            let (sum, isBeyond) = before.addingReportingOverflow(step)
            let result = milliseconds.compareExchange(
                expected: before, desired: isBeyond ? (step < 0 ? .min : .max) : sum, ordering: .sequentiallyConsistent)
            if result.exchanged { return }
            before = result.original
        }
    }

    /// For `Configuration.clock`.
    public var wallClock: TTLStore.WallClock { TTLStore.WallClock { [self] in now } }
}
