import TTLStore

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Looks at a store again and again.
struct Watcher {
    let store: TTLStore
    let prefix: String
    private(set) var state = WatchState()
    /// When to look again.
    private(set) var nextLook = ContinuousClock.now

    /// How many entries are followed.
    static let followed = 1000
    private static let pause = Duration.milliseconds(250)

    init(_ store: TTLStore, prefix: String) {
        self.store = store
        self.prefix = prefix
    }

    /// - Parameter measured: of how many entries the size is shown.
    /// - Returns: what has left since the look before.
    mutating func look(measured: Int = 0) throws -> [Departure] {
        let start = ContinuousClock.now
        // Looking takes at most a tenth of the time.
        defer { nextLook = start + max(Watcher.pause, (.now - start) * 10) }
        do throws(TTLStoreError) {
            let found = try store.expiringNext(.prefix(prefix), limit: Watcher.followed).map(WatchedEntry.init)
            let left = try state.update(found, now: .now, lookUp: revision)
            try state.measure(first: measured, size)
            return left
        } catch {
            // As while another process closes the file. The next look sees what this one has missed.
            guard error.code == .busy else { throw error }
            return []
        }
    }

    private func revision(of entry: WatchedEntry) throws(TTLStoreError) -> TTLStore.Revision? {
        do { return try store.entry(entry.key)?.revision } catch {
            // Only another program can have written such an entry. It counts as unchanged.
            guard Watcher.unreadable.contains(error.code) else { throw error }
            return entry.revision
        }
    }

    private func size(of entry: WatchedEntry) throws(TTLStoreError) -> Int? {
        do { return try store.entry(entry.key)?.value.rawBytes.count } catch {
            guard Watcher.unreadable.contains(error.code) else { throw error }
            return nil
        }
    }

    private static let unreadable: [TTLStoreError.Code] = [.valueTooLarge, .invalidKey]
}
