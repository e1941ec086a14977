import TTLStore

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Looks at a store again and again.
struct Watcher {
    let store: TTLStore
    let prefix: String
    private let path: String
    /// The number of the file that was opened.
    private let identity: UInt64?
    private(set) var state = WatchState()
    /// When to look again.
    private(set) var nextLook = ContinuousClock.now

    /// How many entries are followed.
    static let followed = 1000
    private static let pause = Duration.milliseconds(250)

    /// - Parameter path: the path of the store.
    init(_ store: TTLStore, prefix: String, path: String) {
        self.store = store
        self.prefix = prefix
        self.path = path
        identity = Watcher.identity(of: path)
    }

    /// - Parameter measured: of how many entries the size is shown.
    /// - Returns: what has left since the look before.
    /// - Throws: `CommandFailure` if the store's path leads to another file.
    mutating func look(measured: Int = 0) throws -> [Departure] {
        guard Watcher.identity(of: path) == identity else {
            throw CommandFailure(message: "watch: the file was removed, renamed or replaced while it was open")
        }
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

    /// Nil where there is no file.
    private static func identity(of path: String) -> UInt64? {
        var information = stat()
        return stat(path, &information) == 0 ? UInt64(information.st_ino) : nil
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
