#if Hummingbird
import HTTPTypes
import Hummingbird
import NIOCore
import TTLHummingbird
import TTLSessions
import TTLStore
import TTLTestSupport
import Testing

@Suite struct SessionMiddlewareTests {
    @Test("a session is kept from request to request, and by no other browser") func kept() async throws {
        let server = try SessionServer()
        let (ada, other) = (server.browser(), server.browser())
        #expect(await ada.get("/name") == "anonymous")
        await ada.post("/set/ada")
        #expect(await ada.get("/name") == "ada")
        #expect(await other.get("/name") == "anonymous")
    }

    @Test("a change is saved without another cookie") func changed() async throws {
        let server = try SessionServer()
        let browser = server.browser()
        await browser.post("/set/ada")
        let token = browser.token
        let response = await browser.send(.post, "/change/grace")
        #expect(response.cookies.isEmpty && response.text == "changed")
        #expect(await browser.get("/name") == "grace")
        #expect(browser.token == token)
        #expect(await server.browser().send(.post, "/change/x").text == "nothing")
    }

    @Test("a request without a change writes nothing") func unchanged() async throws {
        let server = try SessionServer()
        let browser = server.browser()
        await browser.post("/set/ada")
        let before = try await server.temporary.store.statistics().sets
        for _ in 0..<50 { #expect(await browser.get("/name") == "ada") }
        #expect(try await server.temporary.store.statistics().sets == before)
        #expect(server.sessions.statistics.usesWritten == 0)
    }

    @Test("a new timeout is sent as the same token, and counts from then on") func timeout() async throws {
        let server = try SessionServer()
        let browser = server.browser()
        await browser.post("/set/ada?seconds=600")
        let token = browser.token
        #expect((595...600).contains(Int(await browser.get("/left")) ?? 0))
        let response = await browser.send(.post, "/set/ada?seconds=70")
        #expect(response.cookies.first?.value == token)
        #expect((65...70).contains(Int(await browser.get("/left")) ?? 0))
        server.temporary.clock.advance(by: .seconds(70))
        #expect(await browser.get("/name") == "anonymous")
    }

    @Test("an idle session is out at its next click") func idle() async throws {
        let server = try SessionServer()
        let browser = server.browser()
        await browser.post("/login/ada")
        for _ in 0..<10 {
            server.temporary.clock.advance(by: .seconds(1499))
            #expect(await browser.get("/name") == "ada")
        }
        server.temporary.clock.advance(by: .seconds(1800))
        #expect(await browser.get("/name") == "anonymous")
    }

    @Test("a session is saved before the response's head is sent") func savedBefore() async throws {
        let server = try SessionServer()
        let request = Request(
            head: HTTPRequest(method: .post, scheme: "http", authority: "localhost", path: "/set/ada"),
            body: RequestBody(buffer: ByteBuffer()))
        let response = await server.router.send(request) { (response: Response) async throws in
            let token = SetCookie(response.headers[.setCookie] ?? "").value
            #expect(try await server.sessions.load(token)?.payload.name == "ada")
        }
        #expect(response.isComplete && response.unhandledError == nil)
    }

    @Test("a message is shown once, on the next page") func flash() async throws {
        let server = try SessionServer()
        let browser = server.browser()
        #expect(await browser.post("/flash/lost").text == "lost")
        await browser.post("/login/ada")
        #expect(await browser.post("/flash/one").text == "kept")
        await browser.post("/flash/two")
        #expect(await browser.get("/flash") == "one,two")
        #expect(await browser.get("/flash") == "")
        #expect(await browser.post("/flash/three").text == "kept")
        await browser.post("/change/grace")
        #expect(await browser.get("/flash") == "three")
    }

    @Test("a message that is taken and data that is changed in one request are both saved") func flashAndChange()
        async throws
    {
        let server = try SessionServer(routes: { router, _ in
            router.post("/both") { _, context in
                let taken = try await context.sessions.takeFlash().map(\.text)
                context.sessions.withLockedSession { $0?.steps = taken }
                context.sessions.flash("next")
                return "done"
            }
        })
        let browser = server.browser()
        await browser.post("/login/ada")
        await browser.post("/flash/first")
        await browser.post("/both")
        #expect(await browser.get("/flash") == "next")
        let token = try #require(browser.token)
        #expect(try await server.sessions.load(token)?.payload.steps == ["first"])
    }

    @Test("requests of one session run one after the other where that is asked for") func serialized() async throws {
        let inside = Counter()
        var configuration = SessionMiddlewareConfiguration()
        configuration.exclusiveAccess = .init(waiting: .seconds(600))
        let server = try SessionServer(
            configuration: configuration,
            routes: { router, _ in
                router.post("/step/:step") { _, context in
                    inside.add(1)
                    #expect(inside.value == 1)
                    let step = try context.parameters.require("step")
                    try await Task.sleep(for: .milliseconds(1))
                    context.sessions.withLockedSession { $0?.steps.append(step) }
                    inside.add(-1)
                    return step
                }
            })
        let browser = server.browser()
        await browser.post("/login/ada")
        await withTaskGroup(of: Void.self) { group in
            for step in 0..<20 { group.addTask { await browser.post("/step/\(step)") } }
        }
        let token = try #require(browser.token)
        #expect(try await server.sessions.load(token)?.payload.steps.count == 20)
    }

    @Test("two servers on one file see each other's changes at the next request") func twoServers() async throws {
        let folder = try TemporaryFolder()
        defer { withExtendedLifetime(folder) {} }
        let stores = [try await TTLStore(path: folder("a.db")), try await TTLStore(path: folder("a.db"))]
        let sessions = try stores.map { try Sessions<Visit>(store: $0) }
        for round in 0..<200 {
            let issued = try await sessions[0].create(Visit(), subject: "ada")
            var session = try #require(try await sessions[1].load(issued.token.text))
            session.payload.name = "\(round)"
            try await sessions[1].save(session)
            #expect(try await sessions[0].load(issued.token.text)?.payload.name == "\(round)")
            #expect(try await sessions[round % 2].endAll(of: "ada") == 1)
            #expect(try await sessions[1 - round % 2].load(issued.token.text) == nil)
        }
        for store in stores { await store.close() }
    }
}
#endif
