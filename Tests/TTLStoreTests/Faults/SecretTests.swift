import Foundation
import TTLTestSupport
import Testing

@testable import TTLStore

@Suite("A secret that was") struct SecretTests {
    private static let secret = "correct-horse-battery-staple"

    /// How a secret goes.
    enum End: CaseIterable {
        case kept, removed, removedByPrefix, taken, overwrittenByShorter, overwrittenByLonger, exchanged, updated
        case expired, purged, replacedAfterExpiry

        var isGone: Bool { self != .kept }
    }

    /// Among others, so that pages are split, filled, emptied and merged; small ones within a page, large ones beyond.
    @Test(
        "removed, overwritten, taken or purged is in no file once the store is closed", arguments: End.allCases,
        [1, 400])
    func gone(end: End, size: Int) throws {
        let store = try Setting.inFile.open { $0.purging = end == .expired ? .automatic : .manual }
        let value = String(repeating: SecretTests.secret, count: size)
        for number in 0..<60 {
            try store.store.set("other:\(number)", String(repeating: "x", count: number * 40))
            let expiry = Expiry.after(.seconds(60))
            try store.store.set("secret:\(number)", value, expiring: expiry)
        }
        switch end {
        case .expired, .purged, .replacedAfterExpiry: store.clock.advance(by: .seconds(60))
        default: break
        }
        for number in 0..<60 { try finish("secret:\(number)", end, store.store) }
        switch end {
        case .removedByPrefix: #expect(try store.store.removeAll(prefix: "secret:") == 60)
        case .purged: #expect(try store.store.purgeExpired() == 60)
        case .expired:
            store.store.engine.wakeExpirer()
            #expect(eventually { store.store.engine.activity.snapshot.purgedEntries == 60 })
        default: break
        }
        store.store.close()
        let names = try FileManager.default.contentsOfDirectory(atPath: try #require(store.folder).path)
        #expect(names == ["store.db"])
        let bytes = try Data(contentsOf: URL(fileURLWithPath: store.path))
        #expect((bytes.range(of: Data(SecretTests.secret.utf8)) == nil) == end.isGone)
    }

    private func finish(_ key: String, _ end: End, _ store: TTLStore) throws {
        switch end {
        case .removed: #expect(try store.remove(key))
        case .taken: #expect(try store.take(key) != nil)
        case .overwrittenByShorter, .replacedAfterExpiry: try store.set(key, "x")
        case .overwrittenByLonger: try store.set(key, String(repeating: "x", count: 20_000))
        case .exchanged: _ = try store.exchange(key, .text("x"))
        case .updated: try store.update(key, as: String.self) { $0 = "x" }
        default: break
        }
    }
}
