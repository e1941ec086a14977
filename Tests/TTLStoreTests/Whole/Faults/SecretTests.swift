import Foundation
import TTLTestSupport
import Testing

@testable import TTLStore

@Suite("A deleted secret") struct SecretTests {
    private static let secret = "correct-horse-battery-staple"

    /// How a secret is deleted.
    enum End: CaseIterable {
        case kept, removed, removedByPrefix, removedByTag, taken, touchedToThePast, evicted
        case overwrittenByShorter, overwrittenByLonger, exchanged, updated, updatedToNil, refreshed
        case expired, purged, replacedAfterExpiry

        var isGone: Bool { self != .kept }
    }

    /// Among others, so that pages are split, filled, emptied and merged; small ones within a page, large ones beyond.
    @Test(
        "a removed, replaced or purged secret is in no file once the log is copied or the store closed",
        arguments: End.allCases, [1, 400])
    func gone(end: End, size: Int) throws {
        let store = try filled(end, String(repeating: SecretTests.secret, count: size))
        let folder = try #require(store.folder)
        for number in 0..<60 { try finish("secret:\(number)", end, store.store) }
        try finishAll(end, store.store)
        // As long as there is a reader, the log can't be cut off.
        #expect(eventually { store.store.engine.cutLog() })
        #expect(try isSecretFound(folder) != end.isGone)
        store.store.close()
        #expect(try FolderContents.names(folder) == ["store.db"])
        #expect(try isSecretFound(folder) != end.isGone)
    }

    private func filled(_ end: End, _ value: String) throws -> StoreUnderTest {
        let store = try Setting.inFile.open { $0.purging = end == .expired ? .automatic : .manual }
        for number in 0..<60 {
            try store.store.set("other:\(number)", String(repeating: "x", count: number * 40))
            try store.store.set("secret:\(number)", value, expiring: .after(.seconds(60)), tag: "secret")
        }
        switch end {
        case .expired, .purged, .replacedAfterExpiry: store.clock.advance(by: .seconds(60))
        case .refreshed: store.clock.advance(by: .seconds(1))
        case .evicted: return try store.reopened { $0.maximumEntries = 60 }
        default: break
        }
        return store
    }

    /// By a process of its own: in this one, closing a file would drop the locks of the store.
    private func isSecretFound(_ folder: TemporaryFolder) throws -> Bool {
        let search = try ChildProcess.run("/usr/bin/env", ["grep", "-rqaF", SecretTests.secret, folder.path])
        #expect((0...1).contains(search.status), "\(search.errors)")
        return search.status == 0
    }

    private func finish(_ key: String, _ end: End, _ store: TTLStore) throws {
        switch end {
        case .removed: #expect(try store.remove(key))
        case .taken: #expect(try store.take(key) != nil)
        case .overwrittenByShorter, .replacedAfterExpiry: try store.set(key, "x")
        case .overwrittenByLonger: try store.set(key, String(repeating: "x", count: 20_000))
        case .exchanged: _ = try store.exchange(key, TTLStore.Value.text("x"))
        case .updated: try store.update(key, as: String.self) { $0 = "x" }
        case .updatedToNil: try store.update(key, as: String.self) { $0 = nil }
        case .touchedToThePast: #expect(try store.touch(key, expiring: .at(.distantPast)) == .alreadyExpired)
        case .refreshed: #expect(try store.getOrCompute(key, staleAfter: .milliseconds(1)) { "x" } == "x")
        // Each write makes some room.
        case .evicted: try store.set("other:0", "x")
        default: break
        }
    }

    private func finishAll(_ end: End, _ store: TTLStore) throws {
        switch end {
        case .removedByPrefix: #expect(try store.removeAll(.prefix("secret:")) == 60)
        case .removedByTag: #expect(try store.removeAll(.tag("secret")) == 60)
        case .purged: #expect(try store.purgeExpired() == 60)
        case .evicted: #expect(try store.statistics().evictedEntries == 60)
        case .expired:
            store.engine.wakeExpirer()
            #expect(eventually { store.engine.activity.snapshot.purgedEntries == 60 })
        default: break
        }
    }
}
