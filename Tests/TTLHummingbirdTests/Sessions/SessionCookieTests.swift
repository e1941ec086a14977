#if Hummingbird
import HTTPTypes
import Hummingbird
import TTLHummingbird
import TTLSessions
import TTLStore
import TTLTestSupport
import Testing

@Suite struct SessionCookieTests {
    private static let flags: Set = ["Secure", "HttpOnly", "SameSite=Lax", "Path=/"]

    @Test("a session's cookie has all flags and no domain, and ends with the browser") func flags() async throws {
        let response = try await SessionServer().browser().send(.post, "/set/ada")
        let cookie = try #require(response.cookies.first)
        #expect(response.cookies.count == 1)
        #expect(cookie.name == "__Host-id")
        #expect(cookie.value.utf8.count == 43)
        #expect(cookie.attributes == Self.flags)
        #expect(response.headers[.cacheControl] == "no-store")
        #expect(response[all: .vary] == ["Cookie"])
        #expect("\(cookie.name)=\(cookie.value)".utf8.count <= 4096)
    }

    @Test("the cookie of a remembered session lasts until its absolute deadline") func remembered() async throws {
        let server = try SessionServer()
        let response = await server.browser().send(.post, "/login/ada?remembered=1")
        #expect(response.cookies.first?.attributes == Self.flags.union(["Max-Age=\(30 * 86_400)"]))
    }

    @Test("a logout removes the cookie by one with the same flags") func removal() async throws {
        let server = try SessionServer()
        let browser = server.browser()
        await browser.post("/login/ada")
        let token = try #require(browser.token)
        let response = await browser.post("/logout")
        #expect(response.cookies.first?.value == "")
        #expect(response.cookies.first?.attributes == Self.flags.union(["Max-Age=0"]))
        #expect(response.headers[.cacheControl] == "no-store")
        #expect(browser.token == nil)
        browser.token = token
        #expect(await browser.get("/name") == "anonymous")
        #expect(try await server.rows() == 0)
    }

    @Test("a logout removes a cookie that opens no session any more, and no other request does") func deadCookie()
        async throws
    {
        let server = try SessionServer()
        let browser = server.browser()
        #expect(await browser.post("/logout").cookies.isEmpty)
        await browser.post("/login/ada")
        try await server.sessions.endAll(of: "ada")
        #expect(await browser.send(.get, "/name").cookies.isEmpty)
        #expect(await browser.send(.get, "/plain").cookies.isEmpty)
        let response = await browser.post("/logout")
        #expect(response.cookies.first?.attributes == Self.flags.union(["Max-Age=0"]))
        #expect(browser.token == nil)
    }

    @Test("a request whose handlers leave the session alone gets no cookie, makes no row and may be cached")
    func untouched() async throws {
        let server = try SessionServer()
        let response = await server.browser().send(.get, "/plain")
        #expect(response.text == "plain")
        #expect(response.cookies.isEmpty)
        #expect(response.headers[.cacheControl] == nil && response[all: .vary].isEmpty)
        #expect(try await server.rows() == 0)
        #expect(try await server.temporary.store.statistics().misses == 0)
    }

    @Test("a response to a request whose handlers looked at the session is not stored, and varies by cookie")
    func looked() async throws {
        let server = try SessionServer(routes: { router, _ in
            router.get("/mine") { _, context in
                Response(
                    status: .ok, headers: [.cacheControl: "private", .vary: "Accept, cookie"],
                    body: ResponseBody(byteBuffer: ByteBuffer(string: context.sessions.session?.name ?? "none")))
            }
        })
        let response = await server.browser().send(.get, "/name")
        #expect(response.headers[.cacheControl] == "no-store")
        #expect(response[all: .vary] == ["Cookie"])
        let mine = await server.browser().send(.get, "/mine")
        #expect(mine.headers[.cacheControl] == "private")
        #expect(mine[all: .vary] == ["Accept, cookie"])
    }

    @Test("the handlers' own cookies are kept apart") func otherCookies() async throws {
        let server = try SessionServer(routes: { router, _ in
            router.post("/theme") { _, context in
                context.sessions.setSession(Visit())
                var response = Response(status: .ok)
                response.setCookie(Cookie(name: "theme", value: "dark"))
                return response
            }
        })
        let response = await server.browser().send(.post, "/theme")
        #expect(response.cookies.map(\.name) == ["theme", "__Host-id"])
    }

    @Test("the cookie for local development has no prefix and no Secure, and works") func insecure() async throws {
        var configuration = SessionMiddlewareConfiguration()
        configuration.cookie = .insecureForLocalDevelopmentOverPlainHTTP()
        let server = try SessionServer(configuration: configuration)
        let browser = server.browser()
        let response = await browser.send(.post, "/set/ada")
        #expect(response.cookies.first?.name == "id")
        #expect(response.cookies.first?.attributes == ["HttpOnly", "SameSite=Lax", "Path=/"])
        #expect(await browser.get("/name") == "ada")
    }

    @Test("a cookie's name is made of harmless characters", arguments: [("a b;c", "__Host-a_b_c"), ("", "__Host-id")])
    func names(name: String, expected: String) {
        #expect(SessionCookie(name: name).name == expected)
    }

    @Test("a cookie can be strict") func strict() async throws {
        var configuration = SessionMiddlewareConfiguration()
        configuration.cookie = SessionCookie(name: "s", sameSite: .strict)
        let response = try await SessionServer(configuration: configuration).browser().send(.post, "/set/ada")
        #expect(response.cookies.first?.name == "__Host-s")
        #expect(response.cookies.first?.attributes.contains("SameSite=Strict") == true)
    }

    @Test(
        "a cookie that opens nothing is an anonymous request, and is never taken over",
        arguments: [
            String(repeating: "A", count: 43), "", "x", "\"quoted\"", "' OR 1=1 --", "a\0b", "é",
            String(repeating: "a", count: 1 << 20),
        ])
    func planted(value: String) async throws {
        let server = try SessionServer()
        let browser = server.browser()
        let response = await browser.send(.get, "/name", cookie: "__Host-id=\(value)")
        #expect(response.status == .ok && response.text == "anonymous")
        #expect(response.cookies.isEmpty)
        #expect(try await server.rows() == 0)
        let begun = await browser.send(.post, "/login/ada", cookie: "__Host-id=\(value)")
        #expect(begun.status == .ok)
        #expect(begun.cookies.first?.value.utf8.count == 43 && begun.cookies.first?.value != value)
        #expect(await browser.send(.get, "/name", cookie: "__Host-id=\(value)").text == "anonymous")
    }

    @Test("of several cookies of the name the first that opens a session counts") func several() async throws {
        let server = try SessionServer()
        let (ada, bob) = (server.browser(), server.browser())
        await ada.post("/login/ada")
        await bob.post("/login/bob")
        let (adas, bobs) = (try #require(ada.token), try #require(bob.token))
        let planted = String(repeating: "A", count: 43)
        func name(_ cookie: String) async -> String { await server.browser().send(.get, "/name", cookie: cookie).text }
        #expect(await name("__Host-id=\(planted); __Host-id=\(adas); __Host-id=\(bobs)") == "ada")
        #expect(await name("__Host-id=x;__Host-id=\(bobs);  __Host-id=\(adas)") == "bob")
        #expect(await name("x__Host-id=\(adas); __Host-idx=\(adas); __Host-id") == "anonymous")
        #expect(await name("theme=dark; __Host-id=\(adas)") == "ada")
        let many = (0..<20).map { _ in "__Host-id=\(planted)" }.joined(separator: "; ")
        #expect(await name("\(many); __Host-id=\(adas)") == "anonymous")
    }
}
#endif
