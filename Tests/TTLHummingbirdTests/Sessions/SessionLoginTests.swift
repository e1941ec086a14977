#if Hummingbird
import HTTPTypes
import Hummingbird
import NIOCore
import TTLHummingbird
import TTLSessions
import TTLStore
import TTLTestSupport
import Testing

/// Logins, tokens and devices.
@Suite struct SessionLoginTests {
    @Test("a login gives another token each time, and the old ones open nothing") func login() async throws {
        let server = try SessionServer()
        let browser = server.browser()
        await browser.post("/set/visitor")
        let visitor = try #require(browser.token)
        await browser.post("/login/ada")
        let ada = try #require(browser.token)
        #expect(ada != visitor)
        #expect(await browser.get("/name") == "ada")
        await browser.post("/login/ada")
        #expect(browser.token != ada)
        for token in [visitor, ada] {
            #expect(await server.browser().send(.get, "/name", cookie: "__Host-id=\(token)").text == "anonymous")
        }
        #expect(try await server.rows() == 1)
    }

    @Test("a login as another user ends the first user's session") func otherUser() async throws {
        let server = try SessionServer()
        let browser = server.browser()
        await browser.post("/login/ada")
        let handle = await browser.get("/devices")
        await browser.post("/login/bob")
        #expect(await browser.get("/name") == "bob")
        #expect(await browser.get("/devices") != handle)
        #expect(try await server.sessions.list(of: "ada").isEmpty)
        #expect(try await server.rows() == 1)
    }

    @Test("an application can ask for another token") func regenerate() async throws {
        let server = try SessionServer()
        let browser = server.browser()
        await browser.post("/login/ada")
        let old = browser.token
        let devices = await browser.get("/devices")
        await browser.post("/regenerate")
        #expect(browser.token != old && browser.token != nil)
        #expect(await browser.get("/devices") == devices)
    }

    @Test("a token is renewed by its age, and requests under way get through") func renewal() async throws {
        let server = try SessionServer { $0.timeouts.idle = .seconds(7200) }
        let browser = server.browser()
        await browser.post("/login/ada")
        let old = try #require(browser.token)
        server.temporary.clock.advance(by: .seconds(3600))
        #expect(await browser.get("/name") == "ada")
        #expect(browser.token != old)
        let late = await server.browser().send(.post, "/change/late", cookie: "__Host-id=\(old)")
        #expect(late.status == .ok && late.cookies.isEmpty)
        #expect(await browser.get("/name") == "late")
        server.temporary.clock.advance(by: .seconds(30))
        #expect(await server.browser().send(.get, "/name", cookie: "__Host-id=\(old)").text == "anonymous")
    }

    @Test("data that is set after a logout in one request begins a session that has nothing of the old one")
    func clearThenSet() async throws {
        let server = try SessionServer(routes: { router, _ in
            router.post("/anew") { _, context in
                context.sessions.clearSession()
                context.sessions.setSession(Visit(name: "anew"))
                return "done"
            }
        })
        let browser = server.browser()
        await browser.post("/login/ada")
        let (old, handle) = (browser.token, await browser.get("/devices"))
        await browser.post("/anew")
        #expect(browser.token != old && browser.token != nil)
        #expect(await browser.get("/name") == "anew")
        #expect(!handle.isEmpty)
        #expect(await browser.get("/devices") == "")
        #expect(try await server.rows() == 1)
    }

    @Test("devices are listed, and log out one, the others and all of them") func devices() async throws {
        let server = try SessionServer()
        let browsers = [server.browser(), server.browser(), server.browser(), server.browser()]
        for browser in browsers { await browser.post("/login/ada") }
        let stranger = server.browser()
        await stranger.post("/login/eve")
        let devices = await browsers[0].get("/devices").split(separator: ",")
        #expect(devices.count == 4 && devices.count { $0.hasSuffix("*") } == 1)
        let second =
            await browsers[1].get("/devices").split(separator: ",").first { $0.hasSuffix("*") }?.dropLast() ?? ""
        #expect(await stranger.post("/end/\(second)").status == .notFound)
        #expect(await browsers[0].post("/end/\(second)").text == "ended")
        #expect(await browsers[1].get("/name") == "anonymous")
        #expect(await browsers[0].post("/end-others").text == "2")
        #expect(await browsers[2].get("/name") == "anonymous")
        #expect(await browsers[0].get("/name") == "ada")
        let all = await browsers[0].post("/end-all")
        #expect(all.text == "1" && all.cookies.first?.isRemoval == true)
        #expect(await browsers[0].get("/name") == "anonymous")
        #expect(await stranger.get("/name") == "eve")
    }

    @Test("a browser that ends its own session by its handle is logged out") func ownHandle() async throws {
        let server = try SessionServer()
        let browser = server.browser()
        await browser.post("/login/ada")
        let handle = await browser.get("/devices").dropLast()
        let response = await browser.post("/end/\(handle)")
        #expect(response.text == "ended" && response.cookies.first?.isRemoval == true)
    }

    @Test("a session is fresh after the login, and not for ever") func fresh() async throws {
        let server = try SessionServer()
        let browser = server.browser()
        #expect(await browser.get("/fresh") == "false")
        await browser.post("/login/ada")
        #expect(await browser.get("/fresh") == "true")
        server.temporary.clock.advance(by: .seconds(601))
        #expect(await browser.get("/fresh") == "false")
    }

    @Test("a request with an old token doesn't set the browser's cookie back to it") func oldToken() async throws {
        let server = try SessionServer { $0.timeouts.idle = .seconds(7200) }
        let browser = server.browser()
        await browser.post("/login/ada")
        let old = try #require(browser.token)
        server.temporary.clock.advance(by: .seconds(3600))
        _ = await browser.get("/name")
        #expect(browser.token != old)
        let late = await server.browser().send(.post, "/set/late?seconds=600", cookie: "__Host-id=\(old)")
        #expect(late.status == .ok && late.cookies.isEmpty)
        #expect(await browser.get("/name") == "late")
        let refused = await server.browser().send(.post, "/regenerate", cookie: "__Host-id=\(old)")
        #expect(refused.status == .conflict && refused.cookies.isEmpty)
    }

    @Test("a user who enters the password again stays remembered") func staysRemembered() async throws {
        let server = try SessionServer()
        let browser = server.browser()
        await browser.post("/login/ada?remembered=1")
        let again = await browser.send(.post, "/login/ada")
        #expect(again.cookies.first?.maximumAge == 30 * 86_400)
    }

    @Test("a logout by setting the data to nil forgets the login of the same request") func nilForgets() async throws {
        let server = try SessionServer(routes: { router, _ in
            router.post("/both") { _, context in
                context.sessions.authenticate(Visit(name: "ada"), as: "ada")
                context.sessions.withLockedSession { $0 = nil }
                context.sessions.setSession(Visit(name: "visitor"))
                return "done"
            }
        })
        let browser = server.browser()
        await browser.post("/both")
        #expect(await browser.get("/name") == "visitor")
        #expect(try await server.sessions.list(of: "ada").isEmpty)
    }
}
#endif
