import Foundation
import TTLTestSupport
import Testing

@testable import TTLStore

@Suite("A backup while the store is in use", .hangLimit) struct BackupConcurrencyTests {
    @Test("a backup is one moment of the store, while writers write and the expirer purges")
    func snapshot() throws {
        let large = try LargeStore(dead: 10_000, kept: 10_000) { $0.purging = .automatic }
        let (store, folder) = (large.store, large.folder)
        try store.setAll((0..<8).map { .init("account:\($0)", .integer(100)) })
        let (written, done) = ([Counter(), Counter(), Counter()], Counter())
        onThreads(4) { thread in
            switch thread {
            case 0, 1:
                var number = 0
                while done.value == 0 {
                    let expiry = Expiry.after(.milliseconds(number % 3 == 0 ? 1 : 3_600_000))
                    #expect((try? store.set("writer:\(thread):\(number)", "value", expiring: expiry)) == .stored)
                    number += 1
                    written[thread].add()
                }
            case 2:
                while done.value == 0 {
                    #expect(throws: Never.self) { try transfer(store, step: written[thread].value) }
                    written[thread].add()
                }
            default:
                for round in 0..<5 {
                    #expect(eventually { written.allSatisfy { $0.value > round * 50 + 1 } })
                    #expect(throws: Never.self) { try store.backup(to: folder("copy-\(round).db")) }
                }
                done.add()
            }
        }
        store.close()
        #expect(Census.descriptors(below: folder.path) == 0)
        for round in 0..<5 { try expectMoment(folder("copy-\(round).db"), kept: large.keys) }
        try expectIntact(folder("store.db"))
    }

    private func transfer(_ store: TTLStore, step: Int) throws {
        try store.transaction { transaction in
            try transaction.decrement("account:\(step % 8)", by: 7)
            try transaction.increment("account:\((step * 5 + 1) % 8)", by: 7)
        }
    }

    /// A copy holds each writer's entries up to some number, except those that expire soon, and all of a transfer or
    /// nothing.
    private func expectMoment(_ path: String, kept: Int) throws {
        try expectIntact(path)
        for writer in 0..<2 {
            let answer = try shell(
                path,
                """
                WITH n(i) AS (SELECT CAST(substr(key, 10) AS INTEGER) FROM entries WHERE key LIKE 'writer:\(writer):%'),
                    m(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM m WHERE i < (SELECT max(i) FROM n))
                SELECT (SELECT count(*) > 0 FROM n), count(*) FROM m WHERE i % 3 <> 0 AND i NOT IN n;
                """)
            #expect(answer == "1|0", "some rows, and no gap")
        }
        #expect(try shell(path, "SELECT count(*), sum(value) FROM entries WHERE key LIKE 'account:%';") == "8|800")
        #expect(try shell(path, "SELECT count(*) FROM entries WHERE key LIKE 'kept:%';") == "\(kept)")
    }

    @Test("a backup does not begin again when others write between its steps, and the log can then be cut off")
    func neverRestarts() throws {
        let large = try LargeStore()
        let (store, folder) = (large.store, large.folder)
        var seen: [Int] = []
        try store.backup(to: folder("copy.db")) { progress in
            seen.append(progress.completed)
            try #require(seen.count < 100)
            // From the store's own writer, and from another process.
            for number in 0..<20 { try store.set("kept:\(number)", String(repeating: "x", count: 4000)) }
            try shell(
                folder("store.db"), "PRAGMA busy_timeout = 10000; UPDATE live SET value = 'y' WHERE key = 'kept:1';")
            #expect(!store.engine.cutLog())
        }
        #expect(seen == seen.sorted() && Set(seen).count == seen.count && seen.count > 3)
        let copy = try TTLStore(path: folder("copy.db"))
        #expect(try copy.get("kept:1") != "y")
        copy.close()
        #expect(try store.get("kept:1") == "y")
        #expect(eventually { store.engine.cutLog() })
        #expect(try store.statistics().logSize == 0)
    }

    @Test("many backups, checks and vacuums at once end, and close ends the running ones", arguments: 0..<3)
    func many(round: Int) throws {
        let large = try LargeStore(kept: 5000)
        let (store, folder) = (large.store, large.folder)
        let begun = Counter()
        onThreads(7) { thread in
            do {
                switch thread {
                case 6:
                    _ = eventually { begun.value > round * 4 }
                    store.close()
                    #expect(Census.descriptors(below: folder.path) == 0)
                case 0: while true { try store.vacuum { _ in begun.add() } }
                case 1, 2:
                    while true { #expect(try store.check { _ in begun.add() }.isHealthy) }
                case 3: for number in 0... { try store.set("key:\(number % 100)", "value") }
                default:
                    for number in 0... {
                        try store.backup(to: folder("copy-\(thread)-\(number).db")) { _ in begun.add() }
                    }
                }
            } catch {
                #expect((error as? TTLStoreError)?.code == .closed, "\(error)")
            }
        }
        #expect(try FolderContents.names(folder).filter { $0.hasPrefix(".") || $0.contains("-wal") } == [])
        for name in try FolderContents.names(folder) { try expectIntact(folder(name)) }
    }
}
