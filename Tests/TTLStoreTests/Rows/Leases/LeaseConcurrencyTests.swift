import Foundation
import TTLTestSupport
import Testing

@testable import TTLStore

@Suite("Leases that many callers want", .serialized, .hangLimit) struct LeaseConcurrencyTests {
    private let folder: TemporaryFolder
    private let path: String

    init() throws {
        folder = try TemporaryFolder()
        path = folder("store.db")
    }

    @Test("eight processes have one winner for each lease, and no token twice")
    func processes() throws {
        try TTLStore(path: path).close()
        let wins = try race(8, "acquire", path, "job", "25").joined()
        let names = wins.map { String($0.split(separator: " ")[0]) }
        #expect(names.sorted() == (0..<25).map { "job:\($0)" }.sorted())
        #expect(Set(wins.compactMap { Int64($0.split(separator: " ")[1]) }).count == 25)
        try expectIntact(path)
    }

    @Test("a holder that was killed keeps its lease until it runs out, and the next one gets a higher token")
    func killed() throws {
        let store = try TTLStore(path: path)
        let child = try otherProcess("keep-lease", path, "job", "250")
        let words = try #require(child.readLine()).split(separator: " ").compactMap { Int64($0) }
        child.kill(SIGKILL)
        child.wait()
        var next: TTLStore.Lease?
        #expect(
            try eventually {
                next = try store.acquireLease("job", for: .seconds(10))
                return next != nil
            })
        let lease = try #require(next)
        let acquiredAt = Int64((lease.expiresAt.timeIntervalSince1970 * 1000).rounded()) - 10_000
        #expect(words.count == 2 && acquiredAt >= words[1] && lease.token > words[0])
        store.close()
    }

    @Test("threads with two stores on one file never hold a lease at once, and tokens grow from holder to holder")
    func exclusion() throws {
        let stores = [try TTLStore(path: path), try TTLStore(path: path)]
        let (inside, turns, last) = (Counter(), Counter(), Counter())
        onThreads(6) { thread in
            do throws(TTLStoreError) {
                let store = stores[thread % 2]
                for _ in 0..<40 {
                    guard let lease = try store.acquireLease("job", for: .seconds(3600)) else { continue }
                    inside.add()
                    #expect(inside.value == 1)
                    #expect(Int(lease.token) > last.value)
                    last.add(Int(lease.token) - last.value)
                    turns.add()
                    inside.add(-1)
                    #expect(try store.release(lease))
                }
            } catch { Issue.record("\(error)") }
        }
        #expect(turns.value > 0)
        for store in stores { store.close() }
    }

    @Test("one of many tasks gets the lease")
    func tasks() async throws {
        let store = try await TTLStore(path: path)
        let wins = try await withThrowingTaskGroup(of: Bool.self) { group in
            for _ in 0..<32 {
                group.addTask { try await store.acquireLease("job", for: .seconds(3600)) != nil }
            }
            return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(wins == 1)
        await store.close()
    }
}
