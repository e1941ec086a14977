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

    @Test("a status of 500 or more saves nothing, nor does a handler that throws") func failures() async throws {
        let server = try SessionServer()
        let browser = server.browser()
        for path in ["/fail/x", "/throw/x"] {
            #expect(await browser.post(path).cookies.isEmpty)
            #expect(try await server.rows() == 0)
        }
        await browser.post("/set/ada")
        #expect(await browser.post("/fail/x").status == .serviceUnavailable)
        #expect(await browser.post("/throw/x").status == .badRequest)
        #expect(await browser.get("/name") == "ada")
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

    @Test("a session that was ended during the request is refused with 409, and not made anew") func conflict()
        async throws
    {
        let server = try SessionServer(routes: { router, sessions in
            router.post("/ended/:way") { _, context in
                try await sessions.endAll(of: "ada")
                switch try context.parameters.require("way") {
                case "change": context.sessions.withLockedSession { $0?.name = "late" }
                case "login": context.sessions.authenticate(Visit(), as: "ada")
                case "flash": _ = try await context.sessions.takeFlash()
                default: context.sessions.regenerate()
                }
                return "done"
            }
        })
        for way in ["change", "login", "flash", "regenerate"] {
            let browser = server.browser()
            await browser.post("/login/ada")
            await browser.post("/flash/message")
            let response = await browser.send(.post, "/ended/\(way)")
            #expect(response.status == .conflict)
            #expect(response.cookies.isEmpty)
            #expect(try await server.rows() == 0)
            #expect(await browser.get("/name") == "anonymous")
        }
    }

    @Test("an application can answer a conflict in its own way") func ownConflict() async throws {
        var configuration = SessionMiddlewareConfiguration()
        configuration.conflict = { _ in HTTPError(.unauthorized) }
        let server = try SessionServer(
            configuration: configuration,
            routes: { router, sessions in
                router.post("/ended") { _, context in
                    try await sessions.endEverybody()
                    context.sessions.setSession(Visit())
                    return "done"
                }
            })
        let browser = server.browser()
        await browser.post("/login/ada")
        #expect(await browser.post("/ended").status == .unauthorized)
    }

    @Test("an error of the store is status 500, also when loading, and never an anonymous request") func closed()
        async throws
    {
        let server = try SessionServer()
        let browser = server.browser()
        await browser.post("/login/ada")
        await server.temporary.store.close()
        for (method, path) in [(HTTPRequest.Method.get, "/name"), (.get, "/plain"), (.post, "/logout")] {
            let response = await browser.send(method, path)
            #expect(response.status == .internalServerError)
            #expect((response.unhandledError as? TTLStoreError)?.code == .closed)
        }
        #expect(await server.browser().send(.get, "/name").text == "anonymous")
        #expect(await server.browser().send(.post, "/set/x").status == .internalServerError)
    }

    @Test("a login as another user whose session can't be made leaves the first user's session") func failedSwitch()
        async throws
    {
        let server = try SessionServer(routes: { router, _ in
            router.post("/switch") { _, context in
                context.sessions.authenticate(Visit(name: "eve"), as: "")
                return "done"
            }
        })
        let browser = server.browser()
        await browser.post("/login/ada")
        #expect(await browser.post("/switch").status == .internalServerError)
        #expect(await browser.get("/name") == "ada")
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

    @Test("data that is too large is status 500, and the old data stays") func tooLarge() async throws {
        let server = try SessionServer { $0.maximumPayloadSize = 200 }
        let browser = server.browser()
        await browser.post("/login/ada")
        let response = await browser.send(.post, "/change/" + String(repeating: "x", count: 300))
        #expect(response.status == .internalServerError)
        #expect((response.unhandledError as? SessionError)?.code == .payloadTooLarge)
        #expect(await browser.get("/name") == "ada")
    }

    @Test("a session of another type is ended and its cookie removed, or fails, as is set") func unreadable()
        async throws
    {
        let server = try SessionServer()
        let others = try Sessions<Int>(store: server.temporary.store)
        let browser = server.browser()
        browser.token = try await others.create(7).token.text
        let response = await browser.send(.get, "/name")
        #expect(response.text == "anonymous")
        #expect(response.cookies.first?.isRemoval == true)
        #expect(try await server.rows() == 0)

        var configuration = SessionMiddlewareConfiguration()
        configuration.unreadableSession = .fail
        let strict = try SessionServer(configuration: configuration)
        let token = try await Sessions<Int>(store: strict.temporary.store).create(7).token.text
        let failed = await strict.browser().send(.get, "/name", cookie: "__Host-id=\(token)")
        #expect(failed.status == .internalServerError)
        #expect(try await strict.rows() == 1)
    }

    @Test("a change while the body is streamed cuts the response off, and is not saved") func streamed() async throws {
        let server = try SessionServer(routes: { router, _ in
            router.get("/stream") { _, context in
                Response(
                    status: .ok,
                    body: ResponseBody { writer in
                        try await writer.write(ByteBuffer(string: context.sessions.session?.name ?? "none"))
                        context.sessions.setSession(Visit(name: "late"))
                        try await writer.finish(nil)
                    })
            }
            router.get("/quiet-stream") { _, context in
                context.sessions.withLockedSession { $0?.steps.append("before the head") }
                return Response(
                    status: .ok,
                    body: ResponseBody { writer in
                        let name = context.sessions.withLockedSession { $0?.name } ?? "none"
                        try await writer.write(ByteBuffer(string: name))
                        try await writer.finish(nil)
                    })
            }
        })
        let browser = server.browser()
        await browser.post("/set/ada")
        let response = await browser.send(.get, "/stream")
        #expect(response.text == "ada" && !response.isComplete && response.bodyError != nil)
        #expect(await browser.get("/name") == "ada")
        let quiet = await browser.send(.get, "/quiet-stream")
        #expect(quiet.text == "ada" && quiet.isComplete)
        let anonymous = await server.browser().send(.get, "/quiet-stream")
        #expect(anonymous.text == "none" && anonymous.isComplete)
    }

    @Test("the length of a body stays known") func contentLength() async throws {
        let response = try await SessionServer().browser().send(.get, "/plain")
        #expect(response.headers[.contentLength] == "5")
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

    @Test("requests that wait for a session which ends get 409, and one that waits for too long 503") func waiting()
        async throws
    {
        let isInside = Counter()
        var configuration = SessionMiddlewareConfiguration()
        configuration.exclusiveAccess = .init(waiting: .milliseconds(1))
        let server = try SessionServer(
            configuration: configuration,
            routes: { router, sessions in
                router.post("/hold") { _, context in
                    isInside.add()
                    while isInside.value == 1 { try await Task.sleep(for: .milliseconds(1)) }
                    try await sessions.endAll(of: "ada")
                    context.sessions.withLockedSession { $0?.name = "late" }
                    return "held"
                }
            })
        let browser = server.browser()
        await browser.post("/login/ada")
        async let held = browser.send(.post, "/hold")
        while isInside.value == 0 { try await Task.sleep(for: .milliseconds(1)) }
        #expect(await browser.send(.get, "/name").status == .serviceUnavailable)
        isInside.add()
        #expect(await held.status == .conflict)
    }

    @Test("an error that a handler throws after a look at the session is not cached either") func errorHeaders()
        async throws
    {
        let server = try SessionServer(routes: { router, _ in
            router.get("/mine") { _, context -> String in
                guard context.sessions.session != nil else { throw HTTPError(.notFound, message: "not yours") }
                return "yours"
            }
            router.get("/broken") { _, context in
                Response(status: context.sessions.session == nil ? .notImplemented : .ok)
            }
        })
        for (path, status) in [("/mine", HTTPResponse.Status.notFound), ("/broken", .notImplemented)] {
            let response = await server.browser().send(.get, path)
            #expect(response.status == status)
            #expect(response.headers[.cacheControl] == "no-store" && response[all: .vary] == ["Cookie"])
        }
        #expect(await server.browser().send(.get, "/mine").text.contains("not yours"))
        #expect(await server.browser().send(.get, "/nowhere").status == .notFound)
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
