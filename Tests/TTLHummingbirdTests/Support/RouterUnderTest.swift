#if Hummingbird
import HTTPTypes
import Hummingbird
import Logging
import NIOEmbedded

/// A router with its middleware and without a network: requests go to it as from the server of an `Application`.
///
/// An error that reaches the server becomes the status 500 there; `TestResponse.unhandledError` has it.
struct RouterUnderTest<Context: RequestContext>: Sendable where Context.Source == ApplicationRequestContextSource {
    private let responder: RouterResponder<Context>
    private let logger: Logger

    /// - Parameter logger: the logger of each request's context.
    init(_ router: Router<Context>, logger: Logger = .silent) {
        responder = router.buildResponder()
        self.logger = logger
    }

    /// Sends a request, and collects its response.
    func send(
        _ method: HTTPRequest.Method, _ path: String, headers: HTTPFields = [:], body: String = ""
    ) async -> TestResponse {
        await send(method, path, headers: headers, body: ByteBuffer(string: body))
    }

    /// Sends a request, and collects its response.
    func send(
        _ method: HTTPRequest.Method, _ path: String, headers: HTTPFields = [:], body: ByteBuffer
    ) async -> TestResponse {
        var headers = headers
        if body.readableBytes > 0 { headers[.contentLength] = String(body.readableBytes) }
        let head = HTTPRequest(
            method: method, scheme: "http", authority: "localhost", path: path, headerFields: headers)
        return await send(Request(head: head, body: RequestBody(buffer: body)))
    }

    /// Sends a request, and collects its response.
    /// - Parameters:
    ///   - limit: the client goes away when the response's body has more bytes: writing it throws `ClientIsGone`.
    ///   - beforeBody: called when the response has its head, and before its body is written.
    func send(
        _ request: Request, bodyLimit limit: Int = .max, beforeBody: (Response) async throws -> Void = { _ in }
    ) async -> TestResponse {
        var response = TestResponse()
        do {
            let context = Context(source: .init(channel: NIOAsyncTestingChannel(), logger: logger))
            let answer = try await responder.respond(to: request, context: context)
            response.status = answer.status
            response.headers = answer.headers
            try await beforeBody(answer)
            await response.collect(answer.body, limit: limit)
        } catch {
            response.status = .internalServerError
            response.unhandledError = error
        }
        return response
    }
}

extension Logger {
    /// Logs nothing.
    static let silent = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
}
#endif
