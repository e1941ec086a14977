import TTLTestSupport
import Testing

@testable import TTLStore

/// How many entries a store with a limit has in the file, as another program sees it.
@Suite("A limit of entries", .hangLimit) struct LimitGrowthTests {
    private let folder: TemporaryFolder
    private let path: String

    init() throws {
        folder = try TemporaryFolder()
        path = folder("store.db")
    }

    private func limited(_ entries: Int, _ purging: TTLStore.Configuration.Purging = .manual) throws -> TTLStore {
        var configuration = TTLStore.Configuration()
        configuration.maximumEntries = entries
        configuration.purging = purging
        return try TTLStore(path: path, configuration: configuration)
    }

    /// Another program with the file.
    private func connect() throws -> Connection {
        try Connection(path: path, access: .readWrite, busyPolicy: BusyPolicy(stop: StopFlag(), timeout: 60_000))
    }

    private func rows(_ connection: Connection) throws -> Int {
        Int(try connection.integer("SELECT count(*) FROM entries") ?? 0)
    }

    @Test("a limit of entries is kept from the first write on, however fast a new store fills")
    func newStore() throws {
        let store = try limited(1000, .automatic)
        let other = try connect()
        var most = 0
        for number in 0..<80_000 {
            try store.set("\(number)", "v")
            if number % 50 == 0 { most = max(most, try rows(other)) }
        }
        // An eighth more, and the entries for which a writer makes no room until it has counted.
        #expect(most <= 1125 + 16)
        #expect(try store.statistics().evictedEntries >= 80_000 - 1125 - 16)
        store.close()
    }

    @Test("a limit of entries evicts nothing for which others have made room")
    func roomMadeByOthers() throws {
        let store = try limited(2560)
        let other = try connect()
        for number in 0..<2560 { try store.set("\(number)", "v") }
        // The store counts, since it has changed many rows, and then not again for a second or eleven changes.
        try other.execute("INSERT INTO entries (key, value) VALUES ('other', 'v')")
        try store.set("new", "v")
        #expect(try rows(other) == 2560)
        try other.execute("DELETE FROM entries WHERE key BETWEEN '1000' AND '2000'")
        let left = try rows(other)
        for number in 0..<20 {
            try store.set("more:\(number)", "v")
            #expect(try rows(other) == left + number + 1)
        }
        store.close()
    }

    @Test("the thread reaches a limit of entries from far above it, where a count ends early")
    func farAbove() throws {
        try makeBacklog(path, dead: 0, kept: 5000)
        let store = try limited(10, .automatic)
        let other = try connect()
        #expect(try eventually { try rows(other) <= 10 })
        #expect(try rows(other) == 10)
        #expect(try store.statistics().evictedEntries == 4990)
        store.close()
    }

    @Test("writers reach a limit of entries from far above it, where a count ends early")
    func farAboveWithoutThread() throws {
        try makeBacklog(path, dead: 0, kept: 1000)
        let store = try limited(10)
        let other = try connect()
        for number in 0..<400 { try store.set("\(number)", "v") }
        let left = try rows(other)
        #expect(left == 10)
        store.close()
    }

    @Test("the number of entries does not drift, whatever others commit during a count")
    func drift() throws {
        try makeBacklog(path, dead: 0, kept: 400_000)
        let other = try connect()
        for round in 0..<20 {
            let opened = Guarded<TTLStore?>(nil)
            onThreads(2) { thread in
                if thread == 0 {
                    // Of another length each time, so that one of them ends while the store counts.
                    writeAndRemove(other, commits: 20 * round, round)
                } else if let store = try? limited(1_000_000) {
                    _ = try? store.set("own:\(round)", "v")
                    opened.withLock { $0 = store }
                }
            }
            let store = try #require(opened.withLock { $0 })
            try store.set("own again:\(round)", "v")
            #expect(try knownRows(store) == rows(other), "round \(round)")
            store.close()
        }
    }

    private func writeAndRemove(_ connection: Connection, commits: Int, _ round: Int) {
        for number in 0..<commits {
            let sql =
                number % 3 == 2
                ? "DELETE FROM entries WHERE key = '\(round):\(number - 1)'"
                : "INSERT INTO entries (key, value) VALUES ('\(round):\(number)', 'v')"
            try? connection.execute(sql)
        }
    }

    private func knownRows(_ store: TTLStore) throws -> Int? {
        var eviction = Eviction(clock: .system)
        _ = try eviction.runBatch(store.engine.batchStore(timeout: 10_000))
        return store.engine.sizeGauge?.size.entries
    }
}
