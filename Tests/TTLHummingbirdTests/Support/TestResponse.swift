#if Hummingbird
import HTTPTypes
import Hummingbird
import TTLTestSupport

/// A response as the client gets it.
struct TestResponse: Sendable {
    var status: HTTPResponse.Status = .ok
    var headers: HTTPFields = [:]
    private(set) var body = ByteBuffer()
    private(set) var trailers: HTTPFields?
    /// Whether the body was written to its end.
    private(set) var isComplete = false
    /// What the writer of the body threw. The server would close the connection.
    private(set) var bodyError: (any Error)?
    /// What reached the server in place of a response.
    var unhandledError: (any Error)?

    /// The body as text.
    var text: String { String(buffer: body) }

    /// The values of all header fields with that name, one for each field: cookies can't be joined.
    subscript(all name: HTTPField.Name) -> [String] { headers[values: name] }

    /// Writes a body as the server does.
    mutating func collect(_ body: ResponseBody, limit: Int) async {
        let writer = CollectingWriter(limit: limit)
        do { try await body.write(writer) } catch { bodyError = error }
        (self.body, trailers, isComplete) = writer.collected.withLock { ($0.body, $0.trailers, $0.isComplete) }
    }
}

/// Thrown to the writer of a body whose client has gone away.
struct ClientIsGone: Error {}

private struct CollectingWriter: ResponseBodyWriter {
    struct Collected {
        var body = ByteBuffer()
        var trailers: HTTPFields?
        var isComplete = false
    }

    let limit: Int
    let collected = Guarded(Collected())

    func write(_ buffer: ByteBuffer) async throws {
        try collected.withLock {
            guard $0.body.readableBytes + buffer.readableBytes <= limit else { throw ClientIsGone() }
            $0.body.writeImmutableBuffer(buffer)
        }
    }

    func finish(_ trailers: HTTPFields?) async throws {
        collected.withLock {
            $0.trailers = trailers
            $0.isComplete = true
        }
    }
}
#endif
