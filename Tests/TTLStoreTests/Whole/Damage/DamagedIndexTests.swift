import Foundation
import TTLTestSupport
import Testing

@testable import TTLStore

/// An index that lists some rows wrongly. It is made by removing the index from the schema while the rows are changed.
@Suite("An index that contradicts its table") struct DamagedIndexTests {
    private let folder: TemporaryFolder
    private let path: String

    init() throws {
        folder = try TemporaryFolder()
        path = folder("store.db")
    }

    private func edit(behind index: String, _ sql: String) throws {
        try shell(
            path,
            HostileFile.writable + """
                CREATE TABLE kept AS SELECT * FROM sqlite_schema WHERE name = '\(index)';
                DELETE FROM sqlite_schema WHERE name = '\(index)';
                """)
        try shell(path, sql)
        try shell(
            path, HostileFile.writable + "INSERT INTO sqlite_schema SELECT * FROM kept; DROP TABLE kept;")
    }

    /// Rows that have expired, rows that are live although the index says otherwise, and rows that it doesn't have.
    private func makeStore(dead: Int, lies: Int) throws {
        try makeBacklog(path, dead: dead, kept: 10)
        try shell(
            path,
            """
            WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < \(lies))
            INSERT INTO entries (key, value, expires_at) SELECT 'lie:' || i, 'v', 1500000000000 + i FROM n;
            """)
        try edit(behind: "entries_by_expiry", "UPDATE entries SET expires_at = 4000000000000 WHERE key GLOB 'lie:*';")
    }

    private func open(
        _ purging: TTLStore.Configuration.Purging, _ adjust: (inout TTLStore.Configuration) -> Void = { _ in }
    ) throws -> TTLStore {
        var configuration = TTLStore.Configuration()
        configuration.purging = purging
        adjust(&configuration)
        return try TTLStore(path: path, configuration: configuration)
    }

    @Test(
        "a purge by a damaged index deletes expired entries, keeps live ones, and ends with an error", .hangLimit,
        arguments: [(dead: 500, lies: 1), (0, 1), (3000, 700), (0, 5000)])
    func purgeByHand(dead: Int, lies: Int) throws {
        try makeStore(dead: dead, lies: lies)
        let store = try open(.manual)
        for _ in 1...2 {
            let error = expectFailure(.corrupt) { try store.purgeExpired() }
            #expect(error?.message.contains("REINDEX") == true)
            #expect(try store.count(.prefix("dead:")) == 0 && store.count(.prefix("lie:")) == lies)
        }
        #expect(try store.count() == lies + 10)
        let report = try store.check()
        let finding = try #require(report.findings.first)
        #expect(finding.code == .indexMismatch && finding.message.contains("entries_by_expiry"), "\(finding)")
        #expect(finding.message.contains("REINDEX"))
        store.close()
        try shell(path, "REINDEX;")
        let mended = try open(.manual)
        #expect(try mended.check().isHealthy)
        #expect(try mended.purgeExpired() == 0)
        #expect(try mended.count() == lies + 10)
        mended.close()
    }

    @Test("the thread reports a damaged index once, and purges on at its pace", .hangLimit)
    func purgeByThread() throws {
        try makeStore(dead: 1000, lies: 300)
        let failures = Collected<TTLStoreError>()
        let store = try open(.automatic) {
            $0.onExpirerActivity = { if case .failed(let error) = $0 { failures.append(error) } }
        }
        #expect(eventually { store.engine.activity.snapshot.lastError?.code == .corrupt })
        #expect(eventually { store.engine.activity.snapshot.purgedEntries == 1000 })
        for round in 1...3 {
            try store.set("short", "v", expiring: .after(.milliseconds(1)))
            #expect(eventually { store.engine.activity.snapshot.purgedEntries == 1000 + round })
        }
        #expect(failures.all.map(\.code) == [.corrupt])
        #expect(try store.count(.prefix("lie:")) == 300)
        // A thread that goes on and on writes all the time.
        let frames = store.engine.logFrames
        try store.set("long", "v", expiring: .after(.seconds(1000)))
        #expect(store.engine.logFrames <= frames + 20)
        store.close()
    }

    /// A store whose next transaction finds the lock busy.
    private final class BusyOnce: BatchStore {
        let store: RunningStore
        private var isBusy = true

        init(_ store: RunningStore) { self.store = store }

        func read<Success>(
            _ operation: String, _ body: (EntryReader) throws -> Success
        ) throws(TTLStoreError) -> Success { try store.read(operation, body) }

        func withWriter<Success>(
            _ operation: String, _ body: (EntryWriter) throws -> Success
        ) throws(TTLStoreError) -> Success { try store.withWriter(operation, body) }

        func withTransaction<Success>(
            _ operation: String, _ body: (EntryWriter) throws -> Success
        ) throws(TTLStoreError) -> Success {
            guard !isBusy else {
                isBusy = false
                throw TTLStoreError(.busy, "the lock is busy", in: operation)
            }
            return try store.withTransaction(operation, body)
        }

        var isWanted: Bool { store.isWanted }

        var sight: BatchPace.Sight { store.sight }
    }

    @Test("a damaged index is reported by the next batch if the batch that found it met a lock", .hangLimit)
    func foundBeforeABusyLock() throws {
        try makeStore(dead: 10, lies: 1)
        let store = try open(.manual)
        let running = RunningStore(
            queue: try store.engine.writingQueue("purge"), readers: nil, patience: Patience(busyTimeout: 1000))
        var purge = Purge(clock: .system)
        #expect(try purge.runBatch(running).foundDamage == false)
        try shell(path, "INSERT INTO entries (key, value, expires_at) VALUES ('late', 'v', 1500000000000);")
        expectFailure(.busy) { try purge.runBatch(BusyOnce(running)) }
        let result = try purge.runBatch(running)
        #expect(result.count == 1 && result.foundDamage)
        #expect(try purge.runBatch(running).foundDamage == false)
        store.close()
    }

    @Test("an index that names missing rows is an error of a purge", .hangLimit, arguments: [1, 200])
    func missingRows(lies: Int) throws {
        try makeStore(dead: 100, lies: lies)
        try edit(behind: "entries_by_expiry", "DELETE FROM entries WHERE key GLOB 'lie:*';")
        let store = try open(.manual)
        expectFailure(.corrupt) { try store.purgeExpired() }
        #expect(try store.count() == 10)
        #expect(try store.statistics().expiredEntries == lies)
        store.close()
        let automatic = try open(.automatic)
        #expect(eventually { automatic.engine.activity.snapshot.lastError?.code == .corrupt })
        automatic.close()
    }

    @Test("an index with another expiry than a due row's ends the purge with an error", .hangLimit)
    func otherExpiry() throws {
        try makeStore(dead: 100, lies: 5)
        try edit(
            behind: "entries_by_expiry", "UPDATE entries SET expires_at = 1500000099999 WHERE key GLOB 'lie:*';")
        let store = try open(.manual)
        expectFailure(.corrupt) { try store.purgeExpired() }
        #expect(try store.count(.prefix("kept:")) == 10 && store.get("lie:1") == nil)
        store.close()
        try shell(path, "REINDEX;")
        let mended = try open(.manual)
        #expect(try mended.purgeExpired() > 0 && mended.statistics().expiredEntries == 0)
        mended.close()
    }

    @Test("a damaged index keeps no writer and no eviction busy for ever", .hangLimit)
    func eviction() throws {
        try makeStore(dead: 10, lies: 100)
        try edit(behind: "entries_by_expiry", "DELETE FROM entries WHERE key GLOB 'lie:*';")
        for purging in [TTLStore.Configuration.Purging.manual, .automatic] {
            let store = try open(purging) { $0.maximumEntries = 5 }
            for number in 0..<20 { _ = try? store.set("new:\(number)", "v", expiring: .after(.seconds(1000))) }
            if purging == .automatic {
                #expect(eventually { store.engine.activity.snapshot.lastError?.code == .corrupt })
            }
            store.close()
        }
        let store = try open(.manual)
        expectFailure(.corrupt) { try store.purgeExpired() }
        store.close()
    }

    @Test("a damaged index of keys ends a listing with an error, and not in an endless loop", .hangLimit)
    func listing() throws {
        let store = try open(.manual)
        for key in ["key:a", "key:b", "key:c", "key:d"] { try store.set(key, "v", tag: "tag") }
        store.close()
        for (index, tagged) in [("sqlite_autoindex_entries_1", false), ("entries_by_tag", true)] {
            let page = try #require(
                UInt64(try shell(path, "SELECT rootpage FROM sqlite_schema WHERE name = '\(index)';")))
            var bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
            let range = Int(page - 1) * 4096..<Int(page) * 4096
            // Of two keys, each takes the other's place.
            for place in range.dropLast(5) where bytes[place..<place + 4].elementsEqual("key:".utf8) {
                let letter = bytes[place + 4]
                if letter == UInt8(ascii: "b") { bytes[place + 4] = UInt8(ascii: "c") }
                if letter == UInt8(ascii: "c") { bytes[place + 4] = UInt8(ascii: "b") }
            }
            try Data(bytes).write(to: URL(fileURLWithPath: path))
            let damaged = try open(.manual)
            for limit in 1...5 {
                expectFailure(.corrupt, "limit \(limit)") {
                    var (pages, cursor) = (0, TTLStore.Cursor?.none)
                    repeat {
                        let page =
                            try tagged
                            ? damaged.keys(.tag("tag"), limit: limit, after: cursor)
                            : damaged.keys(limit: limit, after: cursor)
                        (pages, cursor) = (pages + 1, page.next)
                    } while cursor != nil && pages < 50
                    return pages
                }
            }
            damaged.close()
        }
    }

    @Test("a damaged index of leases takes no lease from its holder")
    func leases() throws {
        let store = try open(.manual)
        let held = try #require(try store.acquireLease("held", for: .seconds(1000)))
        store.close()
        try shell(path, "UPDATE leases SET expires_at = 1500000000000;")
        try edit(behind: "leases_by_expiry", "UPDATE leases SET expires_at = 4000000000000;")
        let damaged = try open(.manual)
        for number in 0..<30 { #expect(try damaged.acquireLease("job:\(number)", for: .seconds(9)) != nil) }
        #expect(try damaged.lease(named: "held")?.token == held.token)
        damaged.close()
    }
}
