import Foundation
import TTLTestSupport
import Testing

@testable import TTLStore

@Suite("An entry that others write all the time", .serialized, .hangLimit) struct SteadyWriterTests {
    /// A type whose decoding makes another caller write the entry.
    private struct Overtaken: Codable, Sendable {
        init(from decoder: any Decoder) throws {
            try SteadyWriterTests.store.withLock(\.self)?.set("k", ["n": Int.random(in: 0...Int.max)])
        }

        func encode(to encoder: any Encoder) throws {}
    }

    private static let store = Guarded<TTLStore?>(nil)

    @Test(
        "taking an entry that others write all the time, by a type of one's own, throws busy, and it stays",
        arguments: Setting.Form.allCases)
    func busy(form: Setting.Form) async throws {
        let folder = try TemporaryFolder()
        var configuration = TTLStore.Configuration()
        configuration.busyTimeout = .milliseconds(100)
        let store = try await TTLStore(path: folder("store.db"), configuration: configuration)
        try await store.set("k", ["n": 1])
        let type = Overtaken.self
        SteadyWriterTests.store.withLock { $0 = store }
        switch form {
        case .synchronous:
            expectFailure(.busy) { () throws in try store.take("k", as: type) }
            expectFailure(.busy) { () throws in try store.get("k", as: type, touching: .after(.seconds(5))) }
        case .suspending:
            await expectFailure(.busy) { () async throws in try await store.take("k", as: type) }
            await expectFailure(.busy) { () async throws in
                try await store.get("k", as: type, touching: .after(.seconds(5)))
            }
        }
        SteadyWriterTests.store.withLock { $0 = nil }
        let entry = try #require(try await store.entry("k"))
        #expect(entry.expiresAt == nil)
        await store.close()
    }
}
