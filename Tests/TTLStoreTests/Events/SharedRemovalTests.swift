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
        onThreads(2) { number in
            do throws(TTLStoreError) { _ = try stores[number].purgeExpired() } catch { Issue.record("\(error)") }
        }
        let reported = removals.map { $0.takeBuffered() }
        #expect(reported.joined().allSatisfy { $0.cause == .expired })
        #expect(reported.joined().map(\.key).sorted() == SharedRemovalTests.keys(20_000))
        #expect(reported.map(\.count).allSatisfy { $0 < 20_000 }, "both had a share")
        for store in stores { store.close() }
    }

    @Test("so do processes, and nobody is told of what another one has removed")
    func processes() throws {
        try makeBacklog(path, dead: 20_000)
        var configuration = TTLStore.Configuration()
        configuration.purging = .manual
        let store = try TTLStore(path: path, configuration: configuration)
        let removals = try store.removals(buffering: 100_000)
        let children = try (0..<2).map { _ in try otherProcess("report", path) }
        for child in children { #expect(child.readLine() == "ready") }
        for child in children { child.send("go\n") }
        try store.purgeExpired()
        var reported = removals.takeBuffered().map(\.key)
        for child in children {
            while let line = child.readLine(), line != "done" { reported.append(line) }
            #expect(child.wait() == 0)
        }
        #expect(reported.sorted() == SharedRemovalTests.keys(20_000))
        store.close()
    }

    @Test("what a killed process has reported is gone from the file")
    func killed() throws {
        let keys = try otherProcess("churn", path).killed(after: 200_000)
        #expect(!keys.isEmpty)
        #expect(Set(keys).count == keys.count)
        let store = try TTLStore(path: path)
        // The last line may have been cut off in the middle.
        for key in keys.dropLast() { #expect(try !store.contains(key)) }
        store.close()
        try expectIntact(path)
    }
}
