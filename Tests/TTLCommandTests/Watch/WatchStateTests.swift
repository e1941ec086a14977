import Foundation
import TTLStore
import Testing

@testable import ttl

@Suite("What a watcher sees") struct WatchStateTests {
    private let start = Date(timeIntervalSince1970: 1_800_000_000)

    private func entry(_ key: String, _ seconds: Double, revision: Int = 1, tag: String? = nil) throws -> WatchedEntry {
        let revision = try #require(TTLStore.Revision("\(revision)"))
        return WatchedEntry(key: key, expiresAt: start + seconds, revision: revision, tag: tag)
    }

    /// Looks twice.
    /// - Parameters:
    ///   - elsewhere: the revisions of entries that are live and not among the next ones.
    private func departures(
        _ before: [WatchedEntry], _ after: [WatchedEntry], seconds: Double, elsewhere: [String: Int] = [:]
    ) throws -> [Departure] {
        var state = WatchState()
        #expect(state.update(before, now: start) { _ in nil }.isEmpty)
        return state.update(after, now: start + seconds) { entry in
            elsewhere[entry.key].flatMap { TTLStore.Revision("\($0)") }
        }
    }

    @Test("an entry whose time has come has expired at that time")
    func expired() throws {
        let (a, b) = (try entry("a", 5, tag: "t"), try entry("b", 6))
        #expect(try departures([a, b], [b], seconds: 4.9) == [Departure(entry: a, cause: .removed, date: start + 4.9)])
        #expect(
            try departures([b, a], [], seconds: 10) == [
                Departure(entry: a, cause: .expired, date: start + 5),
                Departure(entry: b, cause: .expired, date: start + 6),
            ])
        // To the millisecond: an entry is expired when now >= expires_at.
        #expect(try departures([a], [], seconds: 5).map(\.cause) == [.expired])
    }

    @Test("an entry that is gone before its time was removed, one with another revision overwritten")
    func earlier() throws {
        let a = try entry("a", 5)
        #expect(try departures([a], [], seconds: 1).map(\.cause) == [.removed])
        #expect(try departures([a], [entry("a", 50, revision: 2)], seconds: 1).map(\.cause) == [.overwritten])
        #expect(try departures([a], [], seconds: 1, elsewhere: ["a": 2]).map(\.cause) == [.overwritten])
    }

    @Test("an entry that was extended, or made permanent, has not left, also after its former time")
    func extended() throws {
        let a = try entry("a", 5)
        for seconds in [1.0, 9] {
            #expect(try departures([a], [entry("a", 50)], seconds: seconds).isEmpty)
            #expect(try departures([a], [], seconds: seconds, elsewhere: ["a": 1]).isEmpty)
        }
    }

    @Test("keys are compared by their bytes")
    func bytes() throws {
        let left = try departures([entry("é", 5), entry("e\u{301}", 6)], [entry("e\u{301}", 6)], seconds: 1)
        #expect(left.map { Array($0.entry.key.utf8) } == [Array("é".utf8)])
    }

    @Test("the latest departures are remembered, up to a number")
    func memory() throws {
        var state = WatchState()
        for number in 1...300 {
            state.update([try entry("k\(number)", Double(number))], now: start + Double(number) - 0.5) { _ in nil }
        }
        #expect(state.departures.count == WatchState.memory)
        #expect(state.departures.first?.entry.key == "k299")
    }

    @Test("a size is found out once for each revision, and for no more entries than are shown")
    func sizes() throws {
        var state = WatchState()
        var asked: [String] = []
        func look(_ entries: [WatchedEntry]) {
            state.update(entries, now: start) { _ in nil }
            state.measure(first: 2) { entry in
                asked.append(entry.key)
                return asked.count
            }
        }
        let entries = [try entry("a", 1), try entry("b", 2), try entry("c", 3)]
        look(entries)
        look(entries)
        #expect(asked == ["a", "b"])
        #expect(entries.map { state.size(of: $0) } == [1, 2, nil])
        look([try entry("a", 1, revision: 2), entries[1]])
        #expect(asked == ["a", "b", "a"])
        #expect(state.size(of: entries[0]) == nil)
    }
}
