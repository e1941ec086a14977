#if Hummingbird
internal import HTTPTypes
internal import Hummingbird
internal import Logging
internal import NIOCore

extension ResponseBody {
    /// The body, which is cut off if a change of the session comes while it is written: the session was saved before,
    /// and the change is lost. It is noticed at the next part of the body, and at its end.
    func refusingLateChanges(_ box: RequestSessionBox<some Codable & Sendable>, _ logger: Logger) -> ResponseBody {
        let body = self
        return ResponseBody(contentLength: contentLength) { writer in
            try await body.write(
                LateChangeWriter(inner: writer) {
                    guard box.withLock({ $0.wasChangedTooLate }) else { return }
                    logger.error("a session was changed after the head of the response was sent; the change is lost")
                    throw ChangedTooLate()
                })
        }
    }
}

/// A handler has changed the session while it wrote the response's body.
struct ChangedTooLate: Error {}

private struct LateChangeWriter: ResponseBodyWriter {
    var inner: any ResponseBodyWriter
    let check: () throws -> Void

    mutating func write(_ buffer: ByteBuffer) async throws {
        try check()
        try await inner.write(buffer)
    }

    mutating func write(contentsOf buffers: some Sequence<ByteBuffer>) async throws {
        try check()
        try await inner.write(contentsOf: buffers)
    }

    consuming func finish(_ trailingHeaders: HTTPFields?) async throws {
        try check()
        try await inner.finish(trailingHeaders)
    }
}
#endif
