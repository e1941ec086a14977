import TTLTestSupport
import Testing

@testable import TTLStore

/// A purge reads the rows of its next batch before it has the write lock. Changes in between must not show.
@Suite("Rows that a purge has read ahead") struct ForesightTests {
    private let store: StoreUnderTest
    private let removals: TTLStore.Removals

    /// Forty entries that are due, of which a batch has deleted none yet.
    init() async throws {
        store = try Setting.inFile.open()
        for number in 10..<50 {
            try await store.set("k:\(number)", "old", expiring: .after(.seconds(10)), tag: "old")
        }
        try await store.set("kept", "v")
        store.clock.advance(by: .seconds(10))
        removals = try store.store.removals(includingValues: true)
    }

    /// A purge that has read the due rows and their contents ahead.
    private func foreseeing() throws -> Purge {
        var purge = Purge(clock: store.clock.wallClock)
        // One batch for all, however slow the machine is.
        purge.batch.pace = BatchPace(fixed: 600_000)
        _ = try purge.lookAhead(store.store.engine.batchStore())
        try purge.foresee(store.store.engine.batchStore(), store.store.engine.removals)
        return purge
    }

    private func reported(by purge: Purge) throws -> [String: TTLStore.Removal] {
        var purge = purge
        _ = try purge.runBatch(store.store.engine.batchStore())
        return Dictionary(uniqueKeysWithValues: removals.takeBuffered().map { ($0.key, $0) })
    }

    private func isForeseen(_ purge: Purge) throws -> Bool {
        let engine = store.store.engine
        return try engine.batchStore().withTransaction("test") { writer in
            try purge.foresight?.holds(for: writer) ?? false
        }
    }

    @Test("a purge reports the rows that it has read ahead, if there was no other commit")
    func undisturbed() throws {
        let purge = try foreseeing()
        #expect(try isForeseen(purge))
        let reported = try reported(by: purge)
        #expect(reported.count == 40)
        #expect(reported.values.allSatisfy { $0.cause == .expired && $0.tag == "old" && $0.value == .text("old") })
        #expect(try store.contents().expired.isEmpty)
    }

    @Test("rows read ahead are not used once the store itself has written")
    func ownWrite() async throws {
        let purge = try foreseeing()
        // Due again by the time of the batch, with another value.
        try await store.set("k:20", "new", expiring: .after(.milliseconds(1)))
        try await store.set("k:30", "live", expiring: .after(.seconds(10)))
        store.clock.advance(by: .milliseconds(1))
        #expect(removals.takeBuffered().map(\.key) == ["k:20", "k:30"])
        #expect(try !isForeseen(purge))
        let reported = try reported(by: purge)
        #expect(reported.count == 39)
        #expect(reported["k:20"]?.value == .text("new") && reported["k:20"]?.tag == nil)
        #expect(reported["k:30"] == nil)
        #expect(try await store.get("k:30") == "live")
    }

    @Test("rows read ahead are not used once another process has written")
    func othersWrite() throws {
        let purge = try foreseeing()
        try shell(
            store.path,
            """
            UPDATE entries SET tag = 'new', value = x'00' WHERE key = 'k:20';
            DELETE FROM entries WHERE key = 'k:21';
            UPDATE entries SET expires_at = NULL WHERE key = 'k:22';
            """)
        #expect(try !isForeseen(purge))
        let reported = try reported(by: purge)
        #expect(reported.count == 38)
        #expect(reported["k:20"]?.value == .bytes([0]) && reported["k:20"]?.tag == "new")
        #expect(reported["k:21"] == nil && reported["k:22"] == nil)
    }

    @Test("a purge of rows read ahead spares rows that are live again because the clock was set back")
    func clockSetBack() throws {
        let purge = try foreseeing()
        store.clock.advance(by: .seconds(-5))
        #expect(try isForeseen(purge))
        #expect(try reported(by: purge).isEmpty)
        #expect(try store.contents().live.count == 41)
    }

    @Test("rows that a purge spares take no room in the buffer")
    func sparedRows() async throws {
        let single = try store.store.removals(buffering: 1)
        try await store.set("k:10", "live")
        _ = single.takeBuffered()
        var purge = Purge(clock: store.clock.wallClock)
        _ = try purge.lookAhead(store.store.engine.batchStore())
        let rows = try store.store.engine.read("test") { reader in try reader.due(now: store.clock.now, limit: 1) }
        let deleted = try store.store.engine.write("purge") { [clock = store.clock] writer in
            // The first row is live by now.
            try writer.purge(rows: ([DueRow(id: 1, expiresAt: 0)] + rows)[...], foreseen: nil, now: clock.now).count
        }
        #expect(deleted == 1)
        #expect(single.takeBuffered().map(\.key) == ["k:11"] && single.dropped == 0)
    }

    @Test("rows read ahead are not used for a consumer that comes later and wants more")
    func laterConsumer() throws {
        let purge = try foreseeing()
        let second = try store.store.removals(includingValues: true, buffering: 20_000)
        #expect(try !isForeseen(purge))
        #expect(try reported(by: purge).count == 40)
        #expect(second.takeBuffered().count == 40)
    }

    @Test("reading ahead ends before a value that is too large, which is reported all the same")
    func largeValues() async throws {
        for number in 10..<14 {
            let value = Value.bytes(Array(repeating: UInt8(number), count: 3 << 20))
            try await store.set("large:\(number)", value, expiring: .after(.seconds(1)))
        }
        store.clock.advance(by: .seconds(1))
        let reported = try reported(by: try foreseeing())
        #expect(reported.count == 44)
        for number in 10..<14 {
            #expect(reported["large:\(number)"]?.value == .bytes(Array(repeating: UInt8(number), count: 3 << 20)))
        }
    }
}
