#if Sessions
import Foundation
import TTLSessions
import TTLStore
import TTLStoreTesting
import TTLTestSupport
import Testing

@Suite struct BadInputTests {
    @Test("a malformed and an unknown token open nothing, are not taken over, and are counted") func tokens()
        async throws
    {
        let test = try SessionsUnderTest()
        _ = try await test.sessions.create(Cart())
        let ended = try await test.sessions.create(Cart())
        try await test.sessions.end(ended.session)
        for text in ["", "\0", "'; DROP TABLE entries; --", String(repeating: "a", count: 1 << 20)] {
            #expect(try await test.sessions.load(text) == nil)
            #expect(try await test.sessions.end(token: text) == false)
        }
        #expect(try await test.sessions.load(ended.token.text) == nil)
        #expect(try await test.sessions.load(String(repeating: "A", count: 43)) == nil)
        #expect(test.sessions.statistics.malformedTokens == 4)
        #expect(test.sessions.statistics.unknownTokens == 2)
        #expect(try test.rows() == 1)
    }

    @Test("a malformed token is refused before any look-up, also when the store is closed") func beforeLookUp()
        async throws
    {
        let test = try SessionsUnderTest()
        await test.store.close()
        #expect(try await test.sessions.load("malformed") == nil)
    }

    @Test("a closed store is an error, and not an absent session") func closed() async throws {
        let test = try SessionsUnderTest()
        let issued = try await test.sessions.create(Cart(), subject: "ada")
        await test.store.close()
        let sessions = test.sessions
        let operations: [() async throws -> Void] = [
            { _ = try await sessions.load(issued.token.text) }, { try await sessions.save(issued.session) },
            { _ = try await sessions.create(Cart()) }, { _ = try await sessions.regenerate(issued.session) },
            { try await sessions.end(issued.session) }, { try await sessions.endAll(of: "ada") },
            { try await sessions.endOthers(than: issued.session) }, { try await sessions.endEverybody() },
            { _ = try await sessions.list(of: "ada") }, { try await sessions.end(token: issued.token.text) },
            { try await sessions.withExclusiveAccess(to: issued.session) { _ in } },
        ]
        for (number, operation) in operations.enumerated() {
            await #expect(throws: TTLStoreError.self, "operation \(number)") { try await operation() }
        }
    }

    @Test("a payload of another type is an error, and stays") func otherType() async throws {
        let test = try SessionsUnderTest()
        let token = try await test.sessions.create(Cart(items: ["book"])).token.text
        let others = try Sessions<[Int]>(store: test.store)
        #expect(await code { _ = try await others.load(token) } == .unreadablePayload)
        #expect(try await test.sessions.load(token)?.payload.items == ["book"])
        #expect(try await others.end(token: token))
        #expect(try await test.sessions.load(token) == nil)
    }

    @Test("a payload larger than the limit is refused, and the old one stays") func tooLarge() async throws {
        let test = try SessionsUnderTest { $0.maximumPayloadSize = 100 }
        let large = Cart(items: [String(repeating: "x", count: 100)])
        #expect(await code { _ = try await test.sessions.create(large) } == .payloadTooLarge)
        let issued = try await test.sessions.create(Cart(items: [String(repeating: "x", count: 86)]))
        var session = issued.session
        session.payload = large
        #expect(await code { try await test.sessions.save(session) } == .payloadTooLarge)
        #expect(await code { _ = try await test.sessions.authenticate(session, as: "ada") } == .payloadTooLarge)
        #expect(try await test.sessions.load(issued.token.text)?.payload == issued.session.payload)
    }

    @Test("a payload that is no JSON is refused") func noJSON() async throws {
        let test = try SessionsUnderTest()
        let numbers = try Sessions<Double>(store: test.store)
        #expect(await code { _ = try await numbers.create(.nan) } == .invalidPayload)
        #expect(try await numbers.create(0.5).session.payload == 0.5)
    }

    @Test("a payload may be a text, a number, nothing or a list") func fragments() async throws {
        let store = try TTLStore.inMemory()
        func roundTrip<Payload: Codable & Equatable & Sendable>(_ payload: Payload) async throws {
            let sessions = try Sessions<Payload>(store: store)
            let token = try await sessions.create(payload).token.text
            #expect(try await sessions.load(token)?.payload == payload)
        }
        try await roundTrip("text \"}")
        try await roundTrip(7)
        try await roundTrip([String]())
        try await roundTrip(Int?.none)
        try await roundTrip(["}": ",\"payload\":"])
        await store.close()
    }

    @Test(
        "a row that somebody has edited is an error for its token",
        arguments: [
            "", "{}", "null", "{\"handle\":1,\"payload\":{}}", "{\"payload\":{}}", "x,\"payload\":{}",
            "{\"handle\":\"aaaaaaaaaaaa\",\"issuedAt\":1,\"idle\":1,\"payload\":{}}",
            "{\"handle\":\"aaaaaaaaaaaa\",\"issuedAt\":1,\"idle\":1,\"endsAt\":1e300,\"payload\":{}}",
            "{\"rotatedTo\":\"x\"}",
        ])
    func edited(text: String) async throws {
        let test = try SessionsUnderTest()
        let token = try await test.sessions.create(Cart()).token.text
        let key = try #require(try await test.store.keys(.prefix("ttl.session:")).elements.first)
        try await test.store.set(key, text, expiring: .keep)
        #expect(await code { _ = try await test.sessions.load(token) } == .unreadablePayload)
        try await test.store.set(key, [1, 2] as [UInt8], expiring: .keep)
        #expect(await code { _ = try await test.sessions.load(token) } == .unreadablePayload)
    }

    @Test("a row that a person edits with SQLite's JSON functions stays a session") func shellEdit() async throws {
        let test = try SessionsUnderTest()
        let token = try await test.sessions.create(Cart(), subject: "ada").token.text
        let key = try #require(try await test.store.keys(.prefix("ttl.session:")).elements.first)
        let text = try #require(try await test.store.get(key))
        // As json_set, and a person with spaces.
        try await test.store.set(
            key, text.replacing("{\"items\":[]}", with: "{\"items\":[\"gift\"]}").replacing(":1", with: ": 1"),
            expiring: .keep)
        #expect(try await test.sessions.load(token)?.payload.items == ["gift"])
        #expect(try await test.sessions.load(token)?.subject == "ada")
    }

    @Test("the texts of a device are cut off at 256 bytes, between characters") func client() {
        let client = SessionClient(
            label: String(repeating: "é", count: 1000), userAgent: "x" + String(repeating: "☃", count: 1000),
            address: String(repeating: "1", count: 257))
        #expect(client.label == String(repeating: "é", count: 128))
        #expect(client.userAgent == "x" + String(repeating: "☃", count: 85))
        #expect(client.address?.utf8.count == 256)
    }

    @Test("a setting out of range is refused", arguments: 0..<11) func settings(number: Int) {
        var configuration = SessionConfiguration()
        switch number {
        case 0: configuration.timeouts.idle = .zero
        case 1: configuration.timeouts.absolute = .seconds(60)
        case 2: configuration.timeouts.absolute = .seconds(Int64.max)
        case 3: configuration.rememberedTimeouts.idle = .seconds(-1)
        case 4: configuration.rememberedTimeouts.absolute = .zero
        case 5: configuration.useInterval = .zero
        case 6: configuration.renewalAge = .zero
        case 7: configuration.renewalGrace = .seconds(-1)
        case 8: configuration.renewalGrace = .seconds(301)
        case 9: configuration.maximumPerSubject = 0
        default: configuration.maximumPayloadSize = 0
        }
        #expect(throws: SessionError.self) {
            _ = try Sessions<Cart>(storage: InMemorySessionStorage(), configuration: configuration)
        }
    }

    @Test("a clock that stands wrong is an error, and nothing is stored") func wrongClock() async throws {
        let test = try SessionsUnderTest()
        test.clock.advance(by: .milliseconds(-test.clock.now))
        await #expect(throws: TTLStoreError.self) { _ = try await test.sessions.create(Cart()) }
        test.clock.advance(by: .seconds(Int64.max))
        await #expect(throws: TTLStoreError.self) { _ = try await test.sessions.create(Cart()) }
        #expect(try test.rows() == 0)
    }
}
#endif
