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
}
