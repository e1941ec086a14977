import CTTLBenchmarkLoops
import Foundation
import Synchronization
import TTLStore

/// The rows that wait for the clock to be put right, and for the store's thread.
final class Backlog: Sendable {
    private let delay = Atomic<Int64>(7_200_000)
    private let rest: Atomic<Int>
    private let isDone = DispatchSemaphore(value: 0)
    private let count: Int

    init(count: Int) {
        self.count = count
        rest = Atomic(count)
    }

    var clock: WallClock {
        WallClock { [self] in ttl_bench_wall() - delay.load(ordering: .relaxed) }
    }

    func note(_ activity: TTLStore.ExpirerActivity) {
        guard case .purged(let deleted) = activity else { return }
        let left = rest.subtract(deleted, ordering: .relaxed)
        if left.newValue <= 0, left.oldValue > 0 { isDone.signal() }
    }

    /// Puts the clock right and waits until all is purged.
    func becomeDue() throws -> Int {
        delay.store(0, ordering: .relaxed)
        guard isDone.wait(timeout: .now() + 120) == .success else {
            return count - rest.load(ordering: .relaxed)
        }
        return count
    }
}
