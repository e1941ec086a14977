import Foundation
import TTLTestSupport
import Testing

@testable import TTLStore

@Suite("Closing a store", .hangLimit) struct CloseTests {
    private let folder: TemporaryFolder
    private let path: String

    init() throws {
        folder = try TemporaryFolder()
        path = folder("store.db")
    }

    @Test("closing twice is the same as once, and later operations throw closed")
    func twice() async throws {
        let store = try await TTLStore(path: path)
        try await store.set("key", "value")
        await store.close()
        await store.close()
        expectFailure(.closed) { () throws in try store.set("key", "x") }
        expectFailure(.closed) { () throws in try store.get("key") as String? }
        expectFailure(.closed) { () throws in try store.statistics() }
        expectFailure(.closed) { () throws in try store.purgeExpired() }
        expectFailure(.closed) { () throws in try store.touch("key", expiring: .never) }
        await expectFailure(.closed) { () async throws in try await store.set("key", "x") }
        await expectFailure(.closed) { () async throws in try await store.get("key") as String? }
        await expectFailure(.closed) { () async throws in try await store.count() }
        #expect(Census.descriptors(below: folder.path) == 0)
        let again = try await TTLStore(path: path)
        #expect(try await again.get("key") == "value")
        await again.close()
    }

    @Test("a close from the progress of a purge is done when the purge returns", arguments: Setting.Form.allCases)
    func withinPurge(form: Setting.Form) async throws {
        var configuration = TTLStore.Configuration()
        configuration.purging = .manual
        let store = try await TTLStore(path: path, configuration: configuration)
        try await store.set("due", "value", expiring: .after(.milliseconds(1)))
        usleep(5000)
        switch form {
        case .synchronous: _ = try? { try store.purgeExpired { _ in store.close() } }()
        case .suspending: _ = try? await store.purgeExpired { _ in store.close() }
        }
        #expect(Census.descriptors(below: folder.path) == 0)
        await expectFailure(.closed) { () async throws in try await store.count() }
    }

    @Test("closing by a thousand tasks takes one thread, also beside a slow closure")
    func manyTasks() async throws {
        let store = try await TTLStore(path: path)
        let (inside, release) = (Counter(), Counter())
        async let transaction: Void = store.transaction { (_) throws in
            inside.add()
            while release.value == 0 { usleep(1000) }
        }
        while inside.value == 0 { try await Task.sleep(for: .milliseconds(1)) }
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<1000 { group.addTask { await store.close() } }
            group.addTask {
                try? await Task.sleep(for: .milliseconds(100))
                // Other tests close stores as well.
                #expect(Census.threads(named: "TTLStore.close") < 100)
                release.add()
            }
        }
        try? await transaction
        #expect(Census.descriptors(below: folder.path) == 0)
    }

    @Test("a store in memory is closed as well")
    func memory() throws {
        let store = try TTLStore.inMemory()
        try store.set("key", "value")
        store.close()
        store.close()
        expectFailure(.closed) { try store.get("key") as String? }
        expectFailure(.closed) { try store.set("key", "x") }
    }

    @Test("a store that was opened for reading only is closed as well")
    func readOnly() throws {
        try TTLStore(path: path).close()
        var configuration = TTLStore.Configuration()
        configuration.access = .readOnly
        let store = try TTLStore(path: path, configuration: configuration)
        #expect(try store.count() == 0)
        store.close()
        store.close()
        expectFailure(.closed) { try store.count() }
        #expect(Census.descriptors(below: folder.path) == 0)
    }

    @Test("a dropped store is closed")
    func dropped() throws {
        do {
            let store = try TTLStore(path: path)
            try store.set("key", "value")
            #expect(Census.descriptors(below: folder.path) > 0)
        }
        #expect(Census.descriptors(below: folder.path) == 0)
    }

    @Test("closing after an error leaves nothing behind")
    func afterError() throws {
        let store = try TTLStore(path: path)
        try store.set("key", "value")
        _ = rename(path, path + ".away")
        expectFailure(.fileReplaced) { try store.set("key", "x") }
        store.close()
        #expect(Census.descriptors(below: folder.path) == 0)
    }

    @Test("a failed opening needs no close")
    func failedOpening() throws {
        let text = String(repeating: "This is text, and not a database. ", count: 10)
        try text.write(toFile: path, atomically: true, encoding: .utf8)
        expectFailure(.notADatabase) { try TTLStore(path: path) }
        #expect(Census.descriptors(below: folder.path) == 0)
    }

    @Test("closing deletes due entries, so that a program of short runs never grows its file")
    func shortRuns() throws {
        let clock = ManualClock()
        var configuration = TTLStore.Configuration()
        configuration.clock = clock.wallClock
        var sizes: [Int] = []
        for run in 0..<300 {
            let store = try TTLStore(path: path, configuration: configuration)
            for number in 0..<20 {
                try store.set("run\(run):\(number)", String(repeating: "x", count: 500), expiring: .after(.seconds(60)))
            }
            store.close()
            clock.advance(by: .seconds(61))
            sizes.append(Int(FileSystem.size(of: path)))
        }
        // Two runs' entries, and the free pages that are kept.
        #expect(try #require(sizes.max()) < 512 << 10, "\(sizes.max() ?? 0) bytes")
    }
}
