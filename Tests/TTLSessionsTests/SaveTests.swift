#if Sessions
import Foundation
import TTLSessions
import TTLStore
import TTLStoreTesting
import TTLTestSupport
import Testing

@Suite struct SaveTests {
    @Test("a saved payload is loaded, here and elsewhere") func save() async throws {
        let test = try SessionsUnderTest()
        let token = try await test.sessions.create(Cart()).token.text
        var session = try #require(try await test.sessions.load(token))
        session.payload.items = ["book", "\"quoted\" \\ \u{0} ☃ ,\"payload\":"]
        try await test.sessions.save(session)
        #expect(try await test.others().load(token)?.payload == session.payload)
    }

    /// A payload that tells how often it was decoded.
    private struct Counted: Codable, Sendable {
        static let decodings = Collected<Int>()
        var number: Int

        init(number: Int) { self.number = number }

        init(from decoder: any Decoder) throws {
            number = try decoder.singleValueContainer().decode(Int.self)
            Counted.decodings.append(number)
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            try container.encode(number)
        }
    }

    @Test("a session that is loaded again and again is decoded once for each state") func decodedOnce() async throws {
        let temporary = try TemporaryStore()
        let sessions = try Sessions<Counted>(store: temporary.store)
        let token = try await sessions.create(Counted(number: 1)).token.text
        for _ in 0..<5 { #expect(try await sessions.load(token)?.payload.number == 1) }
        var session = try #require(try await sessions.load(token))
        session.payload.number = 2
        try await sessions.save(session)
        for _ in 0..<5 { #expect(try await sessions.load(token)?.payload.number == 2) }
        #expect(Counted.decodings.all == [1, 2])
    }

    @Test("a save after the end is refused, and brings nothing back") func resurrection() async throws {
        let test = try SessionsUnderTest()
        let issued = try await test.sessions.create(Cart(), subject: "ada")
        for condition in [SaveCondition.always, .ifUnchanged] {
            #expect(try await test.others().endAll(of: "ada") == (condition == .always ? 1 : 0))
            #expect(await code { try await test.sessions.save(issued.session, when: condition) } == .ended)
            #expect(await code { _ = try await test.sessions.regenerate(issued.session) } == .ended)
            #expect(await code { _ = try await test.sessions.authenticate(issued.session, as: "ada") } == .ended)
            #expect(try await test.sessions.load(issued.token.text) == nil)
            #expect(try test.rows() == 0)
        }
    }

    @Test("a save after the timeout is refused") func timeout() async throws {
        let test = try SessionsUnderTest()
        let issued = try await test.sessions.create(Cart())
        test.clock.advance(by: .seconds(1800))
        #expect(await code { try await test.sessions.save(issued.session) } == .ended)
        #expect(try test.rows() == 0)
    }

    @Test("of two saves the later one's payload stays") func lastWins() async throws {
        let test = try SessionsUnderTest()
        let token = try await test.sessions.create(Cart()).token.text
        var first = try #require(try await test.sessions.load(token))
        var second = try #require(try await test.sessions.load(token))
        first.payload.items = ["first"]
        second.payload.items = ["second"]
        try await test.sessions.save(second)
        try await test.sessions.save(first)
        #expect(try await test.sessions.load(token)?.payload.items == ["first"])
    }

    @Test("a save that must find the session unchanged is refused if it was saved meanwhile") func compareAndSet()
        async throws
    {
        let test = try SessionsUnderTest()
        let token = try await test.sessions.create(Cart()).token.text
        var first = try #require(try await test.sessions.load(token))
        first.payload.items = ["first"]
        let second = try #require(try await test.sessions.load(token))
        let saved = try await test.sessions.save(first, when: .ifUnchanged)
        #expect(await code { try await test.sessions.save(second, when: .ifUnchanged) } == .changed)
        #expect(try await test.sessions.load(token)?.payload.items == ["first"])
        try await test.sessions.save(saved, when: .ifUnchanged)
    }

    @Test("a save by an older copy sets back neither subject nor messages nor timeouts") func olderCopy() async throws {
        let test = try SessionsUnderTest()
        let token = try await test.sessions.create(Cart(), subject: "ada").token.text
        let old = try #require(try await test.sessions.load(token))
        let newer = try #require(try await test.sessions.load(token))
        try await test.sessions.save(newer, idleTimeout: .seconds(60), flash: [FlashMessage("hello")])
        try await test.sessions.save(old)
        let session = try #require(try await test.sessions.load(token))
        #expect(session.details.remaining == .seconds(60))
        #expect(try await test.sessions.takeFlash(from: session).messages == [FlashMessage("hello")])
    }

    @Test("messages that are taken don't hide a change from compare and set") func takenFlash() async throws {
        let test = try SessionsUnderTest()
        let token = try await test.sessions.create(Cart(), flash: [FlashMessage("hello")]).token.text
        let first = try #require(try await test.sessions.load(token))
        var other = first
        other.payload.items = ["other"]
        try await test.sessions.save(other)
        let taken = try await test.sessions.takeFlash(from: first)
        #expect(taken.messages == [FlashMessage("hello")])
        #expect(await code { try await test.sessions.save(taken.session, when: .ifUnchanged) } == .changed)
        #expect(try await test.sessions.load(token)?.payload.items == ["other"])
        #expect(try await test.sessions.takeFlash(from: taken.session).messages.isEmpty)
    }

    @Test("a session keeps its last 20 messages, of 1024 bytes each") func manyMessages() async throws {
        let test = try SessionsUnderTest()
        let issued = try await test.sessions.create(Cart())
        var session = issued.session
        for number in 0..<50 {
            let text = "\(number) " + String(repeating: "é", count: 1000)
            session = try await test.sessions.save(session, idleTimeout: nil, flash: [FlashMessage(text)])
        }
        let messages = try await test.sessions.takeFlash(from: session).messages
        #expect(messages.count == 20)
        #expect(messages.first?.text.hasPrefix("30 é") == true)
        #expect(messages.allSatisfy { $0.text.utf8.count <= 1024 })
    }

    @Test("a late use doesn't undo a timeout that was made shorter") func shortened() async throws {
        let test = try SessionsUnderTest()
        let issued = try await test.sessions.create(Cart())
        let storage = try TTLStoreSessionStorage(test.store)
        let stored = try #require(try await storage.load(issued.token.id))
        try await test.sessions.save(issued.session, idleTimeout: .seconds(60), flash: [])
        let later = test.clock.now + 1_800_000
        #expect(try await !storage.extend(stored.id, until: later, ifUnchanged: stored.revision))
        test.clock.advance(by: .seconds(60))
        #expect(try await test.sessions.load(issued.token.text) == nil)
    }

    @Test("a request that is under way in the grace period saves into the renewed session") func grace() async throws {
        let test = try SessionsUnderTest()
        let issued = try await test.sessions.create(Cart())
        var session = try #require(try await test.sessions.load(issued.token.text))
        let renewed = try await test.sessions.regenerate(issued.session, grace: .seconds(30))
        session.payload.items = ["late"]
        try await test.sessions.save(session)
        #expect(try await test.sessions.load(renewed.token.text)?.payload.items == ["late"])
        test.clock.advance(by: .seconds(30))
        #expect(await code { try await test.sessions.save(session) } == .ended)
    }

    @Test("a turn that doesn't come is busy, and one of a killed server ends by itself") func turns() async throws {
        let test = try SessionsUnderTest()
        let session = try await test.sessions.create(Cart()).session
        let lock = try #require(
            try await TTLStoreSessionStorage(test.store).lock(session.handle, milliseconds: 30_000))
        let refusal = await code {
            try await test.sessions.withExclusiveAccess(to: session, waiting: .milliseconds(10)) { _ in }
        }
        #expect(refusal == .busy)
        test.clock.advance(by: .seconds(30))
        try await test.sessions.withExclusiveAccess(to: session) { _ in }
        try await TTLStoreSessionStorage(test.store).unlock(lock)
    }
}
#endif
