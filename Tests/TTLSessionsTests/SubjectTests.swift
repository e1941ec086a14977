#if Sessions
import Foundation
import TTLSessions
import TTLStore
import TTLStoreTesting
import TTLTestSupport
import Testing

@Suite struct SubjectTests {
    @Test("a subject's sessions are listed with what a page shows, the last used first") func list() async throws {
        let test = try SessionsUnderTest()
        let phone = try await test.sessions.create(
            Cart(), subject: "ada",
            client: SessionClient(label: "Phone", userAgent: "Mozilla/5.0", address: "192.0.2.1"))
        test.clock.advance(by: .seconds(600))
        let laptop = try await test.sessions.create(Cart(), subject: "ada", client: SessionClient(label: "Laptop"))
        _ = try await test.sessions.create(Cart(), subject: "bob")
        _ = try await test.sessions.create(Cart())
        test.clock.advance(by: .seconds(600))
        let current = try #require(try await test.sessions.load(phone.token.text))
        let list = try await test.sessions.list(of: "ada", current: current)
        #expect(list.map(\.handle) == [phone.session.handle, laptop.session.handle])
        #expect(list.map(\.isCurrent) == [true, false])
        #expect(list.map(\.client.label) == ["Phone", "Laptop"])
        #expect(list[0].client.userAgent == "Mozilla/5.0" && list[0].client.address == "192.0.2.1")
        #expect(list[0].lastSeenAt.timeIntervalSince(list[0].createdAt) == 1200)
        #expect(list[1].lastSeenAt.timeIntervalSince(list[0].createdAt) == 600)
    }

    @Test("one session ends by its handle, of its own subject only") func byHandle() async throws {
        let test = try SessionsUnderTest()
        let phone = try await test.sessions.create(Cart(), subject: "ada")
        let laptop = try await test.sessions.create(Cart(), subject: "ada")
        #expect(try await test.sessions.end(phone.session.handle, of: "bob") == false)
        #expect(try await test.sessions.end(phone.session.handle, of: "ada"))
        #expect(try await test.sessions.end(phone.session.handle, of: "ada") == false)
        #expect(try await test.others().load(phone.token.text) == nil)
        #expect(try await test.others().load(laptop.token.text) != nil)
    }

    @Test("all sessions of a subject end but the current one, also under a renewed token") func others() async throws {
        let test = try SessionsUnderTest()
        let mine = try await test.sessions.create(Cart(), subject: "ada")
        let renewed = try await test.sessions.regenerate(mine.session)
        var tokens: [String] = []
        for _ in 0..<5 { tokens.append(try await test.sessions.create(Cart(), subject: "ada").token.text) }
        #expect(try await test.sessions.endOthers(than: mine.session) == 5)
        for token in tokens { #expect(try await test.others().load(token) == nil) }
        #expect(try await test.others().load(renewed.token.text) != nil)
        let nobody = try await test.sessions.create(Cart())
        #expect(try await test.sessions.endOthers(than: nobody.session) == 0)
    }

    @Test("all sessions of a subject end, and everybody's") func all() async throws {
        let test = try SessionsUnderTest()
        var tokens: [String] = []
        for subject in ["ada", "ada", "bob", nil] {
            tokens.append(try await test.sessions.create(Cart(), subject: subject).token.text)
        }
        try await test.store.set("ttl.session", "another entry")
        try await test.store.set("ttl.sessions", "another entry", tag: "ttl.session:web:ada!")
        #expect(try await test.sessions.endAll(of: "ada") == 2)
        #expect(try await test.others().load(tokens[0]) == nil)
        #expect(try await test.others().load(tokens[2]) != nil)
        #expect(try await test.others().endEverybody() == 2)
        for token in tokens { #expect(try await test.sessions.load(token) == nil) }
        #expect(try await test.store.count() == 2)
        #expect(test.sessions.statistics.ended == 2)
    }

    @Test("beyond the maximum the sessions end that were not used for longest") func maximum() async throws {
        let test = try SessionsUnderTest { $0.maximumPerSubject = 2 }
        let first = try await test.sessions.create(Cart(), subject: "ada")
        test.clock.advance(by: .seconds(400))
        let second = try await test.sessions.create(Cart(), subject: "ada")
        test.clock.advance(by: .seconds(400))
        _ = try await test.sessions.load(first.token.text)
        let anonymous = try await test.sessions.create(Cart())
        let third = try await test.sessions.authenticate(anonymous.session, as: "ada")
        _ = try await test.sessions.create(Cart(), subject: "bob")
        #expect(try await test.sessions.load(second.token.text) == nil)
        #expect(try await test.sessions.load(first.token.text) != nil)
        #expect(try await test.sessions.load(third.token.text) != nil)
        #expect(test.events.all.contains { $0.kind == .ended && $0.handle == second.session.handle })
    }

    @Test("a login counts as the last use, also if the clock was set back") func clockBack() async throws {
        let test = try SessionsUnderTest { $0.maximumPerSubject = 1 }
        let old = try await test.sessions.create(Cart(), subject: "ada")
        test.clock.advance(by: .seconds(-3600))
        let new = try await test.sessions.create(Cart(), subject: "ada")
        #expect(try await test.sessions.load(old.token.text) == nil)
        #expect(try await test.sessions.load(new.token.text) != nil)
    }

    @Test("everybody's sessions end, also one that changes its token meanwhile") func everybody() async throws {
        let test = try SessionsUnderTest()
        let others = try test.others()
        for _ in 0..<500 { _ = try await test.sessions.create(Cart()) }
        let first = try await test.sessions.create(Cart())
        async let refusal = code {
            var issued = first
            while true { issued = try await others.regenerate(issued.session) }
        }
        try await test.sessions.endEverybody()
        #expect(await refusal == .ended)
        #expect(try test.rows() == 0)
    }

    @Test("kinds of sessions in one store know nothing of each other") func names() async throws {
        let test = try SessionsUnderTest()
        let admins = try Sessions<Cart>(store: test.store, name: "admin")
        let token = try await test.sessions.create(Cart(), subject: "1").token.text
        let admin = try await admins.create(Cart(), subject: "1")
        #expect(try await admins.load(token) == nil)
        #expect(try await admins.end(token: token) == false)
        #expect(try await admins.list(of: "1").map(\.handle) == [admin.session.handle])
        #expect(try await admins.endEverybody() == 1)
        #expect(try await test.sessions.load(token) != nil)
        for name in ["", "a:b", "é", String(repeating: "a", count: 33)] {
            #expect(throws: SessionError.self) { _ = try Sessions<Cart>(store: test.store, name: name) }
        }
    }

    @Test("an edited row neither blocks a subject's other sessions nor survives their end") func editedRow()
        async throws
    {
        let test = try SessionsUnderTest()
        let mine = try await test.sessions.create(Cart(), subject: "ada")
        _ = try await test.sessions.create(Cart(), subject: "ada")
        let keys = try await test.store.keys(.prefix("ttl.session:")).elements
        let texts = try keys.map { try #require(try test.store.get($0)) }
        let place = try #require(texts.firstIndex { !$0.contains(mine.session.handle.text) })
        try await test.store.set(keys[place], "edited", expiring: .keep, tag: "ttl.session:web:ada")
        #expect(try await test.sessions.list(of: "ada").map(\.handle) == [mine.session.handle])
        #expect(try await test.sessions.endOthers(than: mine.session) == 1)
        #expect(try test.rows() == 1)
    }

    @Test("a subject is 1 to 512 bytes of any text", arguments: ["", String(repeating: "é", count: 257)])
    func invalid(subject: String) async throws {
        let test = try SessionsUnderTest()
        let session = try await test.sessions.create(Cart()).session
        #expect(await code { _ = try await test.sessions.create(Cart(), subject: subject) } == .invalidSubject)
        #expect(await code { _ = try await test.sessions.authenticate(session, as: subject) } == .invalidSubject)
        #expect(await code { _ = try await test.sessions.list(of: subject) } == .invalidSubject)
        #expect(await code { _ = try await test.sessions.endAll(of: subject) } == .invalidSubject)
        #expect(await code { _ = try await test.sessions.end(session.handle, of: subject) } == .invalidSubject)
        #expect(try test.rows() == 1)
    }

    @Test(
        "a subject may be any text of that length",
        arguments: ["a", "Ådam ☃ '\"%_\\", "a\0b", String(repeating: "é", count: 256), "{\"payload\":1}"])
    func valid(subject: String) async throws {
        let test = try SessionsUnderTest()
        let token = try await test.sessions.create(Cart(items: ["mine"]), subject: subject).token.text
        #expect(try await test.sessions.load(token)?.subject == subject)
        #expect(try await test.sessions.list(of: subject).count == 1)
        #expect(try await test.sessions.endAll(of: subject) == 1)
    }
}
#endif
