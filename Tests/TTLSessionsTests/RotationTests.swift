#if Sessions
import Foundation
import TTLSessions
import TTLStore
import TTLStoreTesting
import TTLTestSupport
import Testing

@Suite struct RotationTests {
    @Test("a new token has the same data, handle and deadline, and the old token is dead") func regenerate()
        async throws
    {
        let test = try SessionsUnderTest()
        let issued = try await test.sessions.create(Cart(items: ["book"]), subject: "ada")
        test.clock.advance(by: .seconds(100))
        let renewed = try await test.sessions.regenerate(issued.session)
        #expect(renewed.token != issued.token)
        #expect(renewed.session.payload.items == ["book"])
        #expect(renewed.session.handle == issued.session.handle)
        #expect(renewed.session.details.endsAt == issued.session.details.endsAt)
        #expect(renewed.session.details.createdAt == issued.session.details.createdAt)
        #expect(try await test.others().load(issued.token.text) == nil)
        #expect(try await test.others().load(renewed.token.text)?.payload.items == ["book"])
        #expect(try test.rows() == 1)
    }

    @Test("no number of new tokens outlives the absolute deadline") func deadline() async throws {
        let test = try SessionsUnderTest()
        var issued = try await test.sessions.create(Cart())
        for _ in 0..<(12 * 4 - 1) {
            test.clock.advance(by: .seconds(900))
            issued = try await test.sessions.regenerate(issued.session, grace: .seconds(300))
        }
        test.clock.advance(by: .seconds(900))
        #expect(try await test.sessions.load(issued.token.text) == nil)
        #expect(try test.rows() == 0)
    }

    @Test("a login gives another token, and the one from before it opens nothing") func authenticate() async throws {
        let test = try SessionsUnderTest()
        let planted = try await test.sessions.create(Cart(items: ["book"]))
        var session = planted.session
        session.payload.items.append("pen")
        let issued = try await test.sessions.authenticate(
            session, as: "ada", remembered: true, client: SessionClient(label: "Laptop"))
        #expect(try await test.sessions.load(planted.token.text) == nil)
        let loaded = try #require(try await test.sessions.load(issued.token.text))
        #expect(loaded.subject == "ada")
        #expect(loaded.payload.items == ["book", "pen"])
        #expect(loaded.details.isRemembered)
        #expect(loaded.details.client.label == "Laptop")
        #expect(loaded.details.endsAt.timeIntervalSince(loaded.details.createdAt) == 30 * 86_400)
        #expect(loaded.details.remaining == .seconds(14 * 86_400))
        #expect(loaded.details.authenticatedAt == loaded.details.createdAt)
    }

    @Test("a token is renewed by its age, and the old one leads on for 30 seconds") func renewal() async throws {
        let test = try SessionsUnderTest { $0.timeouts.idle = .seconds(7200) }
        let token = try await test.sessions.create(Cart()).token.text
        test.clock.advance(by: .milliseconds(3_599_999))
        #expect(try await test.sessions.renew(#require(try await test.sessions.load(token))) == nil)
        test.clock.advance(by: .milliseconds(1))
        let session = try #require(try await test.sessions.load(token))
        let renewed = try #require(try await test.sessions.renew(session))
        let late = try #require(try await test.sessions.load(token))
        #expect(late.handle == session.handle)
        #expect(try await test.sessions.renew(late) == nil)
        #expect(try await test.sessions.renew(renewed.session) == nil)
        test.clock.advance(by: .seconds(30))
        #expect(try await test.sessions.load(token) == nil)
        #expect(try await test.sessions.load(renewed.token.text) != nil)
    }

    @Test("without an age no token is renewed") func noRenewal() async throws {
        let test = try SessionsUnderTest { $0.renewalAge = nil }
        let issued = try await test.sessions.create(Cart(), remembered: true)
        test.clock.advance(by: .seconds(13 * 86_400))
        #expect(try await test.sessions.renew(issued.session) == nil)
    }

    @Test("an old token in its grace period is not exchanged for a new one, but by a login") func noExchange()
        async throws
    {
        let test = try SessionsUnderTest()
        let issued = try await test.sessions.create(Cart())
        let renewed = try await test.sessions.regenerate(issued.session, grace: .seconds(30))
        let late = try #require(try await test.sessions.load(issued.token.text))
        #expect(!late.hasPresentToken && renewed.session.hasPresentToken)
        #expect(await code { _ = try await test.sessions.regenerate(late, grace: .seconds(300)) } == .ended)
        #expect(await code { _ = try await test.sessions.regenerate(issued.session) } == .ended)
        #expect(try await test.sessions.load(renewed.token.text) != nil)
        let login = try await test.sessions.authenticate(late, as: "ada")
        #expect(try await test.sessions.load(renewed.token.text) == nil)
        #expect(try await test.sessions.load(login.token.text)?.subject == "ada")
    }

    @Test("a new token and new data are one commit") func regenerateWithData() async throws {
        let test = try SessionsUnderTest()
        let issued = try await test.sessions.create(Cart())
        var session = issued.session
        session.payload.items = ["admin"]
        let renewed = try await test.sessions.regenerate(session, flash: [FlashMessage("welcome")])
        #expect(try await test.sessions.load(issued.token.text) == nil)
        let loaded = try #require(try await test.sessions.load(renewed.token.text))
        #expect(loaded.payload.items == ["admin"])
        #expect(try await test.sessions.takeFlash(from: loaded).messages == [FlashMessage("welcome")])
    }

    @Test("a session is not handed to another subject") func otherSubject() async throws {
        let test = try SessionsUnderTest()
        let issued = try await test.sessions.create(Cart(), subject: "ada")
        #expect(await code { _ = try await test.sessions.authenticate(issued.session, as: "bob") } == .invalidSubject)
        #expect(try await test.sessions.load(issued.token.text)?.subject == "ada")
    }

    @Test("a login has the configuration's timeouts, whatever the visitor's session had") func loginTimeouts()
        async throws
    {
        let test = try SessionsUnderTest()
        let visitor = try await test.sessions.create(Cart(), idleTimeout: .seconds(11 * 3600))
        let login = try await test.sessions.authenticate(visitor.session, as: "ada")
        #expect(login.session.details.remaining == .seconds(1800))
        let remembered = try await test.sessions.authenticate(login.session, as: "ada", remembered: true)
        let again = try await test.sessions.authenticate(remembered.session, as: "ada")
        #expect(again.session.details.isRemembered)
        #expect(again.session.details.remaining == .seconds(14 * 86_400))
    }

    @Test("a logout ends a session that has got another token meanwhile") func logoutAfterLogin() async throws {
        let test = try SessionsUnderTest()
        let issued = try await test.sessions.create(Cart(), subject: "ada")
        let renewed = try await test.sessions.regenerate(issued.session)
        #expect(try await test.sessions.end(issued.session))
        #expect(try await test.sessions.load(renewed.token.text) == nil)
    }

    @Test("a grace period is at most five minutes") func longGrace() async throws {
        let test = try SessionsUnderTest()
        let issued = try await test.sessions.create(Cart())
        _ = try await test.sessions.regenerate(issued.session, grace: .seconds(Int64.max))
        test.clock.advance(by: .milliseconds(299_999))
        #expect(try await test.sessions.load(issued.token.text) != nil)
        test.clock.advance(by: .milliseconds(1))
        #expect(try await test.sessions.load(issued.token.text) == nil)
    }

    @Test("a logout in the grace period ends both tokens") func logoutInGrace() async throws {
        let test = try SessionsUnderTest()
        let issued = try await test.sessions.create(Cart(), subject: "ada")
        let late = try #require(try await test.sessions.load(issued.token.text))
        let renewed = try await test.sessions.regenerate(issued.session, grace: .seconds(30))
        #expect(try await test.sessions.end(late))
        #expect(try await test.sessions.load(renewed.token.text) == nil)
        #expect(try await test.sessions.load(issued.token.text) == nil)
        #expect(try await test.sessions.end(late) == false)
        #expect(try test.rows() == 0)
    }

    @Test("neither the file nor its log holds a token, before and after rotations") func rawTokens() async throws {
        let folder = try TemporaryFolder()
        defer { withExtendedLifetime(folder) {} }
        let store = try await TTLStore(path: folder("a.db"))
        let sessions = try Sessions<Cart>(store: store)
        var tokens: [String] = []
        for number in 0..<50 {
            let issued = try await sessions.create(Cart(items: ["marker \(number)"]), subject: "ada")
            let renewed = try await sessions.regenerate(issued.session, grace: .seconds(30))
            let last = try await sessions.authenticate(renewed.session, as: "ada")
            tokens += [issued, renewed, last].map(\.token.text)
            if number % 3 == 0 { try await sessions.end(last.session) }
        }
        var names: [String] = []
        for name in ["a.db", "a.db-wal"] {
            let bytes = try folder.bytes(name)
            for token in tokens { #expect(!bytes.contains(token)) }
            if bytes.contains("marker 7") { names.append(name) }
        }
        // The search finds what is there.
        #expect(!names.isEmpty)
        await store.close()
        let bytes = try folder.bytes("a.db")
        for token in tokens { #expect(!bytes.contains(token)) }
        #expect(bytes.contains("marker 7"))
    }
}

extension TemporaryFolder {
    fileprivate func bytes(_ name: String) throws -> Data { try Data(contentsOf: URL(fileURLWithPath: self(name))) }
}

extension Data {
    fileprivate func contains(_ text: String) -> Bool { range(of: Data(text.utf8)) != nil }
}
#endif
