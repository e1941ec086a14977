import Foundation
import TTLTestSupport
import Testing

@testable import TTLStore

/// An operation on the only entry, `key` with the tag `old` and the value 7, and why that entry leaves.
struct Leaving: Sendable, CustomTestStringConvertible {
    let testDescription: String
    /// If the entry is live; nil if it stays.
    let live: TTLStore.Removal.Cause?
    /// If it has expired.
    let expired: TTLStore.Removal.Cause?
    let run: @Sendable (TTLStore) throws -> Void

    init(
        _ description: String, _ live: TTLStore.Removal.Cause?, _ expired: TTLStore.Removal.Cause?,
        _ run: @escaping @Sendable (TTLStore) throws -> Void
    ) {
        testDescription = description
        self.live = live
        self.expired = expired
        self.run = run
    }

    private static let past = Expiry.at(Date(timeIntervalSince1970: 1_700_000_000))

    static let sets = [
        Leaving("set", .overwritten, .expired) { try $0.set("key", "new") },
        Leaving("set, keeping the expiry", .overwritten, .expired) { try $0.set("key", "new", expiring: .keep) },
        Leaving("set if absent", nil, .expired) { _ = try $0.set("key", "new", when: .ifAbsent) },
        Leaving("set if present", .overwritten, nil) { _ = try $0.set("key", "new", when: .ifPresent) },
        Leaving("set if present, keeping the expiry", .overwritten, nil) {
            _ = try $0.set("key", "new", expiring: .keep, when: .ifPresent)
        },
        Leaving("set if unchanged, and it is", .overwritten, nil) { store in
            guard let revision = try store.entry("key")?.revision else { return }
            #expect(try store.set("key", "new", when: .ifUnchanged(since: revision)) == .stored)
        },
        Leaving("set if unchanged, keeping the expiry", .overwritten, nil) { store in
            guard let revision = try store.entry("key")?.revision else { return }
            _ = try store.set("key", "new", expiring: .keep, when: .ifUnchanged(since: revision))
        },
        Leaving("set if unchanged, and it is not", nil, nil) {
            _ = try $0.set("key", "new", when: .ifUnchanged(since: TTLStore.Revision(number: -1)))
        },
        Leaving("set with a date that has passed", .removed, nil) { try $0.set("key", "new", expiring: past) },
        Leaving("set with such a date if absent", nil, nil) {
            _ = try $0.set("key", "new", expiring: past, when: .ifAbsent)
        },
        Leaving("set with such a date if present", .removed, nil) {
            _ = try $0.set("key", "new", expiring: past, when: .ifPresent)
        },
        Leaving("set another key", nil, nil) { try $0.set("other", "new", tag: "old") },
        Leaving("exchange", .overwritten, .expired) { try $0.exchange("key", TTLStore.Value.text("new")) },
        Leaving("exchange if absent", nil, .expired) {
            _ = try $0.exchange("key", TTLStore.Value.text("new"), when: .ifAbsent)
        },
        Leaving("set all", .overwritten, .expired) { try $0.setAll([.init("key", .text("new"))]) },
        Leaving("set all if absent", nil, .expired) {
            _ = try $0.setAll([.init("other", .text("new")), .init("key", .text("new"))], when: .ifAllAbsent)
        },
        Leaving("increment", .overwritten, .expired) { try $0.increment("key") },
        Leaving("decrement", .overwritten, .expired) { try $0.decrement("key") },
        Leaving("increment beyond the largest number", nil, .expired) { store in
            _ = try? store.increment("key", by: .max)
        },
        Leaving("update", .overwritten, .expired) { try $0.update("key", as: Int.self) { $0 = 8 } },
        Leaving("update with another expiry", .overwritten, .expired) {
            try $0.update("key", as: Int.self, expiring: .after(.seconds(9))) { $0 = 8 }
        },
        Leaving("update with a date that has passed", .removed, nil) {
            try $0.update("key", as: Int.self, expiring: past) { $0 = 8 }
        },
        Leaving("update to nothing", .removed, nil) { try $0.update("key", as: Int.self) { $0 = nil } },
        Leaving("update that throws", nil, nil) { store in
            _ = try? store.update("key", as: Int.self) { _ in throw CancellationError() }
        },
        Leaving("a transaction", .overwritten, .expired) { store in
            _ = try store.transaction { try $0.set("key", "new") }
        },
    ]

    /// The live entry was written a second ago.
    static let computations = [
        Leaving("get or compute", nil, .expired) { _ = try $0.getOrCompute("key") { 8 } },
        Leaving("get or compute anew what is not fresh", .overwritten, .expired) { store in
            let value = try store.getOrCompute("key", staleAfter: .seconds(1)) { 8 }
            #expect(value == 8)
        },
        Leaving("get or compute anew what is fresh", nil, .expired) {
            _ = try $0.getOrCompute("key", staleAfter: .milliseconds(1001)) { 8 }
        },
        Leaving("get or compute with a date that has passed", .removed, nil) { store in
            let value = try store.getOrCompute("key", expiring: past, staleAfter: .seconds(1)) { 8 }
            #expect(value == 8)
        },
        Leaving("get or compute, with a closure that throws", nil, nil) { store in
            _ = try? store.getOrCompute("key", as: Int.self, staleAfter: .seconds(1)) { throw CancellationError() }
        },
    ]

    static let removals = [
        Leaving("remove", .removed, nil) { try $0.remove("key") },
        Leaving("remove if unchanged, and it is not", nil, nil) {
            _ = try $0.remove("key", when: .ifUnchanged(since: TTLStore.Revision(number: -1)))
        },
        Leaving("remove all of some keys", .removed, nil) { try $0.removeAll(["other", "key", "key"]) },
        Leaving("remove all with a prefix", .removed, nil) { try $0.removeAll(.prefix("k")) },
        Leaving("remove all with another prefix", nil, nil) { try $0.removeAll(.prefix("l")) },
        Leaving("remove all with a tag", .removed, nil) { try $0.removeAll(.tag("old")) },
        Leaving("take", .removed, nil) { _ = try $0.take("key", as: Int.self) },
        Leaving("take as another kind", nil, nil) { store in _ = try? store.take("key") as String? },
        Leaving("touch", nil, nil) { try $0.touch("key", expiring: .after(.seconds(9))) },
        Leaving("touch with a date that has passed", .removed, nil) { try $0.touch("key", expiring: past) },
        Leaving("touch with such a date if later", nil, nil) {
            _ = try $0.touch("key", expiring: past, when: .ifLater)
        },
        Leaving("get and touch with such a date", .removed, nil) {
            _ = try $0.get("key", as: TTLStore.Value.self, touching: past)
        },
        Leaving("persist", nil, nil) { try $0.persist("key") },
        Leaving("get", nil, nil) { _ = try $0.get("key", as: TTLStore.Value.self) },
        Leaving("list", nil, nil) { _ = try $0.entries() },
        Leaving("purge", nil, .expired) { try $0.purgeExpired() },
        Leaving("evict", .evicted, .expired) { store in
            try store.engine.write("evict") { writer in
                let id = try writer.connection.integer("SELECT id FROM entries")
                try writer.evict(ids: [#require(id)], now: writer.clock.now)
            }
        },
    ]
}

/// `ModelTests` shows that all this is reported and nothing else, whatever the operations.
@Suite("Entries that leave the store") struct CauseTests {
    @Test(
        "an entry that leaves is reported once, with cause, key, tag and value; one that stays is not",
        arguments: Leaving.sets + Leaving.computations + Leaving.removals, [true, false])
    func causes(operation: Leaving, isLive: Bool) throws {
        let test = try Setting.inFile.open()
        try test.store.set("key", TTLStore.Value.integer(7), expiring: .after(.seconds(60)), tag: "old")
        let (plain, full) = (try test.store.removals(), try test.store.removals(includingValues: true))
        test.clock.advance(by: .seconds(isLive ? 1 : 60))
        try operation.run(test.store)
        func expected(_ value: Value?) -> [TTLStore.Removal] {
            let cause = isLive ? operation.live : operation.expired
            return cause.map { [TTLStore.Removal(key: "key", tag: "old", value: value, cause: $0)] } ?? []
        }
        #expect(plain.takeBuffered() == expected(nil))
        #expect(full.takeBuffered() == expected(.integer(7)))
        // The purge that deletes a due row reports it.
        try test.store.purgeExpired()
        #expect(full.takeBuffered().map(\.cause) == (!isLive && operation.expired == nil ? [.expired] : []))
        test.store.close()
    }

    @Test("an edit in the shell is not reported")
    func shellEdit() throws {
        let test = try Setting.inFile.open()
        try test.store.set("key", "value")
        try test.store.set("other", "value")
        let removals = try test.store.removals()
        try shell(try test.path, "DELETE FROM live WHERE key = 'key'; UPDATE live SET value = 'x' WHERE key = 'other';")
        #expect(try test.store.count() == 1)
        #expect(removals.takeBuffered().isEmpty)
        test.store.close()
    }

    @Test("a report keeps bytes, empty values and tags, and has the key as a listing shows it")
    func content() throws {
        let test = try Setting.inFile.open()
        let values: [Value] = [.text(""), .bytes([]), .bytes([0, 255]), .integer(.min), .text("a\0b")]
        for (number, value) in values.enumerated() {
            try test.store.set(
                "key:\(number)", value, expiring: .after(.seconds(1)), tag: number == 0 ? nil : "t\0\(number)")
        }
        try shell(
            try test.path,
            """
            INSERT INTO entries (key, value, expires_at)
            VALUES (CAST(x'6B3AFF' AS TEXT), CAST(x'FF' AS TEXT), 1700000000000);
            """)
        test.clock.advance(by: .seconds(1))
        let removals = try test.store.removals(includingValues: true)
        #expect(try test.store.purgeExpired() == 6)
        let reported = removals.takeBuffered().sorted { $0.key < $1.key }
        #expect(reported.map(\.key) == ["key:0", "key:1", "key:2", "key:3", "key:4", "k:\u{FFFD}"].sorted())
        #expect(reported.filter { $0.key != "k:\u{FFFD}" }.map(\.value) == values)
        #expect(reported.first { $0.key == "k:\u{FFFD}" }?.value == .bytes([255]))
        #expect(reported.filter { $0.key != "k:\u{FFFD}" }.map(\.tag) == [nil, "t\01", "t\02", "t\03", "t\04"])
        test.store.close()
    }

    @Test("a purge reports only the deleted rows, whatever lies between them", arguments: [1, 2, 5], [true, false])
    func rowsInBetween(step: Int64, values: Bool) throws {
        let test = try Setting.inMemory.open()
        for number in 1...150 {
            try test.store.set("\(number)", "x", expiring: number % 7 == 0 ? .never : .after(.seconds(1)))
        }
        test.clock.advance(by: .seconds(1))
        let removals = try test.store.removals(includingValues: values)
        let purged = try test.store.engine.write("purge") { writer in
            // The ids count from 1 on in a new file.
            let ids = (0..<30).map { 1 + $0 * step }
            let rows = ids.map { DueRow(id: $0, expiresAt: 0) }
            let deleted = try writer.purge(rows: rows[...], foreseen: nil, now: writer.clock.now)
            return (deleted.map(\.id), ids.filter { $0 % 7 != 0 })
        }
        #expect(purged.0 == purged.1)
        #expect(removals.takeBuffered().map(\.key) == purged.1.map { "\($0)" })
        let evicted = try test.store.engine.write("evict") { writer in
            try writer.evict(ids: [6, 7, 14, 141, 149, 1000], now: writer.clock.now)
            return writer.connection.changes
        }
        let reported = removals.takeBuffered()
        #expect(reported.count == evicted)
        #expect(reported.filter { $0.cause == .evicted }.map(\.key) == ["7", "14"])
        test.store.close()
    }
}
