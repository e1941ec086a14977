#if Hummingbird
import HTTPTypes
import Hummingbird
import NIOCore
import TTLHummingbird
import TTLSessions
import TTLStore
import TTLTestSupport
import Testing

/// What a request gets if something fails, and what is saved then.
@Suite struct SessionFailureTests {
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
}
#endif
