import Foundation
import TTLTestSupport
import Testing

@testable import TTLStore

@Suite("Removals and commits") struct CommitOrderTests {
    private let test: StoreUnderTest
    private let store: TTLStore

    init() throws {
        test = try Setting.inFile.open()
        store = test.store
    }

    @Test("a transaction reports no removal until it is committed, then its steps in their order")
    func transaction() throws {
        try store.setAll([.init("a", .text("1")), .init("b", .text("1")), .init("c", .text("1"))])
        let removals = try store.removals(includingValues: true)
        try store.transaction { transaction in
            try transaction.remove("c")
            try transaction.set("a", "2")
            try transaction.set("a", "3")
            try transaction.removeAll(.prefix("b"))
            #expect(removals.takeBuffered().isEmpty)
        }
        let reported = removals.takeBuffered()
        #expect(reported.map(\.key) == ["c", "a", "a", "b"])
        #expect(reported.map(\.cause) == [.removed, .overwritten, .overwritten, .removed])
        #expect(reported.map(\.value) == [.text("1"), .text("1"), .text("2"), .text("1")])
        store.close()
    }

    @Test("a transaction that is rolled back reports no removal, nor does the next one report them")
    func rolledBack() throws {
        try store.set("a", "1")
        try store.set("due", "1", expiring: .after(.seconds(1)))
        test.clock.advance(by: .seconds(1))
        let removals = try store.removals()
        #expect(throws: CancellationError.self) {
            try store.transaction { transaction in
                try transaction.set("a", "2")
                try transaction.set("due", "2")
                try transaction.removeAll(.prefix(""))
                throw CancellationError()
            }
        }
        try store.set("new", "1")
        #expect(removals.takeBuffered().isEmpty)
        #expect(try store.purgeExpired() == 1)
        #expect(removals.takeBuffered().map(\.key) == ["due"])
        store.close()
    }

    @Test("a refused batch reports no removal, and of equal keys the last one counts")
    func batches() throws {
        try store.set("a", "1")
        let removals = try store.removals(includingValues: true)
        expectFailure(.invalidExpiry) {
            try store.setAll([.init("a", .text("2")), .init("b", .text("2"), expiring: .after(.zero))])
        }
        #expect(removals.takeBuffered().isEmpty)
        try store.setAll([.init("a", .text("2")), .init("a", .text("3")), .init("b", .text("2"))])
        #expect(removals.takeBuffered().map(\.value) == [.text("1")])
        store.close()
    }

    @Test("a purge that is rolled back reports no removal; the next purge reports the rows")
    func rolledBackPurge() throws {
        for number in 0..<10 { try store.set("due:\(number)", "x", expiring: .after(.seconds(1))) }
        test.clock.advance(by: .seconds(1))
        let removals = try store.removals()
        let queue = try store.engine.writingQueue("purge")
        #expect(throws: (any Error).self) {
            try queue.withTransaction("purge") { writer in
                let now = writer.clock.now
                let ids = try writer.reader.due(now: now, limit: 10).map(\.id).sorted()
                try writer.delete(.purge, ids, now: now)
                #expect(writer.connection.changes == 10)
                throw CancellationError()
            }
        }
        #expect(removals.takeBuffered().isEmpty)
        #expect(try store.purgeExpired() == 10)
        #expect(Set(removals.takeBuffered().map(\.key)) == Set((0..<10).map { "due:\($0)" }))
        store.close()
    }

    @Test("a statement that fails half way reports none of its rows as removed", arguments: [true, false])
    func failedStatement(isAfterOthers: Bool) throws {
        for number in 0..<10 { try store.set("key:\(number)", TTLStore.Value.integer(Int64(number))) }
        let removals = try store.removals(includingValues: true)
        try store.engine.write("evict") { writer in
            if isAfterOthers { _ = try writer.remove(Key("key:9", in: "remove"), now: writer.clock.now) }
            try writer.connection.execute(
                """
                CREATE TEMP TRIGGER refuse BEFORE DELETE ON main.entries WHEN OLD.key = 'key:7'
                BEGIN SELECT RAISE(ABORT, 'refused'); END
                """)
            let ids = try writer.reader.ids()
            #expect(throws: SQLiteError.self) { try writer.delete(.evict, ids, now: writer.clock.now) }
            try writer.connection.execute("DROP TRIGGER refuse")
        }
        #expect(try store.count() == (isAfterOthers ? 9 : 10))
        #expect(removals.takeBuffered().map(\.key) == (isAfterOthers ? ["key:9"] : []))
        store.close()
    }

    @Test("the evictions of a set are reported with its commit, expired entries as expired")
    func limits() throws {
        let limited = try Setting.inMemory.open { $0.maximumEntries = 3 }
        try limited.store.set("due", "1", expiring: .after(.seconds(1)))
        try limited.store.set("soon", "1", expiring: .after(.seconds(60)), tag: "t")
        try limited.store.set("a", "1")
        limited.clock.advance(by: .seconds(1))
        let removals = try limited.store.removals()
        try limited.store.set("b", "1")
        try limited.store.set("c", "1")
        #expect(
            removals.takeBuffered() == [
                .init(key: "due", tag: nil, value: nil, cause: .expired),
                .init(key: "soon", tag: "t", value: nil, cause: .evicted),
            ])
        limited.store.close()
    }

    @Test("the last effort of a closing store is reported before the sequence ends")
    func lastEffort() async throws {
        let automatic = try test.reopened { $0.purging = .automatic }
        try await automatic.set("due", "x", expiring: .after(.seconds(1)))
        let removals = try automatic.store.removals()
        // The thread doesn't look at the clock again before it is woken.
        automatic.clock.advance(by: .seconds(1))
        await automatic.close()
        #expect(await removals.reduce(into: []) { $0.append($1.key) } == ["due"])
    }
}

extension EntryReader {
    fileprivate func ids() throws -> [Int64] {
        let statement = try Statement("SELECT id FROM entries ORDER BY id", on: connection)
        var ids: [Int64] = []
        while try statement.step() { ids.append(statement.integer(0)) }
        return ids
    }
}
