import TTLStore

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A look for a stored run: under which key, and how old it may be.
struct RunQuery {
    let key: String
    /// A stored run that is older is not replayed; nil where an input decides alone.
    let timeToLive: Duration?
    /// A stored run that is older is replayed, and made anew in the background.
    let staleAfter: Duration?

    /// How long a run lives in the store where only its inputs decide.
    static let longest = Duration.seconds(30 * 86_400)

    /// How long a new run is stored.
    var storedFor: Duration { timeToLive ?? RunQuery.longest }

    /// A stored run and its age.
    struct Found {
        let run: RecordedRun
        let age: Duration
        /// How long it will be replayed.
        let left: Duration
    }

    /// The stored run, if it may be replayed.
    /// - Parameter waited: for how long this process has waited for it. One that was made meanwhile is young enough,
    ///   whatever its age.
    func find(in store: TTLStore, afterWaiting waited: Duration = .zero) throws -> Found? {
        // A value that somebody has changed to something else counts as none.
        guard let entry = try store.entry(key), let run = try? entry.decode(as: RecordedRun.self) else { return nil }
        // A clock that was set back makes no run older than it is.
        let age = Duration.milliseconds(max(0, Int64(Date().timeIntervalSince(entry.updatedAt) * 1000)))
        let left = min(entry.remaining ?? storedFor, max(timeToLive ?? storedFor, waited) - age)
        return left > .zero || timeToLive == nil ? Found(run: run, age: age, left: left) : nil
    }

    func isStale(_ found: Found) -> Bool { staleAfter.map { found.age >= $0 } ?? false }
}
