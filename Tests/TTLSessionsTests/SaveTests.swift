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

    @Test("in 10,000 races of an end against a save the session stays ended") func races() async throws {
        let test = try SessionsUnderTest()
        let others = try test.others()
        let sessions = test.sessions
        try await withThrowingTaskGroup(of: Void.self) { group in
            for worker in 0..<20 {
                group.addTask {
                    for round in 0..<500 {
                        let issued = try await sessions.create(Cart(), subject: "user \(worker)")
                        var session = issued.session
                        session.payload.items = ["saved"]
                        async let save: SessionError.Code? = code { try await others.save(session) }
                        let isEnded =
                            round % 2 == 0
                            ? try await sessions.end(issued.session)
                            : try await sessions.endAll(of: "user \(worker)") == 1
                        let outcome = await save
                        #expect(isEnded)
                        #expect(outcome == nil || outcome == .ended)
                        #expect(try await sessions.load(issued.token.text) == nil)
                    }
                }
            }
            try await group.waitForAll()
        }
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

    @Test("a hundred tasks that add by compare and set lose nothing") func additions() async throws {
        let test = try SessionsUnderTest()
        let sessions = test.sessions
        let token = try await sessions.create(Cart()).token.text
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<100 {
                group.addTask {
                    while true {
                        var session = try #require(try await sessions.load(token))
                        session.payload.items.append("\(number)")
                        let refusal = await code { try await sessions.save(session, when: .ifUnchanged) }
                        if refusal == nil { return }
                        #expect(refusal == .changed)
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(Set(try await sessions.load(token)?.payload.items ?? []).count == 100)
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

    @Test("a message is read once, by one of many requests") func flash() async throws {
        let test = try SessionsUnderTest()
        let sessions = test.sessions
        let messages = [FlashMessage("saved"), FlashMessage("\"payload\":", kind: "error")]
        let token = try await sessions.create(Cart(), flash: messages).token.text
        let taken = try await withThrowingTaskGroup(of: [FlashMessage].self) { group in
            for _ in 0..<50 {
                group.addTask {
                    let session = try #require(try await sessions.load(token))
                    return try await sessions.takeFlash(from: session).messages
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        #expect(taken == messages)
        let session = try #require(try await sessions.load(token))
        let (none, same) = try await sessions.takeFlash(from: session)
        #expect(none.isEmpty)
        try await sessions.save(same, when: .ifUnchanged)
    }

    @Test("one request of a session at a time has exclusive access, across processes") func exclusive() async throws {
        let test = try SessionsUnderTest()
        let token = try await test.sessions.create(Cart()).token.text
        let session = try #require(try await test.sessions.load(token))
        let objects = [test.sessions, try test.others()]
        let inside = Counter()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<40 {
                group.addTask {
                    try await objects[number % 2].withExclusiveAccess(to: session, waiting: .seconds(600)) { current in
                        inside.add(1)
                        #expect(inside.value == 1)
                        var current = current
                        current.payload.items.append("\(number)")
                        await Task.yield()
                        try await objects[number % 2].save(current, when: .ifUnchanged)
                        inside.add(-1)
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(try await test.sessions.load(token)?.payload.items.count == 40)
    }

    @Test("a turn that doesn't come is busy, and one of a killed server ends by itself") func turns() async throws {
        let test = try SessionsUnderTest()
        let session = try await test.sessions.create(Cart()).session
        let lock = try #require(try await TTLStoreSessionStorage(test.store).lock(session.handle, milliseconds: 30_000))
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
