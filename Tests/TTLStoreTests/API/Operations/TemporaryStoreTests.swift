import Foundation
import TTLStoreTesting
import Testing

@testable import TTLStore

@Suite("A store for a test") struct TemporaryStoreTests {
    @Test("a store for a test uses its clock, and entries leave the file when the clock is moved")
    func expiry() throws {
        let test = try TemporaryStore()
        try test.store.set("session", "alice", expiring: .minutes(30))
        try test.store.set("kept", "bob")
        #expect(try test.advance(by: .milliseconds(1_799_999)) == 0)
        #expect(try test.store.get("session") == "alice")
        #expect(try test.advance(by: .milliseconds(1)) == 1)
        #expect(try test.store.get("session") == nil)
        #expect(try test.store.keys().elements == ["kept"])
    }

    @Test("two stores for tests share nothing, and both are gone with their objects")
    func separation() throws {
        var paths: [String] = []
        do {
            let (one, other) = (try TemporaryStore(), try TemporaryStore())
            try one.store.set("key", "value")
            #expect(try other.store.get("key") == nil)
            paths = [one.path, other.path]
            #expect(paths.allSatisfy { FileManager.default.fileExists(atPath: $0) })
        }
        #expect(
            paths.allSatisfy { !FileManager.default.fileExists(atPath: ($0 as NSString).deletingLastPathComponent) })
    }

    @Test("a store for a test is not opened with an invalid configuration, and leaves no folder")
    func refusal() throws {
        var configuration = TTLStore.Configuration()
        configuration.maximumReaders = 65
        #expect(throws: TTLStoreError.self) { try TemporaryStore(configuration: configuration) }
    }

    @Test("a manual clock can be moved by any duration")
    func extremes() {
        let clock = ManualClock(start: 5)
        clock.advance(by: .milliseconds(-7))
        #expect(clock.now == -2)
        clock.advance(by: .seconds(Int64.max))
        #expect(clock.now == .max - 2)
        clock.advance(by: .seconds(Int64.max))
        #expect(clock.now == .max)
        clock.advance(by: .seconds(Int64.min))
        #expect(clock.now == -1)
        clock.advance(by: .seconds(Int64.min))
        clock.advance(by: .seconds(Int64.min))
        #expect(clock.now == .min)
    }
}
