import CTTLBenchmarkLoops
import Foundation
import Synchronization
import TTLStore

/// Expired rows that a store does not know of yet, since its clock is two hours slow. They wait for the clock to be put
/// right, and for the store's thread.
final class Backlog: Sendable {
    private let delay = Atomic<Int64>(7_200_000)
    private let rest: Atomic<Int>
    private let isDone = DispatchSemaphore(value: 0)
    private let count: Int

    init(count: Int) {
        self.count = count
        rest = Atomic(count)
    }

    /// Opens the file with these rows in it.
    func open(_ path: String) throws -> TTLStore {
        var configuration = TTLStore.Configuration()
        configuration.clock = TTLStore.WallClock { [self] in ttl_bench_wall() - delay.load(ordering: .relaxed) }
        configuration.onExpirerActivity = { [self] activity in note(activity) }
        return try TTLStore(path: path, configuration: configuration)
    }

    private func note(_ activity: TTLStore.ExpirerActivity) {
        guard case .purged(let deleted) = activity else { return }
        let left = rest.subtract(deleted, ordering: .relaxed)
        if left.newValue <= 0, left.oldValue > 0 { isDone.signal() }
    }

    /// Puts the clock right and waits until all is purged.
    /// - Returns: how many rows were.
    func becomeDue(in store: TTLStore) throws -> Int {
        // One more row, due in a moment by the slow clock: it wakes the thread, as the time itself would.
        try store.set("next", "", expiring: .after(.milliseconds(5)))
        delay.store(0, ordering: .relaxed)
        // The store's own writers delete some of a long backlog, of which the thread does not tell.
        for _ in 0..<1200 {
            let before = rest.load(ordering: .relaxed)
            if isDone.wait(timeout: .now() + 0.1) == .success { return count }
            guard rest.load(ordering: .relaxed) == before else { continue }
            let purged = try store.statistics().purgedEntries
            if purged >= count { return purged }
        }
        return try store.statistics().purgedEntries
    }
}
