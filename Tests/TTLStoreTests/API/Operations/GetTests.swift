import Foundation
import TTLStore
import TTLTestSupport
import Testing

@Suite("Get, entry and contains") struct GetTests {
    @Test("a stored value is read in every form, and a missing one is absent", arguments: Setting.all)
    func readBack(setting: Setting) async throws {
        let store = try setting.open()
        try await store.set("k", "value", expiring: .after(.seconds(7)))
        #expect(try await store.get("k") == "value")
        #expect(try await store.get("k", as: String.self) == "value")
        #expect(try await store.get("k", as: TTLStore.Value.self) == .text("value"))
        #expect(try await store.contains("k"))
        #expect(try await store.get("other") == nil)
        #expect(try await store.get("other", as: Int.self) == nil)
        #expect(try await store.get("other", as: TTLStore.Value.self) == nil)
        #expect(try await store.entry("other") == nil)
        #expect(try await !store.contains("other"))
    }

    @Test("an entry has its times, the time left and its revision as of one moment", arguments: Setting.all)
    func metadata(setting: Setting) async throws {
        let store = try setting.open()
        let created = store.clock.date()
        let expiry = store.clock.date(after: 7001)
        try await store.set("k", "one", expiring: .after(.milliseconds(7001)))
        store.clock.advance(by: .milliseconds(2000))
        let entry = try #require(try await store.entry("k"))
        #expect(entry.key == "k")
        #expect(entry.value == .text("one"))
        #expect(entry.createdAt == created)
        #expect(entry.updatedAt == created)
        #expect(entry.expiresAt == expiry)
        #expect(entry.remaining == .milliseconds(5001))
        #expect(try entry.decode(as: String.self) == "one")
        #expect(try await store.entry("k") == entry)
    }

    @Test("reading bytes or an integer as text throws wrongKind", arguments: Setting.all)
    func wrongKindOfText(setting: Setting) async throws {
        let store = try setting.open()
        try await store.set("bytes", TTLStore.Value.bytes(Array("text".utf8)))
        try await store.set("integer", TTLStore.Value.integer(5))
        let before = try store.contents()
        for key in ["bytes", "integer"] {
            let error = await expectFailure(.wrongKind) { try await store.get(key) }
            #expect(error?.description == "get: the stored value is \(key), not a String")
            await expectFailure(.wrongKind) { try await store.get(key, as: String.self) }
        }
        #expect(try store.contents() == before)
    }

    @Test(
        "reading a value as another kind than the stored one throws wrongKind and never converts",
        arguments: Setting.all)
    func wrongKind(setting: Setting) async throws {
        let store = try setting.open()
        try await store.set("text", "5")
        try await store.set("bytes", TTLStore.Value.bytes([5]))
        try await store.set("integer", TTLStore.Value.integer(5))
        await expectFailure(.wrongKind) { try await store.get("text", as: [UInt8].self) }
        await expectFailure(.wrongKind) { try await store.get("text", as: Data.self) }
        await expectFailure(.wrongKind) { try await store.get("bytes", as: Int.self) }
        await expectFailure(.wrongKind) { try await store.get("bytes", as: [String: Int].self) }
        await expectFailure(.wrongKind) { try await store.get("integer", as: Data.self) }
        await expectFailure(.wrongKind) { try await store.get("integer", as: [Int].self) }
        let entry = try #require(try await store.entry("integer"))
        let error = expectFailure(.wrongKind) { try entry.decode(as: Data.self) }
        #expect(error?.operation == "decode")
    }

    @Test(
        "text that is not JSON of the type throws decodingFailed, without the text in the message",
        arguments: Setting.all)
    func decodingFailed(setting: Setting) async throws {
        struct User: Codable, Sendable { var name: String }
        let store = try setting.open()
        for text in ["", "secret", "{\"name\":5}", "{\"name\":\"secret\"", "null"] {
            try await store.set("k", text)
            let error = await expectFailure(.decodingFailed) { try await store.get("k", as: User.self) }
            #expect(error?.description.contains("secret") == false)
            #expect(try await store.get("k") == text)
        }
    }

    @Test("a value that can't be written as JSON throws encodingFailed, and nothing changes", arguments: Setting.all)
    func encodingFailed(setting: Setting) async throws {
        struct Unwritable: Encodable, Sendable {
            func encode(to encoder: any Encoder) throws {
                throw EncodingError.invalidValue("secret", .init(codingPath: [], debugDescription: "secret"))
            }
        }
        let store = try setting.open()
        try await store.set("k", "old")
        let before = try store.contents()
        let error = await expectFailure(.encodingFailed) { try await store.set("k", Unwritable()) }
        #expect(error?.description.contains("secret") == false)
        await expectFailure(.encodingFailed) { try await store.set("k", Double.nan) }
        await expectFailure(.encodingFailed) { try await store.set("new", [Double.infinity]) }
        #expect(try store.contents() == before)
    }
}
