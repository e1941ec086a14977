import Synchronization
package import TTLStore

/// A wall clock that stands still until a test moves it.
package final class ManualClock: Sendable {
    private let milliseconds: Atomic<Int64>

    /// - Parameter start: milliseconds since the epoch.
    package init(start: Int64 = 1_800_000_000_000) { milliseconds = Atomic(start) }

    package var now: Int64 { milliseconds.load(ordering: .sequentiallyConsistent) }

    /// May be negative: wall clocks are set back.
    package func advance(by duration: Duration) {
        let (seconds, attoseconds) = duration.components
        milliseconds.add(seconds * 1000 + attoseconds / 1_000_000_000_000_000, ordering: .sequentiallyConsistent)
    }

    package var wallClock: WallClock { WallClock { [self] in now } }
}
