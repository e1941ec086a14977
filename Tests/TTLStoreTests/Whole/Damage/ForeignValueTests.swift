import Foundation
import TTLTestSupport
import Testing

@testable import TTLStore

@Suite("A foreign value beyond the limit of reads") struct ForeignValueTests {
    private static let size = 20 << 20

    /// A value of each kind, one of them expired.
    private func store() throws -> StoreUnderTest {
        let store = try Setting.inFile.open { $0.busyTimeout = .seconds(1) }
        try shell(
            store.path,
            """
            INSERT INTO entries (key, value, tag) VALUES ('blob', zeroblob(\(ForeignValueTests.size)), 'tag');
            INSERT INTO entries (key, value) VALUES ('text', hex(zeroblob(\(ForeignValueTests.size / 2))));
            INSERT INTO entries (key, value, expires_at)
            VALUES ('expired', zeroblob(\(ForeignValueTests.size)), 1600000000000), ('small', 'v', 4000000000000);
            """)
        return store
    }

    @Test("each read of an oversized value throws valueTooLarge", arguments: ["blob", "text"])
    func reading(key: String) async throws {
        let store = try store()
        await expectFailure(.valueTooLarge) { try await store.get(key) }
        await expectFailure(.valueTooLarge) { try await store.get(key, as: TTLStore.Value.self) }
        await expectFailure(.valueTooLarge) { try await store.entry(key) }
        await expectFailure(.valueTooLarge) { try await store.entries() }
        await expectFailure(.valueTooLarge) { try await store.getAll([key, "small"], as: TTLStore.Value.self) }
        await expectFailure(.valueTooLarge) { try await store.take(key) }
        let error = await expectFailure(.valueTooLarge) { try await store.exchange(key, TTLStore.Value.text("new")) }
        #expect(error?.message.contains("maximumValueSize") == true)
        #expect(try await store.contains(key))
        #expect(try await store.get("small") == "v")
    }

    @Test("an oversized value is listed, counted, checked, copied and moved without being read")
    func listing() async throws {
        let store = try store()
        try copyAndMove(store)
        #expect(try await store.keys().elements == ["blob", "small", "text"])
        #expect(try await store.count() == 3)
    }

    private func copyAndMove(_ store: StoreUnderTest) throws {
        let summaries = try store.store.summaries().elements
        #expect(summaries.map(\.key) == ["blob", "small", "text"])
        #expect(try store.store.check().isHealthy)
        try store.store.backup(to: store.path + "-copy")
        _ = try store.store.vacuum()
        #expect(try shell(store.path + "-copy", "SELECT sum(length(value)) FROM entries;") == "62914561")
        try FileManager.default.removeItem(atPath: store.path + "-copy")
    }

    @Test("an oversized value is removed, overwritten and purged", arguments: [false, true])
    func removing(followed: Bool) async throws {
        let store = try store()
        let removals = followed ? try store.store.removals(includingValues: true) : nil
        #expect(try await store.purgeExpired() == 1)
        #expect(try await store.remove("blob"))
        #expect(try await store.removeAll(.prefix("t")) == 1)
        #expect(try await store.count() == 1)
        try shell(store.path, "INSERT INTO entries (key, value) VALUES ('blob', zeroblob(\(ForeignValueTests.size)));")
        #expect(try await store.set("blob", "new") == .stored)
        #expect(try await store.get("blob") == "new")
        _ = removals?.takeBuffered()
        #expect(try await store.statistics().droppedRemovals == (followed ? 4 : 0))
    }

    @Test("an oversized value is read if the store's own limit allows it")
    func larger() async throws {
        let store = try store().reopened { $0.maximumValueSize = 32 << 20 }
        #expect(try await store.get("blob", as: TTLStore.Value.self)?.rawBytes.count == ForeignValueTests.size)
    }
}
