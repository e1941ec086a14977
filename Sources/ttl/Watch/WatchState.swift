import TTLStore

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// An entry that was live at the latest look.
struct WatchedEntry: Equatable {
    let key: String
    let expiresAt: Date
    let revision: TTLStore.Revision
    let tag: String?

    /// Equality of strings would not tell composed characters from decomposed ones.
    var bytes: [UInt8] { Array(key.utf8) }
}

extension WatchedEntry {
    init(_ entry: TTLStore.ExpiringEntry) {
        self.init(key: entry.key, expiresAt: entry.expiresAt, revision: entry.revision, tag: entry.tag)
    }
}

/// What a watcher has seen of a store: what expires next, and what has left since the look before.
///
/// Another process reports nothing to this one, so each look is compared with the one before.
struct WatchState {
    /// How many departures are remembered, for a screen.
    static let memory = 200

    /// The soonest first.
    private(set) var next: [WatchedEntry] = []
    /// The latest first.
    private(set) var departures: [Departure] = []
    /// By the bytes of the key: the size of the value, nil where it can't be read, and of which revision.
    private var sizes: [[UInt8]: (revision: TTLStore.Revision, size: Int?)] = [:]

    /// Takes the result of a look.
    /// - Parameters:
    ///   - found: what expires next, the soonest first.
    ///   - now: a moment after the look.
    ///   - lookUp: the revision that the entry's key has by now, expiring or not; nil where nothing is live.
    /// - Returns: what has left since the look before, the earliest first.
    @discardableResult
    mutating func update<Failure: Error>(
        _ found: [WatchedEntry], now: Date, lookUp: (WatchedEntry) throws(Failure) -> TTLStore.Revision?
    ) throws(Failure) -> [Departure] {
        let revisions = Dictionary(found.map { ($0.bytes, $0.revision) }) { $1 }
        var left: [Departure] = []
        for entry in next {
            // One that is not among the next ones any more may have been extended.
            var revision = revisions[entry.bytes]
            if revision == nil { revision = try lookUp(entry) }
            if revision == entry.revision { continue }
            if entry.expiresAt <= now {
                left.append(Departure(entry: entry, cause: .expired, date: entry.expiresAt))
            } else {
                left.append(Departure(entry: entry, cause: revision == nil ? .removed : .overwritten, date: now))
            }
        }
        next = found
        left.sort { $0.date < $1.date }
        departures = Array((left.reversed() + departures).prefix(WatchState.memory))
        return left
    }

    /// The size of an entry's value; nil where it is not known.
    func size(of entry: WatchedEntry) -> Int? {
        sizes[entry.bytes].flatMap { $0.revision == entry.revision ? $0.size : nil }
    }

    /// Finds out the sizes of the first entries, once for each revision.
    mutating func measure<Failure: Error>(
        first count: Int, _ size: (WatchedEntry) throws(Failure) -> Int?
    ) throws(Failure) {
        var measured: [[UInt8]: (revision: TTLStore.Revision, size: Int?)] = [:]
        for entry in next.prefix(count) {
            let (bytes, revision) = (entry.bytes, entry.revision)
            if let known = sizes[bytes], known.revision == revision {
                measured[bytes] = known
            } else {
                measured[bytes] = (revision, try size(entry))
            }
        }
        sizes = measured
    }
}
