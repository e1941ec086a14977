import Foundation
import TTLTestSupport
import Testing

@testable import TTLStore

@Suite("Removals where several share a file") struct SharedRemovalTests {
    private let folder: TemporaryFolder
    private let path: String

    init() throws {
        folder = try TemporaryFolder()
        path = folder("store.db")
    }

    private static func keys(_ count: Int) -> [String] { (1...count).map { "dead:\($0)" }.sorted() }

    @Test("two stores that purge one backlog report each entry once, between them")
    func stores() throws {
        try makeBacklog(path, dead: 20_000, kept: 10)
        var configuration = TTLStore.Configuration()
        configuration.purging = .manual
        let stores = try (0..<2).map { _ in try TTLStore(path: path, configuration: configuration) }
        let removals = try stores.map { try $0.removals(buffering: 100_000) }
        // Both stores have a share, and compete for the rest.
        for store in stores {
            var purge = Purge(clock: .system)
            #expect(try purge.runBatch(store.engine.batchStore(timeout: 1000)).count > 0)
        }
        onThreads(2) { number in
            do throws(TTLStoreError) { _ = try stores[number].purgeExpired() } catch { Issue.record("\(error)") }
        }
        let reported = removals.map { $0.takeBuffered() }
        #expect(reported.joined().allSatisfy { $0.cause == .expired })
        #expect(reported.joined().map(\.key).sorted() == SharedRemovalTests.keys(20_000))
        #expect(reported.allSatisfy { !$0.isEmpty })
        for store in stores { store.close() }
    }

    @Test("processes that purge one backlog report each entry once, and none reports another's removals")
    func processes() throws {
        var configuration = TTLStore.Configuration()
        configuration.purging = .manual
        let store = try TTLStore(path: path, configuration: configuration)
        let removals = try store.removals(buffering: 1_000_000)
        let children = try (0..<2).map { _ in try otherProcess("report", path) }
        for child in children { #expect(child.readLine() == "ready") }
        // Until each process has had a share in a backlog.
        var (deleted, rounds) = ([0, 0, 0], 0)
        while deleted.contains(0), rounds < 30 {
            rounds += 1
            try addBacklog(round: rounds)
            for child in children { child.send("go\n") }
            deleted[2] += try store.purgeExpired()
            for (number, child) in children.enumerated() { deleted[number] += Int(child.readLine() ?? "") ?? 0 }
        }
        for child in children { child.closeInput() }
        let reported = children.map { $0.readLines() } + [removals.takeBuffered().map(\.key)]
        for child in children { #expect(child.wait() == 0) }
        #expect(reported.map(\.count) == deleted)
        #expect(!deleted.contains(0), "\(deleted)")
        let keys = (1...rounds).flatMap { round in (1...5000).map { "dead:\(round):\($0)" } }
        #expect(reported.joined().sorted() == keys.sorted())
        store.close()
    }

    /// 5,000 entries that expired long ago.
    private func addBacklog(round: Int) throws {
        try shell(
            path,
            """
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000)
            INSERT INTO entries (key, value, expires_at) SELECT 'dead:\(round):' || i, '', 1600000000000 FROM n;
            """)
    }

    @Test("entries that a killed process has reported are gone from the file")
    func killed() throws {
        let keys = try otherProcess("churn", path).killed(after: 200_000)
        #expect(keys.count > 1)
        #expect(Set(keys).count == keys.count)
        let store = try TTLStore(path: path)
        // The last line may have been cut off in the middle.
        for key in keys.dropLast() { #expect(try !store.contains(key)) }
        store.close()
        try expectIntact(path)
    }
}
