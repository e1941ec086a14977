import Foundation
import TTLTestSupport
import Testing

@testable import TTLStore

@Suite("The number of readers") struct ReaderBoundTests {
    @Test("more threads than readers open no more connections than the configuration allows", arguments: [1, 2, 4])
    func bound(maximum: Int) throws {
        let opened = try Setting.inFile.open { $0.maximumReaders = maximum }
        defer { withExtendedLifetime(opened) {} }
        let store = opened.store
        try store.setAll((0..<20_000).map { .init("\($0)", .integer(1)) })
        // A read of some milliseconds: the line of waiting threads is never empty.
        onThreads(16) { _ in
            for _ in 0..<20 { #expect(throws: Never.self) { try store.count() } }
        }
        #expect(store.engine.readers.connections.count <= maximum)
    }

    @Test(
        "with no readers, reads use the connection that writes, in a file and in memory",
        arguments: Setting.Place.allCases)
    func none(place: Setting.Place) throws {
        let opened = try Setting(form: .synchronous, place: place).open { $0.maximumReaders = 0 }
        defer { withExtendedLifetime(opened) {} }
        let store = opened.store
        try store.set("a", "1")
        try store.set("b", "2", expiring: .seconds(1))
        #expect(try store.get("a") == "1")
        #expect(try store.keys().elements == ["a", "b"])
        opened.clock.advance(by: .seconds(1))
        #expect(try store.get("b") == nil)
        #expect(store.engine.readers.connections.isEmpty)
    }

    @Test("with no readers, the reads of many tasks are served one after the other")
    func noneForTasks() async throws {
        let opened = try Setting.inFile.open { $0.maximumReaders = 0 }
        defer { withExtendedLifetime(opened) {} }
        let store = opened.store
        try await store.set("a", "1")
        try await withThrowingTaskGroup(of: String?.self) { group in
            for _ in 0..<50 { group.addTask { try await store.get("a") } }
            for try await value in group { #expect(value == "1") }
        }
        #expect(store.engine.readers.connections.isEmpty)
    }
}
