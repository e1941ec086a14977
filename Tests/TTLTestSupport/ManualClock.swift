import Synchronization
public import TTLStore

/// A wall clock that stands still until a test moves it.
public final class ManualClock: Sendable {
    private let milliseconds: Atomic<Int64>

    /// - Parameter start: milliseconds since the epoch.
    public init(start: Int64 = 1_800_000_000_000) { milliseconds = Atomic(start) }

    public var now: Int64 { milliseconds.load(ordering: .sequentiallyConsistent) }

    /// May be negative: wall clocks are set back.
    public func advance(by duration: Duration) {
        let (seconds, attoseconds) = duration.components
        milliseconds.add(seconds * 1000 + attoseconds / 1_000_000_000_000_000, ordering: .sequentiallyConsistent)
    }

    public var wallClock: WallClock { WallClock { [self] in now } }
}
