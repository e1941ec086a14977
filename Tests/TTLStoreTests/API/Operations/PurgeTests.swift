import Foundation
import Synchronization
import TTLStore
import TTLTestSupport
import Testing

@Suite("Purging by hand, and statistics") struct PurgeTests {
    @Test("a purge deletes the expired entries and nothing else", arguments: Setting.all)
    func purge(setting: Setting) async throws {
        let store = try setting.open()
        for number in 0..<100 {
            try await store.set("\(number)", "v", expiring: .after(.milliseconds(Int64(1 + number % 10))))
        }
        try await store.set("permanent", "v")
        #expect(try await store.purgeExpired() == 0)
        store.clock.advance(by: .milliseconds(5))
        #expect(try await store.purgeExpired() == 50)
        #expect(try await store.count() == 51)
        #expect(try store.contents().expired.isEmpty)
        #expect(try await store.purgeExpired() == 0)
        store.clock.advance(by: .milliseconds(5))
        #expect(try await store.purgeExpired() == 50)
        #expect(try await store.keys().elements == ["permanent"])
    }

    @Test("a purge of a long backlog deletes all of it and reports its progress")
    func longBacklog() throws {
        let store = try Setting.inMemory.open()
        let engine = store.store
        for number in 0..<6000 { try engine.set("\(number)", "v", expiring: .after(.seconds(1))) }
        store.clock.advance(by: .seconds(1))
        var progress: [Int] = []
        #expect(try engine.purgeExpired { progress.append($0) } == 6000)
        #expect(progress.last == 6000)
        #expect(progress == progress.sorted())
        #expect(try engine.statistics().expiredEntries == 0)
    }

    @Test("the asynchronous purge reports its progress as well")
    func suspendingProgress() async throws {
        let store = try Setting.inMemory.open()
        try await store.set("k", "v", expiring: .after(.seconds(1)))
        store.clock.advance(by: .seconds(1))
        let progress = Atomic(0)
        #expect(try await store.store.purgeExpired { progress.store($0, ordering: .relaxed) } == 1)
        #expect(progress.load(ordering: .relaxed) == 1)
    }

    @Test("statistics count expired entries and have the next expiry", arguments: Setting.all)
    func statistics(setting: Setting) async throws {
        let store = try setting.open()
        var statistics = try await store.statistics()
        #expect(statistics.expiredEntries == 0)
        #expect(statistics.oldestOverdue == nil)
        #expect(statistics.nextExpiry == nil)
        #expect(statistics.schemaVersion == 2)
        #expect(statistics.sqliteVersion.hasPrefix("3."))
        #expect(statistics.fileSize > 0)
        let begin = store.clock.date()
        for seconds in [10, 20, 30] as [Int64] {
            try await store.set("\(seconds)", "v", expiring: .after(.seconds(seconds)))
        }
        try await store.set("permanent", "v")
        statistics = try await store.statistics()
        #expect(statistics.nextExpiry == begin.addingTimeInterval(10))
        store.clock.advance(by: .seconds(20))
        statistics = try await store.statistics()
        #expect(statistics.expiredEntries == 2)
        #expect(statistics.oldestOverdue == .seconds(10))
        #expect(statistics.nextExpiry == begin.addingTimeInterval(30))
        store.clock.advance(by: .seconds(10))
        statistics = try await store.statistics()
        #expect(statistics.expiredEntries == 3)
        #expect(statistics.nextExpiry == nil)
        #expect(statistics.failures == 0 && statistics.lastError == nil)
    }

    @Test("statistics have the size of the file and of its log", arguments: [Setting.Form.synchronous, .suspending])
    func sizes(form: Setting.Form) async throws {
        let store = try Setting(form: form, place: .file).open()
        try await store.set("k", TTLStore.Value.bytes(Array(repeating: 1, count: 1_000_000)))
        let statistics = try await store.statistics()
        #expect(statistics.logSize > 1_000_000)
        #expect(statistics.fileSize > 1_000_000)
        try await store.remove("k")
        #expect(try await store.statistics().freeSize > 900_000)
    }
}
