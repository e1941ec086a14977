#if Sessions
import TTLSessions
import TTLStore
import TTLStoreTesting
import TTLTestSupport
import Testing

/// Requests at the same time.
@Suite struct SessionConcurrencyTests {
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

    @Test("of two logins at the same time one gets the session") func twoLogins() async throws {
        let test = try SessionsUnderTest()
        let sessions = test.sessions
        for _ in 0..<200 {
            let session = try await sessions.create(Cart()).session
            async let first = code { _ = try await sessions.authenticate(session, as: "ada") }
            async let second = code { _ = try await sessions.authenticate(session, as: "bob") }
            let outcomes = await [first, second]
            #expect(outcomes.contains(.ended) && outcomes.contains(nil))
        }
        #expect(try test.rows() == 200)
    }

    @Test("of many requests with an old token one gets the new one, and none fails") func manyRenewals() async throws {
        let test = try SessionsUnderTest { $0.timeouts.idle = .seconds(7200) }
        let sessions = test.sessions
        let token = try await sessions.create(Cart()).token.text
        test.clock.advance(by: .seconds(3600))
        let tokens: [SessionToken] = try await withThrowingTaskGroup(of: SessionToken?.self) { group in
            for _ in 0..<50 {
                group.addTask {
                    let session = try #require(try await sessions.load(token))
                    let renewed = try await sessions.renew(session)
                    try await sessions.save(renewed?.session ?? session)
                    return renewed?.token
                }
            }
            return try await group.reduce(into: []) { if let token = $1 { $0.append(token) } }
        }
        #expect(tokens.count == 1)
        #expect(sessions.statistics.tokensRenewed == 1)
        // A late use of the old token must not have made its grace period longer.
        test.clock.advance(by: .seconds(30))
        #expect(try await sessions.load(token) == nil)
        let renewed = try #require(tokens.first)
        #expect(try await sessions.load(renewed.text) != nil)
    }

    @Test("after many logins at the same time a subject has its maximum of sessions", arguments: [1, 3])
    func concurrentMaximum(maximum: Int) async throws {
        let test = try SessionsUnderTest { $0.maximumPerSubject = maximum }
        let sessions = test.sessions
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<60 { group.addTask { _ = try await sessions.create(Cart(), subject: "ada") } }
            try await group.waitForAll()
        }
        #expect(try await sessions.list(of: "ada").count == maximum)
    }

    @Test("a login succeeds, however many others end the sessions of the subject") func endedAtOnce() async throws {
        let test = try SessionsUnderTest()
        let sessions = test.sessions
        try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<4 {
                group.addTask {
                    for _ in 0..<200 { _ = try await sessions.create(Cart(), subject: "ada") }
                    return 0
                }
                group.addTask {
                    var ended = 0
                    for _ in 0..<200 { ended += try await sessions.endAll(of: "ada") }
                    return ended
                }
            }
            let ended = try await group.reduce(0, +)
            #expect(try await ended + sessions.list(of: "ada").count == 800)
        }
    }
}
#endif
