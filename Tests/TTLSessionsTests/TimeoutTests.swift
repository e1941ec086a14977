#if Sessions
import Foundation
import TTLSessions
import TTLStore
import TTLStoreTesting
import TTLTestSupport
import Testing

@Suite struct TimeoutTests {
    @Test("a session that is not used ends at its idle timeout") func idle() async throws {
        let test = try SessionsUnderTest()
        let token = try await test.sessions.create(Cart()).token.text
        test.clock.advance(by: .milliseconds(1_799_999))
        #expect(try await test.others().load(token) != nil)
        let other = try await test.sessions.create(Cart()).token.text
        test.clock.advance(by: .milliseconds(1_800_000))
        #expect(try await test.sessions.load(other) == nil)
    }

    @Test("use keeps a session alive, and its absolute timeout ends it all the same") func absolute() async throws {
        let test = try SessionsUnderTest()
        let token = try await test.sessions.create(Cart()).token.text
        for _ in 0..<(12 * 60 - 1) {
            test.clock.advance(by: .seconds(60))
            #expect(try await test.sessions.load(token) != nil)
        }
        test.clock.advance(by: .milliseconds(59_999))
        #expect(try await test.sessions.load(token) != nil)
        test.clock.advance(by: .milliseconds(1))
        #expect(try await test.sessions.load(token) == nil)
    }

    @Test("a session ends between 25 and 30 minutes after its last use, at whatever pace it is used")
    func precision() async throws {
        for pace in [1, 7, 59, 299, 300, 301, 1499] {
            let test = try SessionsUnderTest()
            let token = try await test.sessions.create(Cart()).token.text
            for _ in 0..<20 {
                test.clock.advance(by: .seconds(pace))
                let session = try #require(try await test.sessions.load(token))
                let left = session.details.remaining
                #expect(left > .seconds(1500) && left <= .seconds(1800))
            }
        }
    }

    @Test("near its absolute deadline a session that is used doesn't end early") func deadline() async throws {
        for start in [11 * 3600 + 29 * 60, 11 * 3600 + 31 * 60 - 1, 11 * 3600 + 33 * 60] {
            let test = try SessionsUnderTest()
            let token = try await test.sessions.create(Cart()).token.text
            for second in stride(from: 600, through: start, by: 600) {
                test.clock.advance(by: .seconds(600))
                #expect(try await test.sessions.load(token) != nil, "at \(second)")
            }
            test.clock.advance(by: .seconds(start % 600))
            for second in start..<12 * 3600 {
                if second % 60 == 0 { #expect(try await test.sessions.load(token) != nil, "at \(second)") }
                test.clock.advance(by: .seconds(1))
            }
            #expect(try await test.sessions.load(token) == nil)
        }
    }

    @Test("a thousand requests in five minutes cost one write") func writes() async throws {
        let test = try SessionsUnderTest()
        let token = try await test.sessions.create(Cart()).token.text
        let sets = try await test.store.statistics().sets
        for _ in 0..<1000 {
            test.clock.advance(by: .milliseconds(300))
            #expect(try await test.sessions.load(token) != nil)
        }
        #expect(test.sessions.statistics.usesWritten == 1)
        #expect(try await test.store.statistics().sets == sets)
    }

    @Test("the use of a session does not rewrite its payload") func revision() async throws {
        let test = try SessionsUnderTest()
        let token = try await test.sessions.create(Cart()).token.text
        let key = try #require(try await test.store.keys(.prefix("ttl.session:")).elements.first)
        let before = try #require(try await test.store.entry(key))
        test.clock.advance(by: .seconds(301))
        #expect(try await test.sessions.load(token) != nil)
        let after = try #require(try await test.store.entry(key))
        #expect(after.revision == before.revision)
        #expect(after.updatedAt == before.updatedAt)
        #expect(after.expiresAt == before.expiresAt?.addingTimeInterval(301))
    }

    @Test("the last use is known to five minutes, and to an hour once the deadline is near") func lastSeen()
        async throws
    {
        let test = try SessionsUnderTest { $0.timeouts = .init(idle: .seconds(36_000), absolute: .seconds(43_200)) }
        let token = try await test.sessions.create(Cart(), subject: "ada").token.text
        for _ in 0..<(43_200 / 60 - 1) {
            test.clock.advance(by: .seconds(60))
            let session = try #require(try await test.sessions.load(token))
            let age = Double(test.clock.now) / 1000 - session.details.lastSeenAt.timeIntervalSince1970
            let isNearEnd = session.details.expiresAt == session.details.endsAt
            #expect(age >= 0 && age < (isNearEnd ? 3600 : 300))
        }
    }

    @Test("a remembered session has timeouts of its own") func remembered() async throws {
        let test = try SessionsUnderTest()
        let token = try await test.sessions.create(Cart(), remembered: true).token.text
        test.clock.advance(by: .seconds(13 * 86_400))
        let session = try #require(try await test.sessions.load(token))
        #expect(session.details.isRemembered)
        test.clock.advance(by: .seconds(14 * 86_400))
        #expect(try await test.sessions.load(token) == nil)
    }

    @Test("one session can have an idle timeout of its own, and its deadline stays") func ownTimeout() async throws {
        let test = try SessionsUnderTest()
        let issued = try await test.sessions.create(Cart(), idleTimeout: .seconds(600))
        #expect(issued.session.details.remaining == .seconds(600))
        let saved = try await test.sessions.save(issued.session, idleTimeout: .seconds(70), flash: [])
        #expect(saved.details.remaining == .seconds(70))
        let long = try await test.sessions.save(saved, idleTimeout: .seconds(Int64.max), flash: [])
        #expect(long.details.remaining == .seconds(12 * 3600))
        #expect(long.details.endsAt == issued.session.details.endsAt)
        #expect(await code { try await test.sessions.save(long, idleTimeout: .zero, flash: []) } == .invalidExpiry)
    }

    @Test("a session is fresh after an authentication, and not for ever") func freshness() async throws {
        let test = try SessionsUnderTest()
        let anonymous = try await test.sessions.create(Cart())
        #expect(!anonymous.session.isFresh(within: .seconds(600)))
        let token = try await test.sessions.authenticate(anonymous.session, as: "ada").token.text
        test.clock.advance(by: .seconds(600))
        let session = try #require(try await test.sessions.load(token))
        #expect(session.isFresh(within: .seconds(600)))
        #expect(!session.isFresh(within: .milliseconds(599_999)))
        let renewed = try await test.sessions.regenerate(session)
        #expect(!renewed.session.isFresh(within: .seconds(599)))
        let again = try await test.sessions.authenticate(renewed.session, as: "ada")
        #expect(again.session.isFresh(within: .zero))
        test.clock.advance(by: .seconds(-60))
        let back = try #require(try await test.sessions.load(again.token.text))
        #expect(!back.isFresh(within: .seconds(600)))
    }

    @Test("a timeout is reported with the session's handle") func reported() async throws {
        let test = try SessionsUnderTest()
        let reports = Task { [sessions = test.sessions] in try await sessions.reportTimeouts() }
        var handles: Set<SessionHandle> = []
        // What leaves before the task has begun is not reported.
        var reported: SessionHandle?
        while reported == nil {
            handles.insert(try await test.sessions.create(Cart(), subject: "ada").session.handle)
            try await test.store.set("no session", "", expiring: .seconds(1))
            try test.temporary.advance(by: .seconds(1800))
            try await Task.sleep(for: .milliseconds(1))
            reported = test.events.all.first { $0.kind == .timedOut }?.handle
        }
        #expect(handles.contains(try #require(reported)))
        await test.store.close()
        try await reports.value
        #expect(test.sessions.statistics.timedOut == test.events.all.count { $0.kind == .timedOut })
    }
}
#endif
